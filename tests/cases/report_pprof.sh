#!/bin/bash
# --format=pprof is what `go tool pprof` reads: the sums of the JSON report, each allocation counted once, inlined
# calls, build-ids; without names, pprof finds the same ones.
. "$(dirname "$0")/../lib.sh"
need gcc
. "$(dirname "$0")/pprof.inc"

gcc -g -O1 -o app "$tests/cases/parts/profiled.c" -lpthread || fail "cannot compile"
preloaded ./app || fail "status $?"
image=$(images)
"$leak" report "$image" --format=pprof >out.pb.gz || fail "status $?"
"$leak" report "$image" --json >"$work/report.json"
gzip -t out.pb.gz || fail "not gzip"

same_sums() { # FILE: as report.json
	expect_eq "inuse_space of $1" "$(field '[.sites[] | select(.class != "suppressed") | .bytes] | add // 0')" "$(pprof_sum 4 "$1")"
	expect_eq "inuse_objects of $1" "$(field '[.sites[] | select(.class != "suppressed") | .blocks] | add // 0')" "$(pprof_sum 3 "$1")"
}
same_sums out.pb.gz
pprof_samples out.pb.gz >samples
expect_eq "the call site of 50 blocks" '10 10000 10 10000 definite
30 30000 0 0 freed
10 10000 10 10000 reachable' "$(grep '0000 ' samples | cut -d ' ' -f 1-5 | sort -k 5,5)"
expect_eq "the thread's block" '1 300 1 300 reachable malloc worker' "$(grep ' 300 ' samples)"
expect_eq "the region" '1 1048576 1 1048576 mmap mmap app' "$(grep ' mmap ' samples)"
# Each allocation once: all that the program made, but for what left nothing behind.
expect_eq "alloc_objects" "$(field '[.sites | group_by([.allocator, .frames])[] | .[0].total_allocs] | add')" "$(pprof_sum 1 out.pb.gz)"
expect_eq "alloc_space" "$(field '[.sites | group_by([.allocator, .frames])[] | .[0].total_bytes] | add')" "$(pprof_sum 2 out.pb.gz)"

# What the viewers show.
pprof -top -unit=B out.pb.gz >top
grep -q '^Type: inuse_space$' top || fail "another default: $(cat top)"
grep -q '^File: app$' top || fail "not named by the program: $(cat top)"
grep -Eq '^ +20000B .* inlined \(inline\)$' top || fail "no inlined function: $(cat top)"
grep -Eq '^ +0 +0% .* 20000B .* make$' top || fail "not called by make: $(cat top)"
grep -q "Comment: $(field .verdict | cut -c 1-30)" <(pprof -raw out.pb.gz) || fail "no verdict in the comments"
grep -q 'Comment: \[[0-9]*\] clean: ./app$' <(pprof -raw out.pb.gz) || fail "no command in the comments"
pprof -tagfocus=kind=definite -unit=B -top out.pb.gz >top
grep -q '^Showing nodes accounting for 10000B' top || fail "kind=definite: $(cat top)"
pprof -list=spend -unit=B out.pb.gz | grep -Eq ' 20000B +[0-9]+:.*make\(1000\)' || fail "no source: $(pprof -list=spend out.pb.gz)"
build_id=$(readelf -n app | sed -n 's/.*Build ID: //p')
pprof -raw out.pb.gz | grep -Eq "^1: 0x[0-9a-f]+/0x[0-9a-f]+/0x[0-9a-f]+ $PWD/app $build_id \[FN\]\[FL\]\[LN\]\[IN\]$" ||
	fail "no mapping of the program: $(pprof -raw out.pb.gz | sed -n '/^Mappings/,$p')"
started=$(field ".processes[0].started") ended=$(pprof -raw out.pb.gz | sed -n "s/^Time: \(.*\) UTC$/\1/p")
[ "$(date -d "$ended" +%s%N)" -ge "$(date -d "$started" +%s%N)" ] || fail "the time is $ended, and it began at $started"

# Without names: pprof finds them, by whatever the program was linked with.
functions() {
	pprof -top -nodefraction=0 "$@" | grep -o ' \(make\|spend\|work\|main\)$' | sort -u | tr -d '\n'
}
for flags in '' -no-pie -Wl,--build-id=none -fuse-ld=gold -fuse-ld=lld; do
	rm -f "$work"/images/*
	# shellcheck disable=SC2086
	clang $flags -g -O1 -o plain "$tests/cases/parts/profiled.c" -lpthread 2>/dev/null ||
		gcc $flags -g -O1 -o plain "$tests/cases/parts/profiled.c" -lpthread 2>/dev/null || continue
	preloaded ./plain
	"$leak" report "$(images)" --no-symbolize --format=pprof >bare.pb.gz
	! grep -q ' \(make\|spend\|work\|main\)$' <(pprof -symbolize=none -raw bare.pb.gz) || fail "there are names with --no-symbolize"
	expect_eq "the functions that pprof finds with '$flags'" ' main make spend work' "$(functions bare.pb.gz)"
done

# Several processes, and what was asked for.
rm -f "$work"/images/*
preloaded ./app && preloaded ./app
mapfile -t list < <(images)
"$leak" report "${list[@]}" --format=pprof >two.pb.gz
"$leak" report "${list[@]}" --json >"$work/report.json"
same_sums two.pb.gz
expect_eq "samples of the call site" '20 20000 20 20000 definite
60 60000 0 0 freed
20 20000 20 20000 reachable' "$(pprof_samples two.pb.gz | grep '0000 ' | cut -d ' ' -f 1-5 | sort -k 5,5)"
expect_eq "bytes more than in one" 0 "$(($(pprof_sum 4 two.pb.gz) - 2 * $(pprof_sum 4 out.pb.gz)))"
pprof -top -unit=B -base out.pb.gz two.pb.gz | grep -Eq ' inlined' || fail "no difference"
"$leak" report "${list[@]}" --kinds=definite --format=pprof >some.pb.gz
expect_eq "kinds with --kinds" 'definite freed' "$(pprof_samples some.pb.gz | cut -d ' ' -f 5 | sort -u | tr '\n' ' ' | sed 's/ $//')"
"$leak" report "${list[@]}" --filter=spend --format=pprof >some.pb.gz
expect_eq "with --filter" 40000 "$(pprof_sum 4 some.pb.gz)"
"$leak" report "${list[@]}" --older=0.001s --format=pprof >some.pb.gz
expect_eq "freed with --older" 0 "$(pprof_samples some.pb.gz | grep -c freed)"
echo leak:spend >supp
"$leak" report "${list[@]}" --suppressions=supp --format=pprof >some.pb.gz
expect_eq "suppressed samples" 0 "$(pprof_samples some.pb.gz | grep -c ' definite ')"
grep -q 'Comment: suppressed, and not in this profile: ' <(pprof -raw some.pb.gz) || fail "the suppressed blocks are not told of"
"$leak" baseline save "${list[@]}" -o base.jsonl >/dev/null
"$leak" report "${list[@]}" --baseline=base.jsonl --format=pprof >some.pb.gz
grep -q 'baseline:\[known\]' <(pprof -raw some.pb.gz) || fail "no word of the baseline"
"$leak" report "${list[@]}" --format=pprof --group=function 2>err
expect_eq "status with --group" 2 $?

# Beside another report.
"$leak" report "${list[@]}" --pprof=beside.pb.gz >out || fail "status $?"
cmp two.pb.gz beside.pb.gz || fail "--pprof writes another one"
"$leak" report "${list[@]}" >alone
cmp alone out || fail "the report is another one beside it"
"$leak" check "${list[@]}" --pprof=gate.pb.gz >/dev/null
expect_eq "status of the gate" 23 $?
cmp two.pb.gz gate.pb.gz || fail "leak check --pprof writes another one"

# What went with exec is in it as in the JSON report.
rm -f "$work"/images/*
preloaded bash -c ': "$(./app)"; exec ./app' || fail "status $?"
mapfile -t list < <(images)
"$leak" report "${list[@]}" --format=pprof >exec.pb.gz
"$leak" report "${list[@]}" --json >"$work/report.json"
[ "$(field '[.processes[].state] | sort | unique | join(" ")')" = 'clean exec' ] || fail "no process that executed another"
same_sums exec.pb.gz
"$leak" report "${list[@]}" --pprof=beside.pb.gz >/dev/null
cmp exec.pb.gz beside.pb.gz || fail "--pprof writes another one of a process that executed another"
exit 0
