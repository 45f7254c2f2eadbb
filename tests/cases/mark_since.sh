#!/bin/bash
# leak_check_since tells to the byte what was lost and what is live since a mark: tests in a row,
# nested marks, realloc, threads, forked children; and says so when it cannot tell.
. "$(dirname "$0")/../lib.sh"
cat >p.c <<'END'
#define _GNU_SOURCE
#include "preload/leak.h"
#include "tests/cases/parts/lose.h"
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept[8];

static __attribute__((noinline)) void tell(const char *what, unsigned mark)
{
	struct leak_since since = {{9, 9}, {9, 9}, {9, 9}, {9, 9}};
	int result;

	clear();
	errno = 77;
	result = leak_check_since(mark, &since);
	if (errno != 77)
		printf("errno %d\n", errno);
	printf("%s: %d lost %zu/%zu indirect %zu/%zu possible %zu/%zu live %zu/%zu\n", what, result,
		since.lost.bytes, since.lost.blocks, since.indirect.bytes, since.indirect.blocks,
		since.possible.bytes, since.possible.blocks, since.live.bytes, since.live.blocks);
	fflush(stdout);
}

static void one_of_five(void)
{
	for (int i = 1; i <= 5; i++) {
		char name[64];
		unsigned mark;

		snprintf(name, sizeof(name), "a test with a long name, number %d", i);
		mark = leak_mark(name);
		if (i == 3)
			lose_two(33, 44);
		if (i == 4)
			kept[0] = malloc(50);
		if (i == 5)
			kept[1] = (char *)malloc(60) + 5;
		free(malloc(1000));
		tell(name, mark);
	}
}

static void nested(void)
{
	unsigned outer = leak_mark("outer"), inner, third;

	lose(100);
	inner = leak_mark("inner");
	lose(10);
	third = leak_mark("third");
	kept[2] = malloc(1);
	tell("third", third);
	tell("inner", inner);
	tell("outer", outer);
	tell("outer again", outer);
}

/* A block counts as made when realloc changed it; one that is left alone counts as before. */
static void reallocated(void)
{
	unsigned mark;

	kept[3] = malloc(40);
	kept[4] = malloc(4000);
	mark = leak_mark("realloc");
	kept[3] = realloc(kept[3], 41);
	tell("same place", mark);
	kept[3] = realloc(kept[3], 100000);
	tell("moved", mark);
	clear();
	kept[4] = NULL;
	tell("lost, and of before", mark);
	kept[3] = NULL;
	tell("lost", mark);
}

static void *lose_in_thread(void *size)
{
	lose((size_t)size);
	clear();
	return NULL;
}

static pthread_barrier_t barrier;

static void *check_in_thread(void *mark)
{
	struct leak_since since;

	pthread_barrier_wait(&barrier);
	return (void *)(intptr_t)(leak_check_since((unsigned)(uintptr_t)mark, &since) == 1 &&
				  since.lost.bytes == 2 && since.lost.blocks == 2);
}

static void threads(void)
{
	pthread_t some[4];
	unsigned mark;
	int right = 0;

	/* What libc keeps for a thread is there before. */
	for (int i = 0; i < 4; i++)
		pthread_create(&some[i], NULL, lose_in_thread, (void *)(size_t)(1000 + i));
	for (int i = 0; i < 4; i++)
		pthread_join(some[i], NULL);
	mark = leak_mark("threads");
	for (int i = 0; i < 4; i++) {
		pthread_create(&some[i], NULL, lose_in_thread, (void *)(size_t)(200 + i));
		pthread_join(some[i], NULL);
	}
	tell("of threads", mark);
	mark = leak_mark("all at once");
	lose(1);
	lose(1);
	clear();
	pthread_barrier_init(&barrier, NULL, 4);
	for (int i = 0; i < 4; i++)
		pthread_create(&some[i], NULL, check_in_thread, (void *)(uintptr_t)mark);
	for (int i = 0; i < 4; i++) {
		void *answer;

		pthread_join(some[i], &answer);
		right += answer != NULL;
	}
	printf("%d of 4 that ask at once are right\n", right);
	fflush(stdout);
}

static void forked(void)
{
	unsigned mark = leak_mark("parent's"), own;

	lose(300);
	if (fork() == 0) {
		lose(8);
		tell("child, parent's mark", mark);
		own = leak_mark("child's");
		printf("%s\n", own > mark ? "another number" : "the same number");
		lose(9);
		tell("child, own mark", own);
		_exit(0);
	}
	wait(NULL);
	tell("parent", mark);
}

static void not_told(void)
{
	struct leak_since since;

	printf("%d without ret\n", leak_check_since(leak_mark(NULL), NULL));
	tell("no mark", 0);
	tell("a number to come", 1000000);
	tell("a snapshot's", leak_snapshot("no mark"));
	tell("the start's", 1);
	leak_disable();
	{
		unsigned mark = leak_mark("off");

		lose(70);
		leak_enable();
		leak_check_since(mark, &since);
		printf("disabled: live %zu\n", since.live.blocks);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 1024);
	if (!leak_check_since) {
		puts("not there");
		return 0;
	}
	printf("\n");
	switch (argc > 1 ? argv[1][0] : 0) {
	case 'f': one_of_five(); break;
	case 'n': nested(); break;
	case 'r': reallocated(); break;
	case 't': threads(); break;
	case 'c': forked(); break;
	case 'e': not_told(); break;
	}
	return 0;
}
END
gcc -O1 -w -I"$root" -o p p.c -lpthread || fail "cannot compile"
expect_eq "without the recorder" 'not there' "$(./p five)"

expect() { # WHAT: what it prints is on stdin
	expect_eq "$1" "$(printf '\n'; cat)" "$(preloaded ./p "$1" 2>err)"
	[ -s err ] && fail "$1: it said: $(cat err)"
	true
}
expect five <<'END'
a test with a long name, number 1: 0 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a test with a long name, number 2: 0 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a test with a long name, number 3: 1 lost 33/1 indirect 44/1 possible 0/0 live 77/2
a test with a long name, number 4: 0 lost 0/0 indirect 0/0 possible 0/0 live 50/1
a test with a long name, number 5: 0 lost 0/0 indirect 0/0 possible 60/1 live 60/1
END
run_leak show "$(images)" >shown || fail "leak show: $?"
grep -q "'a test with a long name, number 5'" shown || fail "leak show cuts the label: $(grep 'a test' shown)"
expect nested <<'END'
third: 0 lost 0/0 indirect 0/0 possible 0/0 live 1/1
inner: 1 lost 10/1 indirect 0/0 possible 0/0 live 11/2
outer: 1 lost 110/2 indirect 0/0 possible 0/0 live 111/3
outer again: 1 lost 110/2 indirect 0/0 possible 0/0 live 111/3
END
expect realloc <<'END'
same place: 0 lost 0/0 indirect 0/0 possible 0/0 live 41/1
moved: 0 lost 0/0 indirect 0/0 possible 0/0 live 100000/1
lost, and of before: 0 lost 0/0 indirect 0/0 possible 0/0 live 100000/1
lost: 1 lost 100000/1 indirect 0/0 possible 0/0 live 100000/1
END
expect threads <<'END'
of threads: 1 lost 806/4 indirect 0/0 possible 0/0 live 806/4
4 of 4 that ask at once are right
END
expect child <<'END'
child, parent's mark: 1 lost 8/1 indirect 0/0 possible 0/0 live 8/1
another number
child, own mark: 1 lost 9/1 indirect 0/0 possible 0/0 live 9/1
parent: 1 lost 300/1 indirect 0/0 possible 0/0 live 300/1
END
expect errors <<'END'
0 without ret
no mark: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a number to come: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a snapshot's: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
the start's: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
disabled: live 0
END
OPTIONS=classes=0 expect five <<'END'
a test with a long name, number 1: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a test with a long name, number 2: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a test with a long name, number 3: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a test with a long name, number 4: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
a test with a long name, number 5: -1 lost 0/0 indirect 0/0 possible 0/0 live 0/0
END
