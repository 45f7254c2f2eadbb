#!/bin/bash
# tar creates an archive.
. "$(dirname "$0")/valgrind.inc"
need tar

mkdir d && for i in 1 2 3 4 5; do seq 1 1000 >d/$i; done
oracle tar --sort=name --mtime=@0 --numeric-owner -cf a.tar d
