#!/bin/bash
# strace -f: runs programs that fork, thread and execute; attaches to one that runs and leaves it again.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need strace perl gcc
strace -o /dev/null true 2>/dev/null || skip 'strace cannot trace here'
program strace strace --version

gcc -g -O1 -pthread -o "$work/guest" "$tests/compat/parts/guest.c" || fail 'cannot compile'

# The recorder is in strace, too; -E would have it in the program alone.
traced() {
	local rounds=$1
	strace -f -qq -o trace.volatile "$work/guest" "$rounds"
	echo "guest $?"
	strace -f -qq -o trace.volatile -e trace=execve,exit_group -e signal=none perl -e '
		for (1 .. 5) { my $p = fork; if (!$p) { my @a = (1) x 10000; exit $_ } waitpid $p, 0; print $? >> 8, "\n" }
		print `echo from a shell`; exit 5'
	echo "perl $?"
	grep -o 'execve("[^"]*"' trace.volatile | sort | uniq -c
	grep -o 'exit_group(.*' trace.volatile | sort | uniq -c
}

attached() {
	local pid tracer
	perl -e '$| = 1; print "begun\n"; my %h; my $i = 0; until (-e "stop.volatile") { $h{$i++ % 1000} = "x" x ($i % 300) }
		print scalar(keys %h), "\n"; exit 3' >out &
	pid=$!
	wait_for 10 grep -q begun out
	for _ in $(seq "$1"); do
		strace -f -qq -p $pid -o trace.volatile &
		tracer=$!
		wait_for 10 grep -q . trace.volatile
		sleep 0.1
		kill -INT $tracer
		wait $tracer 2>/dev/null
	done
	touch stop.volatile && wait $pid
	echo "perl $?" && cat out
}

same traced "$(by_length 2000 200000)"
same attached "$(by_length 3 50)"
