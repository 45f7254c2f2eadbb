#!/bin/bash
# The tests of fork, of the loader and of threads' ends, run again and again: none hangs, each run ends as
# the bare one does and leaves all its images, whole. RUNS=1000 for the long form; words on the command line
# choose some of them.
# timeout: 14400
# pitfall: P1 P36
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/case.inc
. "$tests/case.inc"

runs=${RUNS:-40}
limit=60 # seconds for a run, which takes one at most

# What is repeated, and what makes it shorter.
programs='
torture/fork_held.c       -DCHILDREN=20
torture/fork_in_handler.c -DFORKS=20
cases/fork_tree.c
cases/fork_inherits.c
cases/clone_raw.c
cases/vfork_exec.c
torture/dltorture.c       -DLOADS=100
cases/dlclose_reused.c
cases/dlopen_from_thread.c
cases/phdr_lock.c
cases/phdr_malloc.c
cases/thread_ends.cc
cases/thread_reuse.c
cases/threads_unjoined.c
cases/main_exits.c
torture/threads_start_together.c
'

# once HOW: one run of the program, its output in HOW.out, its status returned; 124 after the limit. Children
# that hang outlive it: timeout makes a process group, which is killed in the end.
once() {
	local how=$1 group status
	shift
	timeout -k 5 $limit "${launch[@]}" env "$@" "${environment[@]}" "$program" "${arguments[@]}" \
		>"$how.out" 2>"$how.err" </dev/null &
	group=$!
	wait $group
	status=$?
	[ $status != 124 ] && [ $status != 137 ] || kill -KILL -- -$group
	return $status
} 2>/dev/null

# whole_images COUNT: the images that were left are so many, and each is one of a process that has ended,
# or was replaced, with nothing dropped.
whole_images() {
	local list
	mapfile -t list < <(images)
	expect_eq "$name: images" "$1" ${#list[@]}
	report
	expect_eq "$name: processes whose images are not whole" '' "$(field '.processes[] |
		select((.state != "clean" and .state != "exec") or .not_recorded.dropped_events > 0) |
		"\(.args) [\(.pid)]: \(.state), \(.not_recorded)"')"
	rm -f "$work"/images/*
}

total=0 hung=0
# In portions, because images take room.
repeat() {
	local file=$1 left=$runs portion images_of_one=0 status
	shift
	case_read "$tests/$file"
	case_build "$@"
	once bare "LD_PRELOAD=$PRELOAD_MORE" || fail "$name: the bare run ends with status $?"
	while [ "$left" -gt 0 ]; do
		for ((portion = 0; portion < 20 && left > 0; portion++, left--)); do
			once preloaded "LD_PRELOAD=$lib${PRELOAD_MORE:+:$PRELOAD_MORE}" \
				"LEAK_OPTIONS=output=$work/images/leak.%e.%p.leak"
			status=$?
			total=$((total + 1))
			if [ $status = 124 ] || [ $status = 137 ]; then
				hung=$((hung + 1))
				echo "$name: run $((runs - left + 1)) hangs"
				continue
			fi
			[ $status = 0 ] || fail "$name: run $((runs - left + 1)) ends with status $status: $(cat preloaded.err)"
			cmp bare.out preloaded.out || fail "$name: the output differs"
			[ "$images_of_one" -gt 0 ] || images_of_one=$(images | wc -l)
		done
		[ "$hung" -gt 0 ] || whole_images $((portion * images_of_one))
	done
	echo "$name: $runs runs"
}

count=0
while read -r file flag; do
	[ -n "$file" ] || continue
	[ $# = 0 ] || [[ " $* " == *" $(basename "${file%.*}") "* ]] || continue
	repeat "$file" ${flag:+"$flag"}
	count=$((count + 1))
done <<<"$programs"
[ $count -gt 0 ] || fail "none of them: $*"
echo "counted: $total runs of $count programs, $hung of them hung"
[ "$hung" = 0 ]
