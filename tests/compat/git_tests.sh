#!/bin/bash
# git: parts of its own tests, with the installed git.
# timeout: 1800
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/sources.inc"
need git perl
need_source git
program git git --version

quick='t0001-init t1300-config t3000-ls-files-others t4013-diff-various t5300-pack-object'
long="$quick t0000-basic t0021-conversion t1006-cat-file t3200-branch t3404-rebase-interactive t4014-format-patch
	t5304-prune t5310-pack-bitmaps t5500-fetch-pack t5510-fetch t5604-clone-reference t6030-bisect-porcelain t7003-filter-branch
	t7400-submodule-basic t7508-status"

scenario() {
	local name status=0 root=$PWD/trash.volatile
	export GIT_TEST_INSTALLED GIT_TEST_DEFAULT_HASH=sha1 TEST_OUTPUT_DIRECTORY=$PWD/results.volatile
	GIT_TEST_INSTALLED=$(dirname "$(type -P git)")
	mkdir -p "$TEST_OUTPUT_DIRECTORY"
	cd "$sources/git/t" || return
	for name; do
		echo "$name"
		./"$name.sh" --root="$root" </dev/null >"$work/log" 2>&1 || status=1
		tap <"$work/log" | sed 's/ # SKIP .*/ # SKIP/'
	done
	return $status
}

read -rd '' -a names < <(by_length "$quick" "$long")
same scenario "${names[@]}"
all_ran 300
