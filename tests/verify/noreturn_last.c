// A call that does not return may be a function's last instruction: its return address is the next
// function's, whose description must not be taken.
// flags: -O2 -fno-reorder-functions
// verify: events>=1000
// expect: state=clean not_recorded.partial_stacks=0
#include <setjmp.h>
#include <stdlib.h>

static jmp_buf back;

__attribute__((noreturn, noinline, noclone)) void leave(int n)
{
	void *volatile block = malloc((size_t)n + 1);

	free(block);
	longjmp(back, 1);
}

__attribute__((noreturn, noinline, noclone)) void last_call(int n)
{
	leave(n + 1);
}

/* Its frame is large, so its description differs from that of the function before. */
__attribute__((noinline, noclone)) int next_function(int n)
{
	volatile char room[5000];

	room[n] = 1;
	if (setjmp(back) == 0)
		last_call(n);
	return room[n];
}

int main(void)
{
	int sum = 0;

	for (int i = 0; i < 1000; i++)
		sum += next_function(i);
	return sum != 1000;
}
