#!/bin/bash
# `leak top` on a terminal: fits the window, obeys its keys, and leaves the terminal as it was.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/server.inc"
. "$(dirname "$0")/parts/tmux.inc"

build_server
open_place=$(place 'malloc(sizeof(*session))')
put_place=$(place 'malloc(500)')
start_server
terminal 80x24 bash --norc
press "PS1='prompt> '; clear" Enter
wait_picture '^prompt> *$'
press "$leak top $server --interval 200ms" Enter
wait_picture 'cache_put'
ask g
wait_picture 'open_session'

# rows: the sites of the picture, without the columns that change.
rows() {
	sed -n '/LIVE/,/^$/p' picture | sed -E '1d;$d;s/^ *([^ ]+ [A-Za-z]+) +([0-9,]+) +(\+?[^ ]+( KiB)?) .*  /\1 | \2 | \3 | /'
}
wait_picture '102 KiB .* open_session'
rows >rows.1
diff - rows.1 <<END || fail "the rows at 80 columns: expected (<), got (>): $(cat picture)"
102 KiB | 1,000 | +102 KiB | open_session $open_place
5,000 B | 10 | 0 | cache_put $put_place
END
head -n 1 picture | grep -q '^leak top [0-9:]* *server \[[0-9]*\] still running, recorded for ' || fail "the title: $(cat picture)"
expect_eq "the last line" 'q quit  s sort: growth  p pause  h help' "$(tail -n 1 picture)"
expect_eq "lines of the screen" 24 "$(wc -l <picture)"

press h
wait_picture '^GROWTH  *how much LIVE has grown since leak top began$'
press h
wait_picture 'CALL SITE'
for order in rate live allocs growth; do
	press s
	wait_picture "s sort: $order "
done

# What is paused does not follow what goes on.
press p
wait_picture '^paused'
ask gg
sleep 0.7
wait_picture '102 KiB .* open_session'
press p
wait_picture '305 KiB .* open_session'

# A narrow window: no line is longer, none is wrapped.
resize 40x10
wait_picture '^ *LIVE *GROWTH  CALL SITE *$'
wait_picture '^ *305 KiB *+305 KiB  open_session *$'
expect_eq "lines of the narrow screen" 10 "$(wc -l <picture)"
expect_eq "the first words of its lines" 'leak live calls LIVE 305 5,000 q' \
	"$(awk 'NF { print $1 }' picture | xargs)"
resize 120x30
wait_picture 'LAST *RATE *ALLOCS/s  CALL SITE *$'
wait_picture "open_session $open_place < serve < main\$"

# Quit: the screen from before is there again.
press q
wait_picture '^prompt> *$'
grep -q 'leak top' picture || fail "the former screen is lost: $(cat picture)"
grep -q 'CALL SITE' picture && fail "the screen of leak top stays: $(cat picture)"

# Whatever ends or stops it: the terminal echoes, has its cursor and reads lines.
restored() {
	press "clear; stty -a | grep -o ' -*icanon\\| -*echo ' | xargs; echo status \$1" Enter
	wait_picture '^status'
	expect_eq "modes of the terminal after $1" 'icanon echo' "$(sed -n 's/ *$//; /icanon/p' picture)"
	expect_eq "cursor after $1" 1 "$(tmux_do display-message -p '#{cursor_flag}')"
	expect_eq "alternate screen after $1" 0 "$(tmux_do display-message -p '#{alternate_on}')"
	press clear Enter
	wait_picture '^prompt> *$'
}
restored q
for signal in INT TERM HUP TSTP; do
	press "clear; $leak top $server --interval 200ms" Enter
	wait_picture 'q quit'
	top=$(pgrep -P "$(tmux_do display-message -p '#{pane_pid}')") || fail "leak top is not there"
	kill -$signal "$top"
	wait_picture '^prompt> *$'
	restored $signal
	if [ $signal = TSTP ]; then
		press fg Enter
		wait_picture 'q quit'
		press q
		wait_picture '^prompt> *$'
		restored 'fg and q'
	fi
done

# The process ends: the last table stays, with the end.
press "clear; $leak top $server --interval 1m; echo status \$?" Enter
wait_picture 'q quit'
end_server
wait_picture '^the process exited with status 3 *$'
wait_picture '^status 0'
grep -q '305 KiB .* open_session' picture || fail "the last table is gone: $(cat picture)"
