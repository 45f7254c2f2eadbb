#!/bin/bash
# git: init, commits, clone of a local repository, log, diff, gc, fsck.
. "$(dirname "$0")/../lib.sh"
need git
program git git --version

scenario() {
	export GIT_AUTHOR_DATE='2001-01-01T00:00:00Z' GIT_COMMITTER_DATE='2001-01-01T00:00:00Z'
	export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD
	git init -q -b main made && cd made || return
	git config gc.auto 0
	for i in 1 2 3 4 5; do
		seq 1 $((i * 100)) >file && git add file && git commit -q -m "change $i"
	done
	cd .. && git clone -q --no-hardlinks made cloned && cd cloned || return
	git log --stat --format='%H %s'
	git -c pack.threads=1 gc -q && git fsck --no-progress && git diff HEAD~2 --shortstat
	git rev-parse 'HEAD^{tree}'
	cd .. && rm -rf made cloned
}
same scenario
