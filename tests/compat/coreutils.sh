#!/bin/bash
# ls and friends.
. "$(dirname "$0")/../lib.sh"
need ls find sort
program coreutils ls --version

scenario() {
	touch -d 2001-01-01 one two && mkdir sub && touch -d 2001-01-01 sub sub/three
	ls -ln --time-style=full-iso one two sub
	find . -type f | sort | xargs md5sum
	seq 1 20000 | sort -R --random-source=/dev/zero | sort -n | tail -1
	ls /proc/nope
}
STATUS=2
same scenario
