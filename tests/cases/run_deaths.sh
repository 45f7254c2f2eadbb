#!/bin/bash
# How a process ended, in the report: as far as its image knows it, and with its signal when leak run saw it.
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >die.c <<'END'
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *volatile last;
static char *volatile nowhere = (char *)8;

static int fall(volatile char *outer)
{
	volatile char room[100000];

	room[0] = *outer;
	return room[0] == 1 ? 0 : fall(room) + room[0];
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	volatile char zero = 0;

	if (argc > 2)
		return 0;
	last = malloc(10);
	if (strcmp(how, "segv") == 0)
		*nowhere = 1;
	if (strcmp(how, "bus") == 0)
		*(volatile char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			memfd_create("empty", 0), 0) = 1;
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "overflow") == 0)
		return fall(&zero);
	if (strcmp(how, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(how, "term") == 0)
		kill(getpid(), SIGTERM);
	if (strcmp(how, "exec") == 0) {
		unsetenv("LD_PRELOAD");
		execl("/proc/self/exe", "die", "exec", "after", NULL);
	}
	if (strcmp(how, "_exit") == 0)
		_exit(5);
	if (strcmp(how, "exit_group") == 0)
		syscall(SYS_exit_group, 6);
	return 7;
}
END
gcc -g -O0 -o die die.c 2>/dev/null || fail "cannot compile"
ulimit -c 0

# deaths LAUNCHER…: every way, started so. Of each: state, signal, exit status and blocks in the
# report, and its words.
deaths() {
	local how pid
	rm -f "$work/images/"*
	for how in segv bus abort overflow kill term exec _exit exit_group return; do
		("$@" ./die $how; echo "$how $?") 2>/dev/null
	done >statuses
	report
	"$leak" report "$work/images" | awk '$1 ~ /^[0-9]+$/ { pid = $1; sub(/.* die /, ""); print pid, $0 }' >words
	field '.processes[] | "\(.pid) \(.args[1]) \(.state) \(.signal // "-") \(.exit_status // "-") \(.live.blocks)"' |
		while read -r pid rest; do
			echo "$rest: $(sed -n "s/^$pid //p" words)"
		done | sort >facts
}
statuses='segv 139
bus 135
abort 134
overflow 139
kill 137
term 143
exec 0
_exit 5
exit_group 6
return 7'

deaths preloaded
expect_eq "statuses under the recorder" "$statuses" "$(cat statuses)"
expect_eq "facts as the images have them" "$(sort <<'END'
segv killed - - 1: ended without a goodbye (killed, crashed, or by a bare system call)
bus killed - - 1: ended without a goodbye (killed, crashed, or by a bare system call)
abort killed - - 1: ended without a goodbye (killed, crashed, or by a bare system call)
overflow killed - - 1: ended without a goodbye (killed, crashed, or by a bare system call)
kill killed - - 1: ended without a goodbye (killed, crashed, or by a bare system call)
term killed - - 1: ended without a goodbye (killed, crashed, or by a bare system call)
exit_group killed - - 1: ended without a goodbye (killed, crashed, or by a bare system call)
exec exec - - 1: replaced itself by another program (exec)
_exit clean - 5 1: exited with status 5
return clean - 7 1: exited with status 7
END
)" "$(cat facts)"

deaths "$leak" run -o "$work/images/%p.leak" --
expect_eq "statuses under leak run" "$statuses" "$(cat statuses)"
expect_eq "facts as leak run knows them" "$(sort <<'END'
segv crashed 11 - 1: was killed by signal 11 (SIGSEGV)
bus crashed 7 - 1: was killed by signal 7 (SIGBUS)
abort crashed 6 - 1: was killed by signal 6 (SIGABRT)
overflow crashed 11 - 1: was killed by signal 11 (SIGSEGV)
kill crashed 9 - 1: was killed by signal 9 (SIGKILL)
term crashed 15 - 1: was killed by signal 15 (SIGTERM)
exit_group clean - 6 1: exited with status 6
exec exec - - 1: replaced itself by another program (exec)
_exit clean - 5 1: exited with status 5
return clean - 7 1: exited with status 7
END
)" "$(cat facts)"

# leak ci waits for the command, and for processes whose parents are gone.
cat >orphans.sh <<'END'
for how in kill exit_group return; do (./die $how &); done
exec ./die exit_group
END
rm -rf ci && "$leak" ci --images=ci -- sh orphans.sh 2>err
expect_eq "status of leak ci" 6 $?
"$leak" report --json ci >report.json || fail "leak report: $(cat err)"
expect_eq "facts as leak ci knows them" "$(sort <<'END'
kill crashed 9 -
exit_group clean - 6
exit_group clean - 6
return clean - 7
END
)" "$(jq -r '.processes[] | select(.args[0] == "./die") | "\(.args[1]) \(.state) \(.signal // "-") \(.exit_status // "-")"' report.json | sort)"
grep -q '^not judged: ./die kill \[[0-9]*\] was killed by signal 9 (SIGKILL); which of its 10 bytes in 1 block are lost is not known$' err ||
	fail "said: $(cat err)"
