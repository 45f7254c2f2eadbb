#!/bin/bash
# A library whose symbols crash the reader, or keep it busy for ever, costs its own names and no others.
. "$(dirname "$0")/../lib.sh"
need gcc

cat >broken.c <<'C'
#include <stdlib.h>
void *broken(void *(*then)(void)) { return then(); }
C
cat >main.c <<'C'
#include <stdlib.h>
void *broken(void *(*then)(void));
static void *make(void) { return malloc(77); }
int main(void) { return broken(make) == NULL; }
C
# In the place of libdw, for the library only: what $HOW says.
cat >libdw.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
Dwarf_Die *dwfl_module_addrdie(Dwfl_Module *module, Dwarf_Addr address, Dwarf_Addr *bias)
{
	Dwarf_Die *(*real)(Dwfl_Module *, Dwarf_Addr, Dwarf_Addr *) = dlsym(RTLD_NEXT, "dwfl_module_addrdie");
	const char *how = getenv("HOW"), *name = dwfl_module_info(module, 0, 0, 0, 0, 0, 0, 0);
	if (how && strcmp(name, "libbroken.so") == 0) {
		if (strcmp(how, "crash") == 0)
			*(volatile int *)1 = 0;
		if (strcmp(how, "abort") == 0)
			abort();
		if (strcmp(how, "exit") == 0)
			exit(1);
		for (;;)
			;
	}
	return real(module, address, bias);
}
C
gcc -g -O0 -shared -fPIC -o libbroken.so broken.c || fail 'no library'
gcc -g -O0 -o main main.c ./libbroken.so -Wl,-rpath,"$PWD" || fail 'no program'
gcc -shared -fPIC -o dw.so libdw.c -ldl || fail 'no replacement'
preloaded ./main || fail "the program ends with $?"
image=$(find "$work" -name '*.leak')

try() { # HOW REASON
	HOW=$1 LD_PRELOAD=$PWD/dw.so "$leak" report --color=never --all "$image" >out 2>err
	expect_eq "$1: status" 0 $?
	expect_eq "$1: stderr" '' "$(cat err)"
	grep -q 'make *main.c:3' out || { cat out; fail "$1: the program's own names are missing"; }
	grep -q 'libbroken.so.*(file cannot be read)' out || { cat out; fail "$1: no address in the library"; }
	grep -q "libbroken.so: its names could not be read to the end, the file may be damaged: $2" out ||
		{ cat out; fail "$1: the reason is missing"; }
	HOW=$1 LD_PRELOAD=$PWD/dw.so "$leak" report --format=json --all "$image" >json
	expect_eq "$1: functions" 'make ? main' \
		"$(jq -r '[.sites[] | select(.bytes == 77) | .frames[:3][] | .function // "?"] | join(" ")' json)"
}
"$leak" report --format=json --all "$image" >json
expect_eq 'functions' 'make broken main' \
	"$(jq -r '[.sites[] | select(.bytes == 77) | .frames[:3][] | .function // "?"] | join(" ")' json)"
try crash 'libdw was ended by signal 11'
try abort 'libdw was ended by signal 6'
try exit 'libdw did not survive it'
ulimit -S -t 2
try loop 'libdw came to no end'
