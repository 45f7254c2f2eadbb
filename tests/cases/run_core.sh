#!/bin/bash
# leak run says where the core of a command that crashed is: the file, or who has it.
. "$(dirname "$0")/../lib.sh"
need gcc

cat >crash.c <<'END'
#include <stdlib.h>
static void *volatile last;
int main(void)
{
	last = malloc(10);
	abort();
}
END
gcc -g -O0 -o crash crash.c || fail "cannot compile"
ulimit -c unlimited 2>/dev/null || skip "no core files are allowed here"

# crash COMMAND…: runs the program under leak run, started by COMMAND; its words go to `err`.
crash() {
	rm -f core* leak.*
	"$@" "$leak" run ./crash 2>err
	expect_eq "status of the crash" 134 $?
}
said() { # WORDS…
	grep -qxF -- "leak: $*" err || fail "not said: $*; but: $(cat err)"
}
crash env
said "./crash was killed by signal 6 (SIGABRT), core dumped"
expect_eq "words about the image" 1 "$(grep -c '^leak: what it held is in its image; next: leak report leak\.crash\.' err)"
core=$(find . -maxdepth 1 -name 'core*')
case $(cat /proc/sys/kernel/core_pattern) in
core | core.%p)
	[ -f "$core" ] || fail "no core file, but: $(cat err)"
	said "its memory at that moment is in its core; next: leak report ${core#./}"
	"$leak" report --format=json "$core" >core.json || fail "the core cannot be reported"
	expect_eq "signal in the report of the core" 6 "$(jq '.processes[0].signal' core.json)"
	;;
*)
	[ -n "$core" ] || exit 0
	;;
esac

# What the kernel is said to do with cores can be seen otherwise in a mount namespace; it does the
# same.
if unshare --mount true 2>/dev/null && [ "$core" = ./core ]; then
	pretend() { # PATTERN
		printf '%s\n' "$1" >pattern
		# shellcheck disable=SC2016
		crash unshare --mount sh -c 'mount --bind pattern /proc/sys/kernel/core_pattern && exec "$@"' sh
	}
	pretend "$PWD/c%ere"
	said "its memory at that moment is in its core; next: leak report $PWD/core"
	pretend "|/lib/systemd/systemd-coredump %P %u"
	said "$(sed -n 's/^leak: \(its core went to systemd; next: coredumpctl dump [0-9]* -o core, and then leak report core\)$/\1/p' err)"
	pretend "|/usr/bin/keep %p"
	said "its core went to what /proc/sys/kernel/core_pattern names (/usr/bin/keep %p); next: leak report CORE, once you have it"
	pretend "elsewhere/core"
	said "its core is not found here; /proc/sys/kernel/core_pattern names it elsewhere/core, from the directory that the program was in; next: leak report CORE"
	pretend "c[o]re"
	said "its core is not found here; /proc/sys/kernel/core_pattern names it c[o]re, from the directory that the program was in; next: leak report CORE"
fi
