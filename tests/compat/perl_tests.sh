#!/bin/bash
# perl: parts of its own tests, with the installed perl.
# timeout: 1800
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/sources.inc"
. "$(dirname "$0")/parts/killed_young.inc"
need perl
need_source perl
program perl perl -V:version

# In a copy of the directory, where they make their files.
scenario() {
	local file log status
	cp -rs "$sources/perl" perl.volatile && cd perl.volatile/t || return
	for file in "$@"; do
		log=$work/log
		# shellcheck disable=SC2046 # one word, or none
		PERL_HASH_SEED=0 PERL_CORE=1 timeout 300 ./perl $(head -1 "$file" | grep -oE -- ' -[tTw]+' | head -1) "$file" >"$log" 2>&1 </dev/null
		status=$?
		# Names hold numbers of processes and places of memory now and then.
		echo "$file: $status, $(grep -acE '^ *ok ' "$log") ok, $(grep -acE '^ *not ok ' "$log") not ok"
		grep -aoE '^ *(not )?ok [0-9]+' "$log"
	done
	return 0
}

quick='base/*.t cmd/*.t op/sort.t op/fork.t op/array.t op/hash.t op/sprintf.t op/eval.t op/die_exit.t op/exec.t op/alarm.t
	re/regexp.t re/pat.t io/fork_*.t io/pipe.t io/open.t'
long='base/*.t cmd/*.t comp/*.t op/*.t re/*.t io/*.t mro/*.t'
cd "$sources/perl/t" || exit 1
# shellcheck disable=SC2207 # patterns
files=($(by_length "$quick" "$long"))
same scenario "${files[@]}"
all_ran 3000
