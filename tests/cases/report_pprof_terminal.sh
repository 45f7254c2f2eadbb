#!/bin/bash
# --format=pprof is binary: it is not written to a terminal.
. "$(dirname "$0")/../lib.sh"
need gcc script gzip

gcc -o app "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
preloaded ./app
image=$(images)
for arguments in --format=pprof '--format=pprof -o /dev/tty' --pprof=/dev/tty; do
	script -qec "'$leak' report '$image' $arguments; echo status \$?" /dev/null </dev/null >said
	tr -d '\r' <said | grep -qx 'status 2' || fail "$arguments: $(cat -v said)"
	grep -q 'is not text' said || fail "$arguments says: $(cat -v said)"
	expect_eq "lines with $arguments" 2 "$(wc -l <said)"
done
script -qec "'$leak' report '$image' --format=pprof -o out.pb.gz && '$leak' report '$image' --format=pprof | cmp - out.pb.gz && echo fine" \
	/dev/null </dev/null >said
grep -q fine said || fail "in a file and a pipe: $(cat -v said)"
gzip -t out.pb.gz || fail "not gzip"
