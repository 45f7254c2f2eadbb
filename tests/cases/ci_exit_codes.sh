#!/bin/bash
# leak ci: the exit status of every combination of how the command ends, what it leaks, what the baseline
# and suppressions know, what could be measured, and the options that change it.
# timeout: 300
# pitfall: P33
. "$(dirname "$0")/../lib.sh"

need gcc jq
cat >p.c <<'END_OF_C'
#include "far.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
void __lsan_ignore_object(const void *block) __attribute__((weak));
static void leak(void) { ((char *)malloc(100))[0] = 1; }
static void other(void) { ((char *)malloc(200))[0] = 1; }
static void ignored(void) { if (__lsan_ignore_object) __lsan_ignore_object(malloc(300)); }
static void hidden(void) { ((char *)malloc(400))[0] = 1; }
static void none(void) {}
int main(int count, char **arguments)
{
	static void (*const what[])(void) = {none, leak, other, ignored, hidden};
	static const char *const names[] = {"none", "leak", "other", "ignored", "hidden"};
	for (int i = 0; i < 5 && count > 2; i++)
		if (strcmp(arguments[1], names[i]) == 0)
			far_below(what[i]);
	if (strcmp(arguments[2], "killed") == 0)
		kill(getpid(), SIGKILL);
	return atoi(arguments[2]);
}
END_OF_C
gcc -g -I"$tests/classes/parts" -o p p.c || fail "cannot compile"
gcc -static -g -I"$tests/classes/parts" -o p_static p.c 2>/dev/null || skip "no static libc here"

# Each column of the table is a list of values; `command`, `options` and `expected` say what they mean.
statuses='0 7 killed'
# "ignored" is suppressed by the program itself, "hidden" is a leak that --suppressions=FILE names.
leaks='none leak ignored hidden'
baselines='no known another'
measured='all static dropped mixed'
options='- --strict --exitcode=5 --strict_--exitcode=0'

echo 'leak:^hidden$' >hidden.supp
for known in leak other; do
	"$leak" ci -q --images=made_$known -- ./p $known 0 2>err
	status=$?
	expect_eq "status for the baseline ($(cat err))" 23 $status
	"$leak" baseline save -q -o $known.jsonl made_$known >/dev/null 2>err || fail "no baseline: $(cat err)"
	expect_eq "entries" 1 "$(wc -l <$known.jsonl)"
done

command_for() { # MEASURED LEAK STATUS: into the array `command`
	local end="exit $3"
	[ "$3" != killed ] || end="kill -KILL \$\$"
	case $1 in
	all) command=(./p "$2" "$3") ;;
	static) command=(./p_static "$2" "$3") ;;
	dropped) command=(env -u LD_PRELOAD ./p "$2" "$3") ;;
	mixed) command=(sh -c "./p $2 0; ./p_static $2 0; env -u LD_PRELOAD ./p $2 0; $end") ;;
	esac
}

expected_for() { # MEASURED LEAK STATUS BASELINE OPTIONS
	# The command's own failure comes first.
	case $3 in
	killed) echo 137 && return ;;
	0) ;;
	*) echo "$3" && return ;;
	esac
	# Then that nothing was measured,
	case $1 in static | dropped) echo 3 && return ;; esac
	# the gate,
	if [ "$2" = leak ] && [ "$4" != known ]; then
		case $5 in
		*--exitcode=*) echo "${5##*=}" ;;
		*) echo 23 ;;
		esac
		return
	fi
	# and that something was not measured, to who is strict.
	case $1:$5 in
	mixed:*--strict*) echo 3 ;;
	*) echo 0 ;;
	esac
}

count=0
for measure in $measured; do
	for what in $leaks; do
		for status in $statuses; do
			command_for "$measure" "$what" "$status"
			for baseline in $baselines; do
				for option in $options; do
					arguments=()
					[ "$option" = - ] || IFS=_ read -ra arguments <<<"$option"
					case $baseline in
					known) arguments+=(--baseline=leak.jsonl) ;;
					another) arguments+=(--baseline=other.jsonl) ;;
					esac
					[ "$what" != hidden ] || arguments+=(--suppressions=hidden.supp)
					"$leak" ci "${arguments[@]}" -- "${command[@]}" >out 2>err
					got=$?
					row="$measure, $what, status $status, baseline $baseline, $option"
					expected=$(expected_for "$measure" "$what" "$status" "$baseline" "$option")
					[ $got = "$expected" ] || fail "$row: expected $expected, got $got: $(cat err)"
					[ ! -s out ] || fail "$row: stdout: $(cat out)"
					# Never green without a word on what was not seen.
					unseen=$(grep -c '^not measured: ' err)
					case $measure in
					all) want=0 ;;
					mixed) want=2 ;;
					*) want=1 ;;
					esac
					expect_eq "$row: not measured ($(cat err))" $want "$unseen"
					# Nor where the command failed.
					last=$(tail -1 err)
					case $status in
					0) words='judged' ;;
					killed) words='the command was killed by signal 9' ;;
					*) words="the command exited with status $status" ;;
					esac
					[[ $last = *"$words"* ]] || fail "$row: no '$words': $last"
					[[ $status = 0 || $last != *PASS* ]] || fail "$row: $last"
					count=$((count + 1))
				done
			done
		done
	done
done

# A way to fail of its own each.
expect() { # STATUS WORDS ARGUMENTS…: leak ARGUMENTS
	local status=$1 words=$2
	shift 2
	"$leak" "$@" >out 2>err
	local got=$?
	expect_eq "status of leak $* ($(cat err))" "$status" $got
	cat out err | grep -q -- "$words" || fail "words of leak $*: $(cat out err)"
	count=$((count + 1))
}
expect 2 'needs a command' ci
expect 2 'fail-on=x' ci --fail-on=x -- ./p none 0
expect 2 'fail-on= is none of' ci --fail-on= -- ./p none 0
expect 2 'need a baseline' ci --fail-on=new -- ./p none 0
expect 2 'need a baseline' check --fail-on=increase:5% made_leak
expect 2 'needs --iterations' ci --fail-on='per-iter>0' -- ./p none 0
expect 2 'repeated 0 times' ci --iterations=0 -- ./p none 0
expect 2 'at most 255' ci --exitcode=256 -- ./p none 0
expect 2 'named for two outputs' ci --sarif=x --junit=x -- touch ran
[ ! -e ran ] || fail "the command ran before its options were looked at"
expect 127 'No such file' ci -- ./nonexistent
expect 126 'denied' ci -- ./p.c
expect 3 'No such file' ci --baseline=nonexistent -- ./p none 0
expect 3 'No such file' ci --sarif=/nonexistent/x -- ./p leak 7
expect 3 'No space' ci --sarif=/dev/full -- ./p none 0
expect 23 'No space' ci --sarif=/dev/full -- ./p leak 0
expect 7 'No space' ci --sarif=/dev/full -- ./p leak 7
echo '{' >damaged.jsonl
expect 3 'damaged.jsonl' ci --baseline=damaged.jsonl -- ./p none 0
TMPDIR=/nonexistent expect 3 '/nonexistent' ci -- ./p none 0
LEAK_LIBRARY=/nonexistent/x expect 3 'LEAK_LIBRARY' ci -- ./p none 0
expect 7 'leak ci: no leaks, but the command exited with status 7; 1 process judged' ci -- ./p none 7
expect 7 'leak ci: no new leaks, but the command exited with status 7; 100 bytes' ci --baseline=leak.jsonl -- ./p leak 7
expect 7 'leak ci: no leaks over the limits, but the command exited with status 7; 100 bytes' ci --fail-on='bytes>100' -- ./p leak 7
expect 137 'leak ci: no leaks, but the command was killed by signal 9 (SIGKILL); 1 process judged' \
	ci -- sh -c './p none 0; kill -KILL $$'

# leak check: the same of what is there.
expect 23 'FAIL' check made_leak
expect 23 'FAIL' check made_leak made_other
expect 0 'PASS' check --baseline=leak.jsonl made_leak
expect 23 '--fail-on=new' check --baseline=leak.jsonl made_leak made_other
expect 0 'PASS' check --fail-on='bytes>100' made_leak
expect 23 'over bytes>99: 100 bytes' check --fail-on='bytes>99' made_leak
expect 23 'over increase:5%' check --baseline=leak.jsonl --fail-on=increase:5% made_leak made_other
expect 0 'PASS' check --baseline=leak.jsonl --fail-on=increase:0% made_leak
expect 0 'PASS' check --fail-on='per-iter>1' --iterations=100 made_leak
expect 0 'PASS' check --kinds=none made_leak
echo 'leak:^leak$' >leak.supp
expect 0 'PASS' check --suppressions=leak.supp made_leak
expect 23 '100 bytes' check --suppressions=hidden.supp made_leak
echo 'leak' >wrong.supp
expect 3 'wrong.supp:1' check --suppressions=wrong.supp made_leak
expect 3 'wrong.supp:1' ci --suppressions=wrong.supp -- touch ran
[ ! -e ran ] || fail "the command ran before its suppressions were looked at"
expect 3 '' check nonexistent
preloaded ./p leak killed 2>/dev/null
expect 3 'not judged: ./p leak killed' check "$work/images"
expect 3 'not judged' check -v "$work/images"
expect 23 'FAIL' check --kinds=unknown "$work/images"
preloaded ./p none 0
expect 0 ', 1 not' check "$work/images"
expect 3 ', 1 not' check --strict "$work/images"

echo "counted: $count combinations"
