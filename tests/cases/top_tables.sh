#!/bin/bash
# `leak top` in a file: what has grown since it began comes first, exact to the byte, until the end.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/server.inc"

build_server
open_place=$(place 'malloc(sizeof(*session))')
put_place=$(place 'malloc(500)')
map_place=$(place 'mmap(NULL')
start_server
ask ccc
watch "$server" --interval 200ms
wait_for 30 grep -q 'cache_put' out || fail "no first table: $(cat err)"
ask ggmm
wait_for 30 grep -q 'open_session' out || fail "no table with what grew: $(tail -n 15 out)"
ask f
wait_for 30 eval 'tail -n 12 out | grep -q "5,000 B .*cache_put" && ! tail -n 8 out | grep -q open_session' ||
	fail "what was freed is still there: $(tail -n 15 out)"
ask ggg
end_server
wait_for 30 test -s status || fail "leak top did not end with the process"
expect_eq "status of leak top" 0 "$(cat status)"
expect_eq "what it said to stderr" '' "$(cat err)"
expect_eq "status of the server" 3 "$ended"

# table N: the call sites of the N-th table, or of the last, without the columns of rates.
awk -v RS= '/CALL SITE/' ORS='\n\n' out >tables
first=$(awk -v RS= 'NR == 1' <tables)
grep -q '^ *5,000 B *10 *- *- *- *-  cache_put '"$put_place"' < serve < main$' <<<"$first" ||
	fail "the first table: $first"
tac out | sed "/^leak top/q" | tac >last
grep -q ' server \[[0-9]*\] exited with status 3, recorded for ' last || fail "the last title: $(cat last)"
grep -q '^live  *309.6 KiB in 3,010 blocks, .* +305 KiB in' last || fail "the last total: $(cat last)"
grep -q '^mapped  *128.0 KiB in 2 regions, .* +128 KiB in ' last || fail "what is mapped: $(cat last)"
sed -n '/LIVE/,/^$/p' last | sed -E '1d;$d;s/^( *[^ ]+ [^ ]+ +[0-9,]+ +[^ ]+( [A-Za-z]+)?) .*  /\1 | /;s/  +/ /g' >rows
diff - rows <<END || fail "the last rows differ: expected (<), got (>)"
 305 KiB 3,000 +305 KiB | open_session $open_place < serve < main
 5,000 B 10 0 | cache_put $put_place < serve < main
END
sed -n '/MAPPED/,/^$/p' last | grep -q '^  *128 KiB  *2  *+128 KiB .*  serve '"$map_place"' < main$' ||
	fail "the rows of regions: $(cat last)"
grep -qx 'the process exited with status 3' out || fail "the end is not said: $(tail -n 3 out)"
expect_eq "the last line" "next: leak report $(images)" "$(tail -n 1 out)"

# What frees at once all that it allocates has a row by allocations, and only there.
rm out err status
start_server
watch "$server" --interval 200ms --sort allocs
wait_for 30 grep -q 'cache_put' out || fail "no first table: $(cat err)"
ask tttt
wait_for 30 grep -q '^ *0 B  *0 .* [1-9][0-9,.]*[kK]*  print_text '"$(place 'malloc(40)')"' < serve < main$' out ||
	fail "no row of what allocates most: $(tail -n 15 out)"
"$leak" top "$server" --count 2 --interval 200ms >live 2>err || fail "leak top: $(cat err)"
grep -q 'cache_put' live && ! grep -q 'print_text' live || fail "by growth: $(cat live)"
end_server
