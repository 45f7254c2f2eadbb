#!/bin/bash
# Names of files and functions full of quotes, newlines and invalid UTF-8 are text in profiles: pprof reads it, and JSON is valid.
. "$(dirname "$0")/../lib.sh"
need gcc objcopy iconv
. "$(dirname "$0")/pprof.inc"

evil=$'evil "\'<&>; %0A\n\xff\x1b[31m'
cat >evil.c <<'END2'
#include <stdlib.h>
# 3 "dir:;\"'<&>\\n\377\033\357\277\277\r\nb/f.c"
void lose(void) { for (int i = 0; i < 3; i++) ((char *)malloc(9))[0] = 1; }
END2
echo 'void lose(void); int main(void) { lose(); return 0; }' >main.c
for flags in -g -g0; do
	name=$'p\xff"<&>:;]\n'"x$flags"
	gcc $flags -O0 -c -o evil.o evil.c && gcc -g -c -o main.o main.c &&
		objcopy --redefine-sym "lose=$evil" evil.o && objcopy --redefine-sym "lose=$evil" main.o &&
		gcc -o "$name" main.o evil.o || fail "cannot build with such names"
	rm -f "$work"/images/*
	env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/%p.leak" "./$name" $'arg\n\xff]>&' || fail "the program fails"
	image=$(images)
	for option in '' --no-symbolize; do
		"$leak" report $option --format=pprof "$image" >out.pb.gz || fail "pprof: status $?"
		"$leak" report $option --format=dhat "$image" >dhat || fail "dhat: status $?"
		"$leak" report $option --format=speedscope "$image" >speedscope || fail "speedscope: status $?"
		expect_eq "bytes with $flags $option" 27 "$(pprof_sum 4 out.pb.gz)"
		pprof -symbolize=none -raw out.pb.gz >raw
		for file in raw dhat speedscope; do
			iconv -f UTF-8 -t UTF-8 $file >/dev/null 2>&1 || fail "$file is not UTF-8"
			expect_eq "control characters in $file" '' "$(LC_ALL=C tr -d '\12\40-\377' <$file | od -An -c)"
		done
		expect_eq "bytes of dhat" 27 "$(jq '[.pps[].tb] | add' dhat)"
		expect_eq "bytes of speedscope" 27 "$(jq '[.profiles[].weights[]] | add' speedscope)"
		[ -n "$option" ] || grep -q 'evil "' raw dhat speedscope || [ $flags = -g ] || fail "the function has another name: $(cat raw)"
	done
done
exit 0
