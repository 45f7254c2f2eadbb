#!/bin/bash
# --sarif=FILE and its kin write beside the report, each file completely or not at all.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/ci.inc"

mkdir -p tree/src tree/deep/er && gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
cp "$tests/cases/parts/three_blocks.c" tree/src && (cd tree && gcc -g -o p src/three_blocks.c)
preloaded tree/p
image=$(images)

"$leak" report "$image" --kinds=all --sarif=s --junit=j --gitlab=g --markdown=m --xml=x >out || fail "status $?"
grep -q '^VERDICT' out || fail "no report beside the files"
for pair in s:sarif j:junit g:gitlab m:markdown x:valgrind-xml; do
	"$leak" report "$image" --kinds=all --format="${pair#*:}" >alone
	cmp -s alone "${pair%:*}" || fail "the file of ${pair#*:} is not what --format writes: $(diff alone "${pair%:*}")"
done
expect_eq "files left aside" '' "$(find . -name '*.tmp')"

# The report itself is not changed by them: its own kinds and its worst rows.
"$leak" report "$image" >alone
"$leak" report "$image" --sarif=s >out
diff alone out || fail "the report is another one beside a file"

# The root of the sources: the git tree around the working directory, or what was asked for.
place() {
	"$leak" report "$image" --kinds=all --format=gitlab "$@" | jq -r '.[0].location.path'
}
mkdir tree/.git
expect_eq "the path below the git tree" src/three_blocks.c "$(cd tree/deep/er && place)"
expect_eq "the path below the working directory" tree/src/three_blocks.c "$(place)"
expect_eq "the path below --source-root" three_blocks.c "$(place --source-root=tree/src)"
expect_eq "the path outside of it" "$PWD/tree/src/three_blocks.c" "$(place --source-root=tree/deep)"

# A tree that was compiled by the way of a symbolic link, with this directory and its sources spelled by it or not.
ln -s "$PWD/tree" link
(cd "$PWD/link/src" && gcc -g -o ../../linked "$PWD/three_blocks.c")
rm -f "$work"/images/* && preloaded ./linked
image=$(images)
readelf --debug-dump=info linked | grep -q "DW_AT_name.*$PWD/link/src/three_blocks.c" || skip "the compiler does not note the path that it is given"
places() { # EXPECTED WHAT OPTIONS…: in both formats, with the file and, where $PWD spells it, without
	local expected=$1 what=$2
	shift 2
	expect_eq "gitlab's path $what" "$expected" "$(place "$@")"
	expect_eq "sarif's path $what" "%SRCROOT% $expected" "$("$leak" report "$image" --kinds=all --format=sarif "$@" |
		jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation | "\(.uriBaseId) \(.uri)"')"
}
cd tree/deep && places src/three_blocks.c "of a link, from the tree"
cd "$work/run/link/deep" && places src/three_blocks.c "of a link, from the link"
cd "$work/run" && places three_blocks.c "of a link, with a root that is none" --source-root=tree/src
mv tree/src/three_blocks.c moved
cd "$work/run/link/deep" && places src/three_blocks.c "of a link, where the source is gone"
expect_eq "the path with a PWD that is of another directory" "$work/run/link/src/three_blocks.c" "$(PWD=/ place)"
cd "$work/run" && mv moved tree/src/three_blocks.c

(cd tree && gcc -g -ffile-prefix-map="$PWD=." -o ../mapped src/three_blocks.c)
rm -f "$work"/images/* && preloaded ./mapped
image=$(images)
expect_eq "the path with its prefix mapped away" src/three_blocks.c "$(place)"

"$leak" report "$image" --source-root=nowhere 2>err
expect_eq "status with a root that is not there" 2 $?
"$leak" report "$image" --sarif="$image" 2>err
expect_eq "status with an image as the output" 2 $?
"$leak" report "$image" --sarif=one --junit=one 2>err
expect_eq "status with two outputs of one name" 2 $?
echo old >kept
(
	ulimit -f 0
	trap '' XFSZ
	"$leak" report "$image" --sarif=kept >/dev/null 2>err
)
expect_eq "status when it does not fit" 3 $?
expect_eq "what was there before" old "$(cat kept)"
"$leak" report "$image" --sarif=/nonexistent/s >out 2>err
expect_eq "status with a directory that is not there" 3 $?
grep -q '^VERDICT' out || fail "no report because a file beside it could not be written"
exit 0
