#!/bin/bash
# leak ci: signals reach the command, whatever happens the temporary directory goes away, orphans are buried,
# and images of another run are not judged.
# timeout: 120
. "$(dirname "$0")/../lib.sh"

need gcc
cat >p.c <<'END_OF_C'
#include "far.h"
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static void lose(void) { ((char *)malloc(123))[0] = 1; }
int main(void) { far_below(lose); return 0; }
END_OF_C
gcc -g -I"$tests/classes/parts" -o p p.c || fail "cannot compile"
export TMPDIR="$work/a place%p with 100% of blanks: and more"
mkdir "$TMPDIR"
nothing_left() { # WHAT
	expect_eq "in TMPDIR after $1" '' "$(ls -A "$TMPDIR")"
}

"$leak" ci -- ./p 2>err
expect_eq "status" 23 $?
nothing_left 'a run'
here=$PWD
(cd "$TMPDIR/.." && TMPDIR="${TMPDIR##*/}" "$leak" ci -- sh -c "cd / && '$here/p'") 2>err
expect_eq "status with a relative TMPDIR" 23 $?
nothing_left 'a run with a relative TMPDIR'
"$leak" ci -- ./nonexistent 2>err
"$leak" ci --images=/proc/nonexistent -- ./p 2>err
"$leak" ci --fail-on=x -- ./p 2>err
"$leak" ci --baseline=nonexistent -- ./p 2>err
LEAK_LIBRARY=/nonexistent "$leak" ci -- ./p 2>err
"$leak" ci --symbols=/nonexistent -- ./p 2>err
"$leak" ci -- env -i "$PWD/p" 2>err
"$leak" ci -- sh -c 'kill -KILL $$' 2>err
nothing_left 'failures'

# start COMMAND…: leak ci in the background, which has written `ready` and its pid.
start() {
	rm -f ready
	"$leak" ci -- "$@" >out 2>err &
	pid=$!
	wait_for 10 test -s ready || fail "it does not start: $(cat err)"
}
for signal in TERM HUP; do
	start sh -c "trap 'echo got it; exit 5' $signal; echo x >ready; while :; do sleep 0.05; done"
	kill -$signal $pid
	wait $pid
	expect_eq "status after SIG$signal" 5 $?
	expect_eq "what the command said" 'got it' "$(cat out)"
	grep -q 'stopped by a signal: nothing was judged' err || fail "words after SIG$signal: $(cat err)"
	nothing_left "SIG$signal"
done
start sh -c 'echo x >ready; exec sleep 60'
kill -TERM $pid
wait $pid
expect_eq "status of a command that SIGTERM killed" 143 $?
nothing_left 'a command that was killed'
# As Ctrl-C: the whole group gets it. (Background jobs of a script ignore SIGINT, so one is made that does not.)
set -m
start sh -c "trap 'exit 6' INT; echo x >ready; while :; do sleep 0.05; done"
kill -INT -- -$pid
wait $pid
expect_eq "status after Ctrl-C" 6 $?
set +m
nothing_left 'Ctrl-C'
# A command that takes the signal and is content is judged.
start sh -c "trap './p; exit 0' TERM; echo x >ready; while :; do sleep 0.05; done"
kill -TERM $pid
wait $pid
expect_eq "status of a command that ended well" 23 $?

# What outlives the command is waited for; a signal ends that.
start sh -c '(sleep 60 & echo $! >ready) &'
sleep 0.3
kill -TERM $pid
wait $pid
expect_eq "status of a signal while it waits" 143 $?
kill "$(cat ready)"
nothing_left 'a signal while it waits'
before=$SECONDS
"$leak" ci --wait=200ms -- sh -c '(sleep 60 & echo $! >ready) & ./p' 2>err
expect_eq "status with --wait" 23 $?
[ $((SECONDS - before)) -lt 20 ] || fail "it waited for $((SECONDS - before)) s"
grep -q 'some processes of the run are still there' err || fail "words: $(cat err)"
kill "$(cat ready)"
nothing_left '--wait'
"$leak" ci --strict --wait=0s -- sh -c '(env -i sleep 60 & echo $! >ready) & :' 2>err
expect_eq "status with --strict" 3 $?
kill "$(cat ready)"
# The log of what is executed is gone, and so what was not measured is not known.
for strict in '' --strict; do
	"$leak" ci --images=logless$strict $strict -- sh -c "rm logless$strict/executed.*" 2>err
	got=$?
	expect_eq "status without the log $strict" "$([ -z "$strict" ] && echo 0 || echo 3)" $got
	grep -q 'cannot be read: programs that were not measured are not known' err || fail "words: $(cat err)"
done
"$leak" ci -- sh -c '(sleep 0.5; ./p) & :' 2>err
expect_eq "status of what comes late" 23 $?

# Nobody waits for a zombie in vain.
"$leak" ci --fail-on='bytes>1G' -- sh -c 'sh -c "sleep 0.2 & echo \$! >orphan"
	i=0; while kill -0 $(cat orphan) 2>/dev/null; do i=$((i + 1)); [ $i -lt 100 ] || exit 9; sleep 0.05; done' 2>err
expect_eq "status of a command that waits for an orphan" 0 $?

# --images: kept, and not mixed with others.
"$leak" ci -q --images=kept -- ./p 2>err
expect_eq "status with --images" 23 $?
expect_eq "what is kept" 1 "$(find kept -type f | grep -c '/p\.[0-9]*\.leak$')"
expect_eq "files" 1 "$(find kept -type f | wc -l)"
"$leak" ci --images=kept -- touch ran 2>err
expect_eq "status with images that are there" 2 $?
grep -q 'kept: has images already' err || fail "words: $(cat err)"
[ ! -e ran ] || fail "it ran"
mkdir mine && touch mine/executed mine/executed.log
"$leak" ci -q --images=mine -- ./p 2>err
expect_eq "files beside others" 3 "$(find mine -type f | wc -l)"

"$leak" ci --images=/dev/null -- touch ran 2>err
expect_eq "status with images in a file" 2 $?
grep -q '/dev/null: is not a directory' err || fail "words: $(cat err)"

# Nor with those of a run at the same time. The lock is not the command's: what outlives the run does not keep it.
mkfifo go
"$leak" ci -q --images=shared --wait=0s -- sh -c './p; echo >go; read -r line <go; sleep 5 & echo $! >outliving' 2>first &
first=$!
read -r line <go
"$leak" ci --images=shared -- touch ran 2>err
expect_eq "status with the images of a run under way" 2 $?
grep -q 'shared: another leak ci is making its images there' err || fail "words: $(cat err)"
[ ! -e ran ] || fail "it ran"
echo >go
wait $first
got=$?
expect_eq "status of the run that was first ($(cat first))" 23 $got
kill -0 "$(cat outliving)" || fail "nothing outlived the run"
rm shared/*.leak
"$leak" ci -q --images=shared -- ./p 2>err
expect_eq "status when the first run is over" 23 $?
kill "$(cat outliving)"

# LEAK_OPTIONS of the user stay, but for what ci needs.
LEAK_OPTIONS='depth=1:keep=leaks:output=elsewhere.leak' "$leak" ci --json -o report.json -- ./p 2>err
expect_eq "status with LEAK_OPTIONS" 23 $?
[ ! -e elsewhere.leak ] || fail "the image went elsewhere"
nothing_left 'all of it'
exit 0
