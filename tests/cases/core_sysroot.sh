#!/bin/bash
# The core of another machine: its program and libraries are found below --sysroot, by their build-ids.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
mkdir "$work/there"
cd "$work/there" || exit 1
cat >lib.c <<'END'
void in_library(void (*call)(void))
{
	call();
	__asm__("");
}
END
cat >p.c <<'END'
void in_library(void (*call)(void));
static void die(void)
{
	*(volatile int *)16 = 1;
}
int main(void)
{
	in_library(die);
	return 0;
}
END
# Without frame pointers and with much on the stack nobody gets past the library without its file.
gcc -g -O2 -fomit-frame-pointer -fno-optimize-sibling-calls -Wl,--build-id -fPIC -shared -o libw.so lib.c &&
	gcc -g -O2 -fomit-frame-pointer -w -Wl,--build-id -o p p.c -L. -lw -Wl,-rpath,"$PWD" || fail "cannot compile"
crash "$PWD/p"
core_report "$core"
expect_eq "here: stack" "die:4 in_library:3 main:8" "$(stack 0)"

mkdir -p "$work/sysroot$PWD" "$work/symbols"
cp p libw.so "$work/sysroot$PWD"
mv p libw.so "$work/symbols"
core_report "$core"
expect_eq "gone: named frames" 0 "$(field '[.processes[0].threads_at_end[0].frames[] | select(.function)] | length')"
expect_eq "gone: innermost module" "$PWD/p" "$(field '.processes[0].threads_at_end[0].frames[0].module')"
"$leak" report "$core" >"$work/report.txt" 2>/dev/null
in_text "^note: $PWD/p: not found here: try --sysroot, --symbols or --debuginfod$"

core_report "$core" --sysroot="$work/sysroot"
expect_eq "--sysroot: stack" "die:4 in_library:3 main:8" "$(stack 0)"
core_report "$core" --symbols="$work/symbols"
expect_eq "--symbols: stack" "die:4 in_library:3 main:8" "$(stack 0)"
# By their paths from here.
core_report "$core" --sysroot="$(realpath --relative-to=. "$work/sysroot")"
expect_eq "relative --sysroot: stack" "die:4 in_library:3 main:8" "$(stack 0)"
core_report "$core" --symbols="$(realpath --relative-to=. "$work/symbols")"
expect_eq "relative --symbols: stack" "die:4 in_library:3 main:8" "$(stack 0)"

# Another program of that name must not lend its names.
sed 's/die/wrong/; s/die/wrong/' p.c >q.c
gcc -g -O2 -fomit-frame-pointer -w -Wl,--build-id -o p q.c "$work/symbols/libw.so" || fail "cannot compile"
core_report "$core"
expect_eq "another: named frames" 0 "$(field '[.processes[0].threads_at_end[0].frames[] | select(.function)] | length')"
expect_eq "another: said" true "$(field '.processes[0].threads_at_end[0].frames[0].file_changed')"
core_report "$core" --sysroot="$work/sysroot"
expect_eq "another, --sysroot: stack" "die:4 in_library:3 main:8" "$(stack 0)"
exit 0
