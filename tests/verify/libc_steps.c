// An event at every instruction of libc's own assembly: longjmp and setcontext, which leave a stack in
// the middle of a function, string functions, mathematics, the kernel's clock.
// machine: x86_64
// flags: -O1 -fno-builtin -fno-omit-frame-pointer -mno-red-zone -Wl,-z,lazy -lm
// Of setcontext's last instructions the description leads into the ucontext_t. That is no stack, so it
// is not read: the stacks end there, marked.
// verify: events>=3000 implausible<=20
// expect: state=clean not_recorded.partial_stacks<=40
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts/single_step.h"

static ucontext_t here;
static jmp_buf back;

static __attribute__((noinline)) void leave(int depth)
{
	if (depth)
		leave(depth - 1);
	else
		longjmp(back, 1);
	steps++;
}

int main(void)
{
	volatile int returned = 0;
	char text[200] = "some text", copy[200];
	struct timespec now;
	double sum;

	step_on();
	if (!setjmp(back))
		longjmp(back, 1);
	if (!setjmp(back))
		leave(3);
	getcontext(&here);
	if (!returned++)
		setcontext(&here);
	memset(text + 20, 'x', 150);
	memmove(copy, text, sizeof(copy));
	memmove(copy + 3, copy, 100);
	sum = (double)strlen(copy) + (strchr(text, 'z') != NULL) + memcmp(text, copy, 60);
	sum += sin(1.1) + exp(2.2) + pow(1.5, 2.5) + log(3.3);
	clock_gettime(CLOCK_REALTIME, &now);
	usleep(1);
	close(open("/dev/null", O_RDONLY));
	step_off();
	return returned != 2 || sum == 0 || steps < 1500;
}
