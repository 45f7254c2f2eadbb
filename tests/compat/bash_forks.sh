#!/bin/bash
# bash forks 200 times in a row: every child ends.
# pitfall: P36
. "$(dirname "$0")/../lib.sh"
need bash
program bash bash --version

scenario() {
	bash -c 'sum=0; for ((i = 0; i < 200; i++)); do sum=$((sum + $(echo $i))); done; echo $sum'
}
same scenario
