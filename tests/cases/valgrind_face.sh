#!/bin/bash
# leak-valgrind takes valgrind's options: log and XML, their names, exit statuses, children.
. "$(dirname "$0")/../lib.sh"
need xmllint
v=$build/leak-valgrind

cat >p.c <<'END'
#include "far.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
static void *kept;
static void lose(void) { ((char *)malloc(100))[0] = 1; kept = malloc(10); }
int main(int count, char **arguments)
{
	const char *how = count > 1 ? arguments[1] : "";
	if (strcmp(how, "clean") == 0)
		return 0;
	if (strcmp(how, "exec") == 0)
		execl(arguments[0], arguments[0], (char *)NULL);
	if (strcmp(how, "child") == 0 && fork() == 0)
		execl(arguments[0], arguments[0], (char *)NULL);
	wait(NULL);
	if (strcmp(how, "child") == 0)
		return 0;
	far_below(lose);
	if (strcmp(how, "kill") == 0)
		raise(SIGKILL);
	return 5;
}
END
gcc -g -I"$tests/classes/parts" -o p p.c || fail "cannot compile"

expect_eq version valgrind-3.19.0-leak "$("$v" --version)"
"$v" >out 2>&1
expect_eq "status without a program" 2 $?

# The program's own status and output; what is an error changes the status.
"$v" ./p >out 2>err
expect_eq "status of the program" 5 $?
expect_eq "output of the program" '' "$(cat out)"
grep -q 'definitely lost: 100 bytes in 1 blocks' err || fail "no summary: $(cat err)"
! grep -q 'loss record' err || fail "records in a summary: $(cat err)"
grep -q 'ERROR SUMMARY: 0 errors' err || fail "errors in a summary: $(cat err)"
status_of() {
	"$v" -q "$@" >out 2>err
	echo $?
}
expect_eq "status with a leak" 9 "$(status_of --leak-check=full --error-exitcode=9 ./p)"
expect_eq "status with a summary" 5 "$(status_of --error-exitcode=9 ./p)"
expect_eq "status with no errors" 5 "$(status_of --leak-check=full --error-exitcode=9 --errors-for-leak-kinds=none ./p)"
expect_eq "status with nothing lost" 0 "$(status_of --leak-check=full --error-exitcode=9 ./p clean)"
expect_eq "log with nothing lost" '' "$(cat err)"
expect_eq "status of what is not there" 127 "$(status_of ./nothing)"
expect_eq "status of a signal" 137 "$(status_of ./p kill)"
expect_eq "status of a wrong value" 2 "$(status_of --leak-check=maybe ./p)"
expect_eq "status of another tool" 2 "$(status_of --tool=callgrind ./p)"

# What is shown.
records() {
	"$v" -q --leak-check=full "$@" ./p 2>&1 | grep -c 'loss record'
}
expect_eq "records by default" 1 "$(records)"
expect_eq "records of all kinds" 2 "$(records --show-leak-kinds=all)"
expect_eq "records with what is reachable" 2 "$(records --show-reachable=yes)"
expect_eq "records of one kind" 1 "$(records --show-leak-kinds=reachable)"
expect_eq "frames" 2 "$("$v" -q --leak-check=yes --num-callers=2 ./p 2>&1 | grep -c ' 0x')"
# Of a cut stack is seen whose it is, before it is one record with others.
cat >cut.c <<'END'
#include "far.h"
#include <stdio.h>
#include <stdlib.h>
static void *volatile sink;
static void one(void) { sink = malloc(10); }
static void other(void) { sink = malloc(20); }
static void both(void) { one(); other(); sink = NULL; }
int main(void) { puts("a buffer of libc"); far_below(both); return 0; }
END
gcc -g -I"$tests/classes/parts" -o cut cut.c || fail "cannot compile"
cut_records() {
	"$v" -q --leak-check=full --show-leak-kinds=all --num-callers="$1" ./cut 2>&1 >out | sed -n 's/.*== \(.*\) in loss record.*/\1/p' | paste -sd,
}
expect_eq "records of one frame" '30 bytes in 2 blocks are definitely lost' "$(cut_records 1)"
expect_eq "records of two" '10 bytes in 1 blocks are definitely lost,20 bytes in 1 blocks are definitely lost' "$(cut_records 2)"
"$v" --suppressions=/nonexistent ./p >out 2>err
expect_eq "status without the suppressions that are named" 3 $?
expect_eq "what is said then" "leak: /nonexistent: No such file or directory" "$(cat out err)"
"$v" -q --leak-check=full --gen-suppressions=all ./p 2>err
expect_eq "the entry to suppress it" '{ <insert_a_suppression_name_here> Memcheck:Leak match-leak-kinds: definite fun:malloc' \
	"$(grep -v == err | head -5 | xargs)"

# Where it goes. A log is there also when there is nothing to say.
NAME=me "$v" -q --log-file='log.%q{NAME}.%%.%p' ./p clean
expect_eq "the empty log" 0 "$(stat -c %s log.me.%.*)"
"$v" --log-fd=7 ./p clean 7>log.7
grep -q 'no leaks are possible' log.7 || fail "no log by descriptor: $(cat log.7)"
"$v" -q --leak-check=full --xml=yes --xml-file=log.xml --log-file=log.text ./p >out 2>&1
xmllint --noout log.xml || fail "not XML: $(cat log.xml)"
expect_eq "kinds in the XML" Leak_DefinitelyLost "$(sed -n 's/.*<kind>\(.*\)<.*/\1/p' log.xml)"
expect_eq "arguments in the XML" "$v -q" "$(sed -n '/<vargv>/,/<\/vargv>/s/.*<\(exe\|arg\)>\(.*\)<.*/\2/p' log.xml | head -2 | xargs)"
[ -e log.text ] || fail "no log beside the XML"
# XML has every record, whatever --leak-check says.
for check in --leak-check=no --leak-check=summary -q; do
	expect_eq "status with XML and $check" 9 "$(status_of --error-exitcode=9 --xml=yes --xml-file=log.xml $check ./p)"
	expect_eq "kinds in the XML with $check" Leak_DefinitelyLost "$(sed -n 's/.*<kind>\(.*\)<.*/\1/p' log.xml)"
done
expect_eq "status of XML without a place" 2 "$(status_of --xml=yes ./p)"

# Options that mean nothing here: known ones, and others, of which it says so.
"$v" --track-origins=yes -v --vgdb=no --foo=1 --bar=2 ./p clean 2>err
expect_eq "status with ignored options" 0 $?
expect_eq "warnings" 'leak: ignored, for they mean nothing here: --foo=1 --bar=2' "$(grep '^leak:' err)"

# Options from elsewhere: the home directory's, the environment's, this directory's, in this order.
mkdir home here
cd here || exit 1
elsewhere() { # HOME'S OPTIONS HERE'S ARGUMENTS…: how many records
	[ -z "$1" ] || echo "$1" >../home/.valgrindrc
	[ -z "$3" ] || printf '%s' "$3" >.valgrindrc
	HOME=$work/run/home VALGRIND_OPTS=$2 "$v" -q "${@:4}" ../p 2>err
	grep -c 'loss record' err
	rm -f ../home/.valgrindrc .valgrindrc
}
full=--leak-check=full no=--leak-check=no
expect_eq "records by the home directory's options" 1 "$(elsewhere $full '' '')"
expect_eq "records by the environment's options" 1 "$(elsewhere '' " -v	$full " '')"
expect_eq "records by this directory's options" 1 "$(elsewhere '' '' $full)"
expect_eq "records by a quoted option" 1 "$(elsewhere '' '' "--leak-check='full'")"
expect_eq "the environment comes later" 0 "$(elsewhere $full $no '')"
expect_eq "this directory comes later" 1 "$(elsewhere $no $no $full)"
expect_eq "the command line comes last" 0 "$(elsewhere $full $full $full $no)"
expect_eq "the command line alone" 0 "$(elsewhere $full $full $full --command-line-only=yes)"
expect_eq "options for memcheck" 1 "$(elsewhere '' --memcheck:leak-check=full '')"
expect_eq "options for another tool" 0 "$(elsewhere '' --cachegrind:leak-check=full '')"
for way in 'chmod o+w' 'rm' 'mkdir'; do
	[ "$way" = mkdir ] || echo $full >.valgrindrc
	$way .valgrindrc
	HOME=$work/run/home "$v" -q ../p 2>err
	expect_eq "records after $way" 0 "$(grep -c 'loss record' err)"
	expect_eq "warnings after $way" "$([ "$way" = rm ]; echo $?)" "$(grep -c 'valgrindrc: not read' err)"
done
rmdir .valgrindrc
VALGRIND_OPTS=word "$v" ../p 2>err
expect_eq "status of what is no option" 2 $?
expect_eq "what is said of it" "leak: VALGRIND_OPTS has 'word', which is no option" "$(cat err)"
VALGRIND_OPTS=--leak-check=no "$v" --xml=yes --xml-file=../log.xml ../p
expect_eq "arguments in the XML" "$v --leak-check=no --xml=yes" \
	"$(sed -n '/<vargv>/,/<\/vargv>/s/.*<\(exe\|arg\)>\(.*\)<.*/\2/p' ../log.xml | head -3 | xargs)"
cd ..

# Children: another program, and what a program became by exec.
"$v" -q --leak-check=full --error-exitcode=9 ./p child 2>err
expect_eq "status with an untraced child" 0 $?
expect_eq "log with an untraced child" '' "$(cat err)"
"$v" -q --leak-check=full --error-exitcode=9 --trace-children=yes --log-file=log.c.%p ./p child
expect_eq "status with a traced child" 9 $?
expect_eq "logs of both" 2 "$(find . -name 'log.c.*' | wc -l)"
expect_eq "records of both" 1 "$(cat log.c.* | grep -c 'loss record')"
expect_eq "status after exec" 5 "$(status_of --leak-check=full --error-exitcode=9 ./p exec)"
"$v" ./p exec 2>err
grep -q 'Nothing is known of its blocks' err || fail "it pretends to know of a program after exec: $(cat err)"
! grep -q 'no leaks are possible' err || fail "it says that there are no leaks after exec"
gcc -static -g -I"$tests/classes/parts" -o static p.c 2>/dev/null && {
	"$v" --log-file=log.static ./static clean 2>err
	expect_eq "status of what cannot be recorded" 3 $?
	grep -q 'is statically linked' err || fail "it does not say why: $(cat err)"
	! grep -q 'no leaks are possible' log.static || fail "it says that there are no leaks in what was not recorded"
}
expect_eq "status after a traced exec" 9 "$(status_of --leak-check=full --error-exitcode=9 --trace-children=yes ./p exec)"

# It leaves nothing behind.
mkdir tmp
TMPDIR=$PWD/tmp "$v" -q ./p 2>err
expect_eq "what is left" '' "$(find tmp -mindepth 1)"
expect_eq "images left here" '' "$(find . -name '*.leak')"
exit 0
