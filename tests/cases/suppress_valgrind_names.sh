#!/bin/bash
# Entries of valgrind's format have valgrind's names: of inlined calls, of what is local, of allocators that call others.
. "$(dirname "$0")/../lib.sh"
need g++ jq xmllint
v=$build/leak-valgrind

cat >p.cc <<'END'
#include <cstdlib>
#include <cstring>
static void *volatile sink;
#define NOINLINE __attribute__((noinline))
namespace outer { template <typename T> struct Box { __attribute__((always_inline)) void put(int n) { sink = malloc(n); sink = nullptr; } }; }
namespace { NOINLINE void hidden(int n) { sink = malloc(n); sink = nullptr; } }
struct Made { NOINLINE explicit Made(int n) { sink = malloc(n); sink = nullptr; } };
extern "C" {
NOINLINE void again() { sink = realloc(nullptr, 104); sink = nullptr; }
NOINLINE void aligned() { void *p; if (posix_memalign(&p, 64, 105) == 0) sink = p; sink = nullptr; }
NOINLINE void paged() { sink = valloc(106); sink = nullptr; }
NOINLINE void text() { sink = strdup("of twenty bytes, all"); sink = nullptr; }
}
__attribute__((constructor)) static void early() { sink = malloc(108); sink = nullptr; }
static NOINLINE void run() { outer::Box<long> box; box.put(101); hidden(102); Made made(103); again(); aligned(); paged(); text(); }
static NOINLINE void clear() { volatile char room[8192]; memset((void *)room, 0, sizeof(room)); }
int main() { run(); clear(); return 0; }
END
g++ -g -O1 -fno-builtin -fno-optimize-sibling-calls -w -o p p.cc || fail "cannot compile"

# What is written, to the frame below that of the allocator's caller.
"$v" -q --leak-check=full --num-callers=3 --gen-suppressions=all ./p 2>log || fail "leak-valgrind fails: $(cat log)"
sed -n '/^{/,/^}/p' log | grep -v match-leak | xargs | sed 's/ } */\n/g' | cut -d' ' -f4- | sed '/^$/d; s/ \(fun:call_init\|obj:[^ ]*libc[^ ]*\)$//' | LC_ALL=C sort >written
diff - written <<'END' || fail "entries differ from what is expected (<)"
... fun:posix_memalign fun:aligned fun:_ZL3runv
fun:*al* fun:paged fun:_ZL3runv
fun:*alloc fun:again fun:_ZL3runv
fun:malloc fun:_ZL5earlyv
fun:malloc fun:_ZN12_GLOBAL__N_16hiddenEi fun:_ZL3runv
fun:malloc fun:_ZN4MadeC1Ei fun:_ZL3runv
fun:malloc fun:put fun:_ZL3runv fun:main
fun:malloc fun:strdup fun:text
END

# The XML says the same of each record; without "...", which its elements have not.
"$v" -q --leak-check=full --num-callers=3 --xml=yes --xml-file=xml --gen-suppressions=all ./p || fail "leak-valgrind fails"
sed -n '/^{/,/^}/p' xml | grep -v match-leak | xargs | sed 's/ } */\n/g' | cut -d' ' -f4- | sed '/^$/d; s/ \(fun:call_init\|obj:[^ ]*libc[^ ]*\)$//' | LC_ALL=C sort >in_xml
diff written in_xml || fail "entries in the XML (>) differ from those of the log (<)"
expect_eq "lines of the entry with ... as elements" posix_memalign,aligned,_ZL3runv \
	"$(sed -n '/posix_memalign<.fun>/,/suppression>/s/.*<sframe> <fun>\(.*\)<.fun>.*/\1/p' xml | head -3 | paste -sd,)"

"$leak" run -q -o p.leak -- ./p || fail "leak run"
"$leak" report --format=valgrind-xml p.leak >report.xml
xmllint --noout report.xml || fail "not XML"
grep -q '<fun>put</fun>' report.xml && grep -q '<fun>_ZN4MadeC1Ei</fun>' report.xml || fail "other names in a report in XML"
"$leak" report --xml=report.xml p.leak >out
grep -q '<fun>put</fun>' report.xml || fail "other names in a file of XML beside a report"

# What is read: as valgrind writes it, as earlier versions of leak did, and LeakSanitizer's patterns.
hidden() { # ENTRY: bytes that it hides
	printf '%b\n' "$1" >one.supp
	"$leak" report --json -q --no-default-suppressions --suppressions=one.supp p.leak |
		jq -r '[.sites[] | select(.class == "suppressed") | .bytes] | if . == [] then "none" else join(" ") end'
}
while IFS=$'\t' read -r bytes lines; do
	expect_eq "what '$lines' hides" "$bytes" "$(hidden "{\nx\nMemcheck:Leak\n${lines//; /\\n}\n}")"
done <<'END'
101	fun:malloc; fun:put; fun:_ZL3runv; fun:main
101	fun:malloc; fun:_ZN5outer3BoxIlE3putEi; fun:_ZL3runv
101	fun:malloc; fun:_ZL3runv; fun:main
102	fun:malloc; fun:_ZN12_GLOBAL__N_16hiddenEi; fun:_ZL3runv; fun:main
103	fun:malloc; fun:_ZN4MadeC1Ei
104	fun:malloc; fun:again; fun:_ZL3runv
104	fun:realloc; fun:again; fun:_ZL3runv
105	fun:memalign; fun:posix_memalign; fun:aligned
105	fun:posix_memalign; fun:aligned
none	fun:memalign; fun:aligned
106	fun:memalign; fun:paged
106	fun:valloc; fun:paged
21	fun:malloc; fun:strdup; fun:text
21	fun:malloc; fun:strdup@@GLIBC_2.2.5; fun:text
21	fun:malloc; fun:__GI___strdup; fun:text
108	fun:malloc; fun:_ZL5earlyv; ...; fun:(below main)
none	fun:malloc; fun:outer::Box<long>::put(int)
END
expect_eq "what a pattern of the whole name hides" 101 "$(hidden 'leak:^outer::Box<long>::put(int)$')"
expect_eq "what a pattern of a bare name hides" none "$(hidden 'leak:^put$')"
