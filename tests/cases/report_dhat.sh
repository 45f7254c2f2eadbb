#!/bin/bash
# --format=dhat is a file that valgrind's dh_view.html opens, and shows as a tree: what was not freed, by class.
. "$(dirname "$0")/../lib.sh"
need gcc jq

gcc -g -O1 -o app "$tests/cases/parts/profiled.c" -lpthread || fail "cannot compile"
preloaded ./app && preloaded ./app
mapfile -t list < <(images)
"$leak" report "${list[@]}" --format=dhat >out.json || fail "status $?"
report

# What the viewer demands, and that each stack is there once.
jq -e '.dhatFileVersion == 2 and .bklt == false and .bkacc == false and (.mode, .verb, .tu, .Mtu, .cmd | type == "string") and
	(.pid, .te | type == "number") and .ftbl[0] == "[root]" and (.ftbl as $frames | all(.pps[]; (.tb, .tbk | type == "number") and
	all(.fs[]; . > 0 and . < ($frames | length)))) and (.pps | map(.fs) | length == (unique | length))' out.json >/dev/null ||
	fail "not what the viewer takes: $(cat out.json)"
expect_eq "bytes and blocks" "$(field '[.sites[] | .bytes] | add') $(field '[.sites[] | .blocks] | add')" \
	"$(jq -r '"\(.pps | map(.tb) | add) \(.pps | map(.tbk) | add)"' out.json)"
expect_eq "what is lost" "$(field '[.sites[] | select(.class == "definite") | .bytes] | add')" \
	"$(jq '.ftbl as $frames | [.pps[] | select($frames[.fs[0]] == "[definitely lost]") | .tb] | add' out.json)"
expect_eq "the frames" '[definitely lost];malloc;inlined (profiled.c:11);make (profiled.c:16);spend (profiled.c:30);main (profiled.c:42)' \
	"$(jq -r '.ftbl as $frames | [.pps[] | select($frames[.fs[0]] == "[definitely lost]")][0].fs[:6] |
		map($frames[.] | sub("^0x[0-9A-F]+: "; "")) | join(";")' out.json)"

# The viewer itself, with the file in its input.
viewer=''
for directory in /usr/libexec/valgrind /usr/lib/*/valgrind /usr/lib/valgrind; do
	[ ! -e "$directory/dh_view.js" ] || viewer=$directory
done
[ -n "$viewer" ] || skip "no dh_view.js of valgrind here (the file has been checked)"
need chromium
cp "$viewer"/dh_view.* .
cat >page.html <<END2
<!DOCTYPE html><html><head><meta charset="UTF-8"><script src="dh_view.js"></script><script>
function drive() {
	onLoad();
	const bytes = Uint8Array.from(atob("$(base64 -w 0 out.json)"), (c) => c.charCodeAt(0));
	const files = new DataTransfer();
	files.items.add(new File([bytes], "out.json"));
	gInput.files = files.files;
	loadFile();
}
</script></head><body onload="drive()"></body></html>
END2
HOME=$work timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --virtual-time-budget=10000 \
	--dump-dom "file://$PWD/page.html" >dom 2>err || skip "chromium does not run here: $(tail -1 err)"
sed 's/<[^>]*>//g' dom >shown
grep -q 'PP 1/1 (3 children) {' shown || fail "no tree: $(grep -v '^ *$' shown | tail -5)"
grep -q 'Mode:    leak' shown || fail "no head"
# The class is a child of the root, with its sum.
lost=$(grep -B 4 '#1: \[definitely lost\]' shown)
grep -q 'Total:     20,000 bytes (.*) in 20 blocks' <<<"$lost" || fail "the class has other sums: $lost"
grep -q '#5: 0x[0-9A-F]*: spend (profiled.c:30)' <<<"$lost$(grep -A 12 '\[definitely lost\]' shown)" || fail "no stack: $(cat shown)"
