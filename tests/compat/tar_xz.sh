#!/bin/bash
# tar with xz: the archive is the same bytes and unpacks.
. "$(dirname "$0")/../lib.sh"
need tar xz
program tar tar --version

scenario() {
	mkdir in && for i in $(seq 1 30); do seq 1 $((i * 100)) >"in/$i"; done
	tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 -cJf a.tar.xz in && rm -r in &&
		tar -tJf a.tar.xz && tar -xJOf a.tar.xz in/7 | tail -1
	xz -T2 -9 -k --stdout a.tar.xz | xz -dc | sha256sum
}
same scenario
