#!/bin/bash
# timeout: 300
# 200 forks, bare clones, vforks, spawns, daemons and chains of execs while 8 threads allocate: each process has its image, each is exact.
. "$(dirname "$0")/../lib.sh"
need gcc jq
harness=$build/torture/family_harness
[ -x "$harness" ] || fail "no $harness: run make unit first"
# At fixed addresses, so that a function is at the same place in every program of the family.
gcc -O2 -g -pthread -fno-pie -no-pie -I"$root" -o family "$tests/torture/parts/family.c" ||
	fail "cannot compile the family"
"$harness" "$lib" "$PWD/family" "$work/images" >out || fail "$(cat out)"
read -r members _ blocks _ bytes _ <out
report
left='[.sites[] | select([.frames[].function] | any(. == "leave_block" or . == "leave_resized"))]'
expect_eq "the family's blocks in the report" "$blocks" "$(field "$left | map(.blocks) | add")"
expect_eq "the family's bytes in the report" "$bytes" "$(field "$left | map(.bytes) | add")"
expect_eq "killed ones in the report" 20 "$(field '[.processes[] | select(.state == "killed")] | length')"
expect_eq "replaced ones in the report" 60 "$(field '[.processes[] | select(.state == "exec")] | length')"
expect_eq "others in the report" $((members + 1 - 80)) \
	"$(field '[.processes[] | select(.state == "clean")] | length')"
sed -n '/^counted/p' out
