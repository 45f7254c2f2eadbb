#!/bin/bash
# leak suppress makes entries that hide their site and no other, and finds what is wrong with a file.
. "$(dirname "$0")/../lib.sh"
need gcc g++ jq
cat >p.cc <<'END'
#include <cstdlib>
#include <cstring>
static void *volatile sink;
namespace deep { template <typename T> __attribute__((noinline)) void lose(T *, int n) { sink = malloc(n); sink = nullptr; } }
extern "C" __attribute__((noinline)) void lose_text() { sink = strdup("twelve bytes"); sink = nullptr; }
extern "C" __attribute__((noinline)) void lose_new() { sink = new char[500]; sink = nullptr; }
static __attribute__((noinline)) void clear() { volatile char room[4096]; memset((void *)room, 0, sizeof(room)); }
int main()
{
	long number;
	deep::lose(&number, 300);
	lose_text();
	lose_new();
	clear();
	return 0;
}
END
g++ -g -O0 -w -o p p.cc || fail "cannot compile"
preloaded ./p
image=$(images)

hidden() { # FILE: bytes that it hides, one site each
	"$leak" report --json --no-default-suppressions --suppressions="$1" "$image" 2>/dev/null |
		jq -r '.sites[] | select(.class == "suppressed") | .bytes' | sort -n | xargs
}

for format in lsan valgrind; do
	"$leak" suppress gen --format=$format "$image" >all.supp || fail "gen fails"
	expect_eq "what all entries of $format hide" "13 300 500" "$(hidden all.supp)"
	expect_eq "lint of them" 0 "$("$leak" suppress lint -q all.supp --against="$image" >out; echo $?)"
	[ ! -s out ] || fail "lint finds $(cat out)"
	for bytes in 13 300 500; do
		id=$("$leak" report --json "$image" | jq -r ".sites[] | select(.bytes == $bytes) | .id[0:8]")
		"$leak" suppress gen --format=$format --site="$id" --reason='it is so' --until=2999-01-31 "$image" >one.supp
		expect_eq "what the entry for $bytes bytes hides" "$bytes" "$(hidden one.supp)"
		grep -qx '# reason: it is so' one.supp || fail "no reason in $(cat one.supp)"
		grep -qx '# until: 2999-01-31' one.supp || fail "no day in $(cat one.supp)"
	done
	expect_eq "gen after it" "" "$("$leak" suppress gen --format=$format --suppressions=all.supp "$image")"
done
"$leak" suppress gen --format=valgrind --depth=2 "$image" | sed -n '/fun:_Znam/,/}/p' >out
expect_eq "an entry of two lines" "fun:_Znam fun:lose_new }" "$(xargs <out)"
# The frame that matters is there although it is deeper.
"$leak" suppress gen --format=valgrind --depth=1 "$image" | sed -n '/lose_text/,/}/p' >out
grep -q 'fun:lose_text' out || fail "the entry is of every strdup: $(cat out)"

cat >odd.supp <<'END'
leak:lose_new
leak:libc.so
leak:nobody
# until: 2001-02-03
leak:lose_text
leak:lose_new
leak:*
END
"$leak" suppress lint odd.supp >out
expect_eq "the status of lint" 1 $?
diff - out <<'END' || fail "lint differs from what is expected (<)"
odd.supp:5: 'lose_text' was meant to last until 2001-02-03
odd.supp:6: 'lose_new' is the same as that in odd.supp:1
odd.supp:7: '*' matches every stack
END
"$leak" suppress lint -q odd.supp --against="$image" | tail -n +4 >out
diff - out <<'END' || fail "lint with an image differs from what is expected (<)"
odd.supp:2: 'libc.so' is too broad: it matches by a system library's path, and hides 813 bytes in 3 blocks of 3 call sites
odd.supp:3: 'nobody' is not used: it hides nothing there
odd.supp:7: '*' is too broad: it hides 813 bytes in 3 blocks of 3 call sites, 3 of the 3 call sites with losses of their own
END
"$leak" suppress lint odd.supp --against="$image" | grep -q '^ *500 B  *1  *1  lose_new  odd.supp:1$' ||
	fail "lint does not tell what each hides"

# What is lost only through others makes neither half.
cat >list.cc <<'END'
#include <cstdlib>
#include <cstring>
struct node { struct node *next; char room[30]; };
extern "C" __attribute__((noinline)) node *make_next() { return (node *)calloc(1, sizeof(node)); }
extern "C" __attribute__((noinline)) node *make_last() { return (node *)calloc(1, sizeof(node)); }
extern "C" __attribute__((noinline)) node *make_inner() { return (node *)calloc(1, sizeof(node)); }
extern "C" __attribute__((noinline)) void lose_list() { node *volatile n = (node *)calloc(1, sizeof(node)); n->next = make_next(); n->next->next = make_inner(); n->next->next->next = make_last(); n = nullptr; }
extern "C" __attribute__((noinline)) void lose_second() { void *volatile p = malloc(200); p = nullptr; }
static __attribute__((noinline)) void clear() { volatile char room[4096]; memset((void *)room, 0, sizeof(room)); }
int main() { lose_list(); lose_second(); clear(); }
END
g++ -g -O0 -w -o list list.cc || fail "cannot compile"
"$leak" run -q -o list.leak -- ./list || fail "leak run"
list_image=list.leak
expect_eq "the classes of the list" 'definite definite indirect indirect indirect' "$("$leak" report --json --kinds=all "$list_image" | jq -r '.sites[].class' | sort | xargs)"
echo 'leak:lose_list' >half.supp
"$leak" suppress lint -q half.supp --against="$list_image" >out || fail "lint of one of two losses: $(cat out)"
printf 'leak:lose_list\nleak:lose_second\nleak:main\n' >more.supp
"$leak" suppress lint -q more.supp --against="$list_image" >out
grep -q "^more.supp:3: 'main' is too broad: .* 2 of the 2 call sites with losses of their own$" out || fail "lint: $(cat out)"
expect_eq "lines of lint" 1 "$(wc -l <out)"

# What matches nothing is not said to match everything.
printf 'leak:^$\nleak:^*$\n' >anchors.supp
"$leak" suppress lint anchors.supp >out
expect_eq "lint of anchors" "anchors.supp:1: '^$' matches no stack|anchors.supp:2: '^*$' matches every stack" "$(paste -sd'|' out)"

# An entry of LeakSanitizer's has one frame: where it is that of other sites, too, gen says so.
cat >inmain.c <<'END'
#include <stdlib.h>
#include <string.h>
__attribute__((noinline)) static void lose(int size) { ((volatile char *)malloc(size))[0] = 1; }
__attribute__((noinline)) static void lose_more(int size) { lose(size); ((volatile char *)malloc(size))[0] = 1; }
int main(void) { lose(10); lose_more(20); ((volatile char *)malloc(30))[0] = 1; memset(__builtin_alloca(4096), 0, 4096); return 0; }
END
gcc -g -O0 -w -o inmain inmain.c || fail "cannot compile"
"$leak" run -q -o inmain.leak -- ./inmain || fail "leak run"
"$leak" suppress gen inmain.leak >out
expect_eq "what gen says of others" "leak:^main$ 3|leak:^lose$ -|leak:^lose_more$ 1" \
	"$(awk '/^# [0-9]/ { n = "-" } /^# hides/ { n = $3 } /^leak:/ { print $0, n }' out | paste -sd'|')"
"$leak" suppress gen --format=valgrind inmain.leak | grep '^# hides' && fail "valgrind's are not so broad"

printf 'leak:lose_new\nleak:nobody\n' >two.supp
"$leak" suppress test two.supp "$image" | sed 's/  id [0-9a-f]*$//' >out
diff - out <<'END' || fail "test differs from what is expected (<)"
lose_new  two.supp:1
    hides 500 bytes in 1 block of 1 call site
      500 bytes in 1 block, definitely lost, by operator new[] in lose_new (p.cc:6)
nobody  two.supp:2
    hides 0 bytes in 0 blocks of 0 call sites
END

# The built-in list is a file as others are.
"$leak" suppress list >list.supp
"$leak" suppress lint list.supp >out || fail "the built-in list: $(cat out)"

wrong() { # STATUS MESSAGE ARGUMENT…
	local status=$1 message=$2
	shift 2
	"$leak" suppress "$@" >out 2>err
	expect_eq "the status of leak suppress $*" "$status" $?
	grep -qF -- "$message" err || fail "leak suppress $*: $(cat err)"
}
wrong 2 "needs one of gen, lint, test and list"
wrong 2 "needs one of gen, lint, test and list" delete
wrong 2 "needs a file" lint
wrong 2 "and an image" test two.supp
wrong 2 "a date such as" gen --until=soon "$image"
wrong 2 "no site has that id" gen --site=12345678abcd "$image"
wrong 3 "none.supp: No such file" lint none.supp
wrong 2 "takes lsan|valgrind" gen --format=text "$image"
