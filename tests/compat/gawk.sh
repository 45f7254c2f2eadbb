#!/bin/bash
# gawk: arrays, getline from a command, printf, arbitrary precision.
. "$(dirname "$0")/../lib.sh"
need gawk
program gawk gawk --version

scenario() {
	seq 1 20000 | gawk '{ a[$1 % 101] += $1; s = s substr($0, 1, 1) }
		END { n = asort(a, b); print n, b[1], b[n], length(s); "echo from a shell" | getline x; print x
		printf "%.3f %s\n", 22 / 7, toupper("done"); exit 6 }'
}
STATUS=6
same scenario
