#!/bin/bash
# What is sent to leak goes on to the program that it runs, which decides what it is worth; leak itself stays.
. "$(dirname "$0")/../lib.sh"

cat >catch.sh <<'END'
for name in TERM HUP INT QUIT USR1 USR2 ALRM WINCH; do
	trap "echo $name; exit 40" $name
done
: >ready
for _ in {1..400}; do sleep 0.05; done
END
# Job control gives it a group of its own, and SIGINT its usual meaning.
set -m
for name in TERM HUP INT QUIT USR1 USR2 ALRM WINCH; do
	rm -f ready
	"$leak" run -q -o "$work/images/$name.leak" -- bash catch.sh >out 2>err &
	pid=$!
	for _ in {1..200}; do
		[ -e ready ] && break
		sleep 0.05
	done
	kill -"$name" $pid
	wait $pid
	expect_eq "status after $name" 40 $?
	expect_eq "what the program got" $name "$(cat out)"
done
