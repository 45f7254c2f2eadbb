#!/bin/bash
# git gc and the commands that it runs: what they lose is what valgrind finds that they lose.
# timeout: 240
. "$(dirname "$0")/definite.inc"
need git

export GIT_AUTHOR_DATE='2001-01-01T00:00:00Z' GIT_COMMITTER_DATE='2001-01-01T00:00:00Z'
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_CONFIG_NOSYSTEM=1
git init -q -b main "$work/made" && cd "$work/made" && git config gc.auto 0 || fail "no repository"
for i in 1 2 3 4 5; do
	seq 1 $((i * 100)) >file && git add file && git commit -q -m "change $i"
done
scenario() {
	cp -r "$work/made" . && cd made && recorded git gc -q
}
fifty scenario
[ "$(checked git)" -ge $((runs * 5)) ] || fail "only $(checked git) processes were checked"
lost_as_under_valgrind scenario
