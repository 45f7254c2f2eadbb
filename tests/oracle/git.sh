#!/bin/bash
# git log of a small repository.
. "$(dirname "$0")/valgrind.inc"
need git

export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q -b main . && for i in 1 2 3; do echo $i >f && git add f && git commit -q -m "c $i"; done
oracle git --no-pager log --stat
