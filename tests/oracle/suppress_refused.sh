#!/bin/bash
# What valgrind and LeakSanitizer take and refuse in a file of suppressions, we do, but for what is stated.
. "$(dirname "$0")/../lib.sh"
need valgrind gcc

image_program=$work/p
echo 'int main(void) { return 0; }' >p.c
# It reads its file when there is a leak.
cat >l.c <<'EOF'
#include <stdlib.h>
void *volatile sink;
__attribute__((noinline)) void lose(void) { sink = malloc(10); sink = NULL; }
int main(void) { lose(); return 0; }
EOF
gcc -w -fsanitize=leak -o lsan l.c && gcc -o "$image_program" p.c || fail "cannot compile"
preloaded "$image_program"
image=$(images)

# A line: which tool, "ours" where only we take it, the text (as printf has it).
cat >rows <<'EOF'
valgrind both {\nn\nMemcheck:Leak\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nfun:f\n}
valgrind both {\nn\nMemcheck:Leak\nfun:f\n
valgrind both {\nn\nMemcheck:Leak\nfun:f
valgrind both {\nn\nMemcheck:Leak\n
valgrind both {\nn\n
valgrind both {\n
valgrind both {\nn\nMemcheck:Leak\n...\n}\n
valgrind both {\nn\nMemcheck:Leak\n...\n...\n}\n
valgrind both {\nn\nMemcheck:Leak\n...\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nfun:f\n...\n}\n
valgrind both {\nn\nMemcheck:Leak\n}\n
valgrind ours {\nn\nMemcheck:Leak\nsrc:f.c\n}\n
valgrind both {\nn\nMemcheck:Leak\nfun:f\nsrc:f.c\n}\n
valgrind both {\nn\nMemcheck:Leak\nfun:f\nsrc:f.c:12\n}\n
valgrind both {\nn\nMemcheck:Leak\nf\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: definite\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds:definite\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds:definite,possible\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: definite, possible\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: all\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: none\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: all,definite\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: none,definite\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: definite,definite\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: definite,\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: ,\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds:\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nmatch-leak-kinds: Definite\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leak\nfun:f\nmatch-leak-kinds: all\n}\n
valgrind both {\n}\n
valgrind both {\nn\nMemcheck\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Leek\nfun:f\n}\n
valgrind both {\nn\nMemcheck: Leak\nfun:f\n}\n
valgrind both {\nn\nmemcheck:Leak\nfun:f\n}\n
valgrind both {\nn\nMemcheck,drd:Leak\nfun:f\n}\n
valgrind both {\nn\ndrd,Memcheck:Leak\nfun:f\n}\n
valgrind both {\nn\ndrd, Memcheck:Leak\nfun:f\n}\n
valgrind both {\nn\nHelgrind:Race\nanything\n}\n
valgrind both {\nn\nMemcheck:Param\nwrite(buf)\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Cond\nfun:f\n}\n
valgrind both {\nn\nMemcheck:Value8\nfun:f\n}\n
valgrind ours {\nn\nMemcheck:Value3\nfun:f\n}\n
valgrind both { n\nMemcheck:Leak\nfun:f\n}\n
valgrind both   {\n\tn\n  Memcheck:Leak  \n\tfun:f\t\n  }  \n
valgrind both # c\n\n{\n# c\nn\n# c\nMemcheck:Leak\n# c\nfun:f\n# c\n}\n# c\n
valgrind both {\nn # c\nMemcheck:Leak\nfun:f # c\n}\n
valgrind both {\nn\nMemcheck:Leak\nfun: f\n}\n
valgrind both {\nn\nMemcheck:Leak\nfun:\n}\n
valgrind both {\nn\nMemcheck:Leak\nFUN:f\n}\n
valgrind both {\nn\nMemcheck:Leak\n....\nfun:f\n}\n
valgrind both {\r\nn\r\nMemcheck:Leak\r\nfun:f\r\n}\r\n
valgrind both fun:f\n
valgrind both {\nn\nMemcheck:Leak\nfun:f\n}\nx\n
valgrind both \n\n
lsan both leak:f\n
lsan both leak:f
lsan both  \t leak:f \t\r\n
lsan both # c\nleak:f\n\t# c\n\n
lsan both leak:\n
lsan both leak:f # c\n
lsan both f\n
lsan both leak f\n
lsan both leak :f\n
lsan both :f\n
lsan ours LEAK:f\n
lsan ours race:f\n
lsan ours leak:f\ninterceptor_via_fun:g\n
lsan ours leak:f\n\r\nleak:g\r\n
EOF

number=0
while read -r tool _ text; do
	number=$((number + 1))
	printf '%b' "$text" >"$number.supp"
	echo "$tool" >"$number.tool"
done <rows
taken() { # NUMBER: by the tool, by ours
	local status
	if [ "$(cat "$1.tool")" = valgrind ]; then
		valgrind -q --suppressions="$1.supp" ./p-bare >/dev/null 2>&1
	else
		! LSAN_OPTIONS="suppressions='$1.supp'" ./lsan 2>&1 | grep -q 'failed to parse'
	fi
	status=$?
	"$leak" report -q --suppressions="$1.supp" "$image" >/dev/null 2>&1
	echo "$((status == 0)) $(($? == 0))" >"$1.taken"
}
cp "$image_program" p-bare
./lsan 2>&1 | grep -q 'leak of 10 byte' || skip "LeakSanitizer does not run here"
export -f taken
export leak image
seq $number | xargs -P 2 -I N bash -c 'taken N'
bad=0 number=0
while read -r tool whose text; do
	number=$((number + 1))
	case "$whose $(cat "$number.taken")" in
	'both 0 0' | 'both 1 1' | 'ours 0 1') ;;
	*)
		echo "$tool '$text': stated is $whose; taken by the tool, by ours: $(cat "$number.taken")"
		bad=$((bad + 1))
		;;
	esac
done <rows
[ $bad = 0 ] || fail "$bad of $number texts are not as stated"
echo "counted: $number texts taken or refused as stated"
