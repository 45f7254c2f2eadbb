#!/bin/bash
# leak ci over a suite of 200 test processes, 8 of which leak: names exactly these, and exactly what it
# could not measure.
# timeout: 180
. "$(dirname "$0")/../lib.sh"

need gcc jq make python3
[ "$(id -u)" = 0 ] || skip "only root can make a set-user-id program of another user"
cat >p.c <<'END_OF_C'
#include "far.h"
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stdio.h>
extern char **environ;
static void lose(void) { ((char *)malloc(1000))[0] = 1; }
/* run HOW PROGRAM ARGUMENTS…: starts a program in that way, waits. */
static int run(char **arguments)
{
	int status = 0;
	pid_t child = -1;
	if (strcmp(arguments[0], "spawn") == 0) {
		if (posix_spawn(&child, arguments[1], NULL, NULL, arguments + 1, environ) != 0)
			return 1;
	} else if ((child = strcmp(arguments[0], "vfork") == 0 ? vfork() : fork()) == 0) {
		execv(arguments[1], arguments + 1);
		_exit(126);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 1 : WEXITSTATUS(status);
}
int main(int count, char **arguments)
{
	const char *name = strrchr(arguments[0], '/') + 1;
	static void *kept;
	kept = malloc(50);
	if (strncmp(name, "leaks_", 6) == 0)
		far_below(lose);
	if (count > 2 && strcmp(arguments[1], "run") == 0)
		return run(arguments + 2);
	if (count > 2 && strcmp(arguments[1], "exec") == 0) {
		execv("./missing", arguments + 2); /* fails, and what comes next does not */
		execv(arguments[2], arguments + 2);
		return 1;
	}
	if (count > 1 && strcmp(arguments[1], "killed") == 0)
		raise(SIGKILL);
	if (count > 1 && strcmp(arguments[1], "daemon") == 0) {
		if (fork() > 0)
			return 0;
		setsid();
		if (fork() > 0)
			_exit(0);
		sleep(1);
	}
	free(kept);
	return 0;
}
END_OF_C
mkdir bin
gcc -g -I"$tests/classes/parts" -o p p.c || fail "cannot compile"
gcc -static -g -I"$tests/classes/parts" -o p_static p.c 2>/dev/null || skip "no static libc here"
# copies FILE NAME…: programs by these names
copies() {
	local file=$1 name
	shift
	for name; do cp "$file" "bin/$name"; done
}
leaking='leaks_sh leaks_make leaks_python leaks_fork leaks_vfork leaks_spawn leaks_chain leaks_daemon'
# shellcheck disable=SC2086
copies p clean chain daemon $leaking setuid_1 setuid_2 bare stripped \
	killed_1 killed_2 killed_3 killed_4 killed_5
copies p_static static_sh static_make static_python static_fork static_vfork static_spawn static_chain \
	static_wrap
chown 65534 bin/setuid_1 bin/setuid_2 && chmod 4755 bin/setuid_1 bin/setuid_2

cat >Makefile <<'END_OF_MAKE'
all: $(addprefix clean_,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20) leaks_make static_make
clean_%: ; @bin/clean
leaks_make static_make: ; @bin/$@
END_OF_MAKE
cat >suite.py <<'END_OF_PYTHON'
import os, subprocess
for i in range(17):
    subprocess.run(['bin/clean'], check=True)
subprocess.run(['bin/leaks_python'], check=True)
subprocess.run(['bin/static_python'], check=True)
assert subprocess.run(['bin/killed_1', 'killed']).returncode == -9
os.waitpid(os.posix_spawn('bin/clean', ['bin/clean'], os.environ), 0)
try:
    subprocess.run(['bin/nothing_of_that_name'])
    raise SystemExit('it is there')
except FileNotFoundError:
    pass
END_OF_PYTHON
cat >suite.sh <<'END_OF_SUITE'
#!/bin/sh
# 200 processes; those of make, python3 and sh itself come on top.
make -s -j4 || exit 1 # 22
python3 suite.py || exit 1 # 21
i=0
while [ $i -lt 20 ]; do # 5 x 20
	bin/clean & bin/clean & bin/clean
	bin/clean run spawn bin/clean
	wait
	i=$((i + 1))
done
i=0
while [ $i -lt 4 ]; do # 7 x 4
	bin/clean run fork bin/clean
	bin/clean run vfork bin/clean
	bin/clean run spawn bin/clean
	bin/chain exec bin/chain exec bin/clean
	i=$((i + 1))
done
bin/leaks_sh # 29 from here
bin/static_sh
bin/clean run fork bin/leaks_fork
bin/clean run vfork bin/leaks_vfork
bin/clean run spawn bin/leaks_spawn
bin/clean run fork bin/static_fork
bin/clean run vfork bin/static_vfork
bin/clean run spawn bin/static_spawn
bin/chain exec bin/chain exec bin/leaks_chain
bin/chain exec bin/static_chain
bin/static_wrap exec bin/clean
bin/setuid_1
bin/clean run spawn bin/setuid_2
for one in 2 3 4 5; do bin/killed_$one killed; done 2>/dev/null
env -i bin/bare
env -u LD_PRELOAD bin/stripped
bin/leaks_daemon daemon
bin/nothing_of_that_name 2>/dev/null
echo 'the end of the suite'
END_OF_SUITE
chmod +x suite.sh

"$leak" ci --images=images --json -o report.json -- ./suite.sh >out 2>err
status=$?
expect_eq "status ($(head -5 err))" 23 $status
expect_eq "stdout of the suite" 'the end of the suite' "$(cat out)"
# shellcheck disable=SC2086
expect_eq "what leaks" "$(printf '%s definite lose\n' $leaking | sort)" \
	"$(jq -r '(.sites[] | select(.class != "suppressed")) as $site | $site.pids[] as $pid
		| .processes[] | select(.pid == $pid and .state != "exec")
		| "\(.exe | split("/") | last) \($site.class) \($site.frames[0].function)"' report.json | sort)"
expect_eq "what was not measured" \
	"bare setuid_1 setuid_2 static_chain static_fork static_make static_python static_sh static_spawn static_vfork static_wrap stripped" \
	"$(jq -r '.gate.not_measured[].program | split("/") | last' report.json | sort | paste -sd' ')"
expect_eq "reasons" '2 left no recording|2 set-user-id|8 statically linked' "$(jq -r '.gate.not_measured[].reason' report.json |
	grep -oE 'left no recording|set-user-id|statically linked' | sort | uniq -c | sed 's/^ *//' | paste -sd'|')"
expect_eq "what was not judged" 'killed_1 killed_2 killed_3 killed_4 killed_5' "$(jq -r '.gate.unjudged_pids[] as $pid
	| .processes[] | select(.pid == $pid and .state != "exec") | .exe | split("/") | last' report.json | sort | paste -sd' ')"
expect_eq "the gate" 'false 5 [{"limit":"any","over":true,"measured":1.0,"sites":8}]' \
	"$(jq -c -r '.gate | "\(.pass) \(.unjudged_processes) \(.limits)"' report.json | sed 's/"measured":1,/"measured":1.0,/')"
tests_run=$(jq '[.processes[] | select(.exe | contains("/bin/")) | select(.exe | test("/run/bin/"))] | length' report.json)
[ "$tests_run" -ge 170 ] || fail "only $tests_run recordings of the suite's own programs"
expect_eq "other files with the images" '' "$(find images -type f ! -name '*.leak')"

# The same for people: each leaking program has a line, and each that was not measured.
"$leak" check -v images >text 2>&1
expect_eq "status of leak check" 23 $?
for name in $leaking; do
	expect_eq "lines for $name" 1 "$(sed -n '/PROCESS$/,/^$/p' text | grep -c "bin/$name\b")"
done
expect_eq "lines of processes" 9 "$(sed -n '/PROCESS$/,/^$/p' text | grep -c .)"

# What it costs: CPU time of all processes, in turns with the bare suite.
cpu() { # COMMAND…: milliseconds, user and system
	local TIMEFORMAT='%U %S'
	{ time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ printf "%d\n", ($1 + $2) * 1000 }'
}
bare=0 under=0
for _ in 1 2; do
	bare=$((bare + $(cpu ./suite.sh)))
	under=$((under + $(cpu "$leak" ci -- ./suite.sh)))
done
echo "counted: 200 test processes, 8 leak, 12 not measured, 5 not judged; CPU of the bare suite $((bare / 2)) ms," \
	"of leak ci $((under / 2)) ms, judgement included"
