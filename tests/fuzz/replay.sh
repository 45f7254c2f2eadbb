#!/bin/bash
# Every input that fuzzing kept or found is tried again: each harness on corpus/ and found/, plain and
# with sanitizers.
# timeout: 600
set -u
tests=$(cd "$(dirname "$0")" && pwd)
root=${tests%/*/*}
build=$root/${B:-build}/fuzz
export ASAN_OPTIONS=malloc_context_size=3:detect_leaks=1

[ -d "$build" ] || {
	echo "$build is not there; make replay builds it"
	exit 77
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
inputs=0 harnesses=0
for harness in "$tests"/fuzz_*.c; do
	grep -q LLVMFuzzerTestOneInput "$harness" || continue
	target=${harness##*/fuzz_} target=${target%.c}
	directories=()
	for directory in "$tests/corpus/$target" "$tests/found/$target"; do
		[ ! -d "$directory" ] || directories+=("$directory")
	done
	[ ${#directories[@]} -gt 0 ] || {
		echo "$target has no corpus"
		exit 1
	}
	for replay in "$build/replay_$target" "$build/san/replay_$target"; do
		count=$("$replay" "${directories[@]}" 2>"$log") || {
			grep -v "^$tests" "$log" | head -12
			echo "$replay ends at: $(grep "^$tests" "$log" | tail -1)"
			exit 1
		}
	done
	inputs=$((inputs + ${count% inputs})) harnesses=$((harnesses + 1))
	echo "$target: $count"
done
echo "counted: $inputs inputs of $harnesses harnesses"
