#!/bin/bash
# gdb: breakpoints in malloc and free of programs it runs to their ends; attaches to one that runs, calls malloc there, detaches.
# pitfall: P44
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need gdb gcc perl
program gdb gdb --version
gdb=(timeout 60 gdb -q -nx -batch -iex 'set debuginfod enabled off' -iex 'set auto-load off')
gcc -g -O1 -pthread -o "$work/guest" "$tests/compat/parts/guest.c" || fail 'cannot compile'
"${gdb[@]}" -ex run "$work/guest" 2>&1 </dev/null | grep -q 'exited with code 05' || skip 'gdb cannot run programs here'

# what_gdb_says: without what differs from run to run: addresses, threads' and processes' numbers.
what_gdb_says() {
	grep -E '^(\[Inferior|Breakpoint|hit|called|in )|^[0-9]+$|loaded|words' | sed -E 's/0x[0-9a-f]+/ADDRESS/g; s/process [0-9]+/process N/g'
}

# gdb itself has the recorder, and the program inherits it. Breakpoints in libc's functions, which the recorder calls;
# that in malloc is met by all threads, but never reported. What the program prints is compared as a file: in
# gdb's own output it may come in the middle of a line.
stopped() {
	"${gdb[@]}" -ex 'set breakpoint pending on' -ex 'break main' -ex "run $1 >guest.out" \
		-ex 'break __libc_malloc if $_thread > 1' -ex 'ignore 2 1000000' -ex 'break lose' -ex continue -ex 'echo in lose\n' \
		-ex 'backtrace 1' -ex 'tbreak __libc_free' -ex continue -ex 'echo hit free\n' -ex 'delete' -ex 'continue' \
		"$work/guest" 2>&1 | what_gdb_says
	cat guest.out
}

attached() {
	local rounds=$1 pid
	perl -e '$| = 1; print "begun\n"; my %h; my $i = 0; until (-e "stop.volatile") { $h{$i++ % 1000} = [(1) x ($i % 300 + 10)] }
		print scalar(keys %h), "\n"; exit 3' >out &
	pid=$!
	wait_for 10 grep -q begun out
	for ((; rounds > 0; rounds--)); do
		"${gdb[@]}" -p $pid -ex 'printf "called %d\n", ((void *(*)(unsigned long)) malloc)(1000) != 0' \
			-ex 'break __libc_free' -ex continue -ex 'echo hit free\n' -ex delete -ex detach 2>&1 | what_gdb_says
	done
	touch stop.volatile && wait $pid
	echo "perl $?" && cat out
}

# says WORDS: gdb came that far.
says() {
	grep -q "$1" "$work/preloaded.out" || fail "gdb does not say '$1': $(cat "$work/preloaded.out")"
}

same stopped "$(by_length 300 10000)"
says 'hit free' && says 'exited with code 05'
same attached "$(by_length 2 30)"
says 'called 1' && says detached
