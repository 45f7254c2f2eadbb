#!/bin/bash
# leak run says when nothing was recorded, and does not say so where it cannot know.
. "$(dirname "$0")/../lib.sh"

need gcc
other=$(need_lib libm.so.6) || skip "no library to stand in"
printf 'int main(int n, char **v) { (void)v; return n > 1 ? 7 : 0; }\n' >p.c
gcc -o p p.c || fail "cannot compile"

unrecorded() { # STATUS WORDS COMMAND…
	local status=$1 words=$2
	shift 2
	"$@" >out 2>err
	expect_eq "status of $*" "$status" $?
	grep -q "$words" err || fail "message of $*: $(cat err)"
}
LEAK_LIBRARY=$other unrecorded 3 'nothing was recorded' "$leak" run -- ./p
LEAK_LIBRARY=$other unrecorded 7 'nothing was recorded' "$leak" run -- ./p fail
LEAK_LIBRARY=$other unrecorded 3 'nothing was recorded' "$leak" run -o 'new/%e.leak' -- ./p
echo text >text
LEAK_LIBRARY=$PWD/text unrecorded 3 'text is not a shared library' "$leak" run -- ./p
LEAK_LIBRARY=/nonexistent/x unrecorded 3 '^leak: LEAK_LIBRARY=/nonexistent/x: No such file' "$leak" run -- ./p
if gcc -static -o static p.c 2>/dev/null; then
	unrecorded 3 'statically linked' "$leak" run -- ./static
	unrecorded 7 'statically linked' "$leak" run -- ./static fail
fi

# Where the name cannot be predicted there is silence; where there is an image, too.
for pattern in '%h.leak' '%q{HOME}.leak' '%t.leak' 'a/%p/x.leak'; do
	LEAK_LIBRARY=$other "$leak" run -q -o "$pattern" -- ./p 2>err
	expect_eq "status with $pattern" 0 $?
	expect_eq "words with $pattern" '' "$(cat err)"
done
for pattern in x.leak %e.leak %p %e-%p.leak 'made/%e.leak' 'made/here/x' '100%%-%e.leak'; do
	"$leak" run -q -o "$pattern" -- ./p 2>err
	expect_eq "status recorded to $pattern" 0 $?
	expect_eq "words recorded to $pattern" '' "$(cat err)"
done
"$leak" run -q -- sh -c 'mkdir elsewhere && cd elsewhere && exec /bin/true' 2>err
expect_eq "words after an exec elsewhere" '' "$(cat err)"
exit 0
