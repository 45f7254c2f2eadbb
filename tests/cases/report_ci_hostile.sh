#!/bin/bash
# Names of files and functions full of quotes, newlines, %, ]]> and invalid UTF-8 spoil no format.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/ci.inc"

evil=$'evil "\'<&>]]> %0A,:: `c` | ##[debug]\n\xff'
cat >evil.c <<'END'
#include <stdlib.h>
# 3 "dir:%0A,\"'<&>]]>\\n|`a`**b**[c](d)##[add-mask]\377\033\357\277\277\r\n::set-output name=a::b/f.c"
void lose(void) { for (int i = 0; i < 3; i++) ((char *)malloc(9))[0] = 1; }
END
echo 'void lose(void); int main(void) { lose(); return 0; }' >main.c
# With the file's name in the debug information, and with the function's name alone.
for flags in -g -g0; do
	name=$'p\xff"<&>%:,|]]>\n'"x$flags"
	gcc $flags -O0 -c -o evil.o evil.c && gcc -g -c -o main.o main.c &&
		objcopy --redefine-sym "lose=$evil" evil.o && objcopy --redefine-sym "lose=$evil" main.o &&
		gcc -o "$name" main.o evil.o || fail "cannot build with such names"
	rm -f "$work"/images/*
	env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/%p.leak" "./$name" $'arg\n\xff]]>&' || fail "the program fails"
	all_formats "$(images)" --kinds=all
	valid
	expect_eq "results with $flags" 1 "$(jq '.runs[0].results | length' sarif)"
	if [ $flags = -g ]; then
		uri=$(jq -r '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri' sarif)
		[[ $uri == dir%3A%250A%2C%22%27%3C%26%3E* ]] || fail "the uri is $uri"
	else
		grep -aq 'evil "' memcheck || fail "the function has another name: $(cat memcheck)"
	fi
	expect_eq "annotations with $flags" 1 "$(grep -ac '^::' github)"
	markup=$(grep -aoE '<[^>]*>' markdown | sort -u | tr -d '\n')
	expect_eq "markup with $flags" '</code></details></pre></summary><code><details><pre><summary>' "$markup"
	expect_eq "rows of the table with $flags" 3 "$(grep -ac '^|' markdown)"
	grep -a '^| ' markdown | tail -1 | tr -cd '|' | grep -qx '|||||||' || fail "the row has other columns: $(grep -a '^|' markdown)"
	"$python" - valgrind-xml <<-'END' || fail "the suppression is not in one piece"
		import sys, xml.etree.ElementTree as tree
		text = tree.parse(sys.argv[1]).getroot().find('error/suppression/rawtext').text.strip()
		lines = text.split('\n')
		assert lines[0] == '{' and lines[-1] == '}', text
		assert all(line.startswith('   ') for line in lines[1:-1]), text
	END
done
exit 0
