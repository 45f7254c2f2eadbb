#!/bin/bash
# Through what blocks are kept: the same at the exit with paths=1, by leak snap, and from a core.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"
need gcc jq

parts=$tests/cases/parts
gcc -g -O0 -w -shared -fPIC -o libwho.so "$parts/who_library.c" &&
	gcc -g -O0 -w -o keeps "$parts/who_keeps.c" -L. -lwho -Wl,-rpath,"$PWD" -lpthread || fail "cannot compile"

# who FILE: a line for each path of the program's own blocks, whose makers are the program's functions.
who() {
	"$leak" show --who-points --json "$1" >"$work/who.json" 2>"$work/who.err" ||
		fail "leak show --who-points: $(cat "$work/who.err")"
	jq -r '.paths[] | .kept_by as $k | (.frames | map(select(.own)) | .[0].function) as $maker
		| select($maker != null and ($maker | startswith("make_")))
		| "\($maker) \(.class) \($k.kind) \($k.module // "-" | split("/") | last) \($k.variable // "-")"
		+ "+\($k.offset) thread=\($k.thread.name // "-") register=\($k.register // "-")"
		+ " frame=\([$k.frames[] | select(.own)][0].function // "-") into=\(.into) steps="
		+ ([.steps[] | "\([.frames[] | select(.own)][0].function)*\(.blocks)+\(.offset)\(if .several_offsets then "…" else "" end)"] | join(","))' \
		"$work/who.json" | sort
}

# A tree is followed in no order that is promised, nor is the example a leaf.
settled() {
	sed 's/steps=make_tree\*.*/steps=tree/'
}

wanted='make_entry reachable variable keeps kept_session+0 thread=- register=- frame=- into=0 steps=make_session*1+24
make_for_library reachable variable libwho.so library_static+0 thread=- register=- frame=- into=0 steps=
make_for_library_tls reachable thread_local libwho.so library_tls+0 thread=holds register=- frame=- into=0 steps=
make_for_mapping reachable mapping - -+40 thread=- register=- frame=map_pages into=0 steps=
make_global reachable variable keeps kept_global+8 thread=- register=- frame=- into=0 steps=
make_held reachable stack - -+0 thread=holds register=- frame=holder into=0 steps=
make_in_register reachable register - -+0 thread=spins register=r12 frame=- into=0 steps=
make_inner possible variable keeps kept_inner+0 thread=- register=- frame=- into=4 steps=
make_list reachable variable keeps kept_list+0 thread=- register=- frame=- into=0 steps=make_list*99999+0
make_session reachable variable keeps kept_session+0 thread=- register=- frame=- into=0 steps=
make_static reachable variable keeps kept_static+16 thread=- register=- frame=- into=0 steps=
make_tls reachable thread_local keeps kept_tls+8 thread=holds register=- frame=- into=0 steps='

# same FILE WHAT
same_paths() {
	who "$1" >found
	grep -v '^make_tree ' found | settled >others
	diff <(echo "$wanted") <(grep -v '^make_for_library reachable variable libwho.so library_global' others) ||
		fail "paths $2 differ"
	grep '^make_tree ' found | grep -q 'reachable variable keeps kept_tree+0 ' || fail "the tree $2: $(grep make_tree found)"
}

OPTIONS=paths=1 preloaded ./keeps exit
image=$(images)
same_paths "$image" "at the exit"

# For people.
"$leak" show --who-points=make_list "$image" >out || fail "status $?"
grep -q '^\[[0-9]*\] .* in 100,000 blocks, still reachable: make_list (.*who_keeps.c:[0-9]*)   block 0x' out &&
	grep -q '^    kept by  keeps `kept_list` (0x' out &&
	grep -q '^          -> 99,999 blocks of make_list (.*who_keeps.c:[0-9]*), one after another, +0x0$' out &&
	grep -q '^          -> the block$' out || fail "the list for people: $(cat out)"
expect_eq "lines of --top=2" 2 "$("$leak" show --who-points --top=2 "$image" | grep -c '^\[')"
id=$("$leak" report --json "$image" | jq -r '[.sites[] | select(any(.frames[]; .function == "make_held"))][0].id')
expect_eq "by its id" 1 "$("$leak" show --who-points="${id:0:8}" "$image" | grep -c 'in the frame of holder')"
"$leak" show --who-points=no_such_function "$image" >out 2>err
expect_eq "status for a site that is not there" 3 $?

# One address: the example's, and another one of its call site.
"$leak" show --who-points --json "$image" >all.json
address=$(jq -r '[.paths[] | select(any(.frames[]; .function == "make_global"))][0].address' all.json)
"$leak" show --who-points="$address" "$image" | grep -q 'kept by  keeps `kept_global`+0x8' || fail "of $address"
"$leak" show --who-points=0x10 "$image" >out 2>err
expect_eq "status for an address without a block" 3 $?

# An image without paths says what to do.
rm -f "$work"/images/*
preloaded ./keeps exit
"$leak" show --who-points "$(images)" >out 2>err
expect_eq "status without paths" 3 $?
grep -q 'LEAK_OPTIONS=paths=1, or take a core' err || fail "it does not say what to do: $(cat err)"

# Running.
mkfifo orders
rm -f "$work"/images/*
OPTIONS=paths=1 preloaded ./keeps wait <orders >answers &
exec 9>orders
wait_for 10 grep -q ready answers || fail "it does not begin"
pid=$(pgrep -P $! keeps || echo $!)
trap 'kill -9 $pid 2>/dev/null; cleanup' EXIT
"$leak" snap -q -o snap.leak "$pid" >out 2>err || fail "leak snap: $(cat err)"
same_paths snap.leak "of leak snap"
echo >&9
exec 9>&-
wait

# From a core.
crash env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/crash.leak" "$PWD/keeps" abort
same_paths "$core" "of a core"
address=$(jq -r '[.paths[] | select(any(.frames[]; .function == "make_list"))][0].steps[0].address' "$work/who.json")
"$leak" show --who-points="$address" "$core" >out || fail "status $?"
grep -q "blocks of make_list" out || grep -q 'kept by  keeps `kept_list`' out || fail "a block of the list: $(cat out)"
exit 0
