// siglongjmp out of a handler that interrupted anything but libc leaves the recorder recording.
// pitfall: P43
// flags: -O1
// expect: state=clean live.blocks=1000 live.bytes=16000
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

static sigjmp_buf back;
static void *volatile last;

static void handler(int number)
{
	siglongjmp(back, number);
}

int main(void)
{
	signal(SIGUSR1, handler);
	for (volatile int i = 0; i < 1000; i++) {
		if (sigsetjmp(back, 1) == 0)
			raise(SIGUSR1);
		last = malloc(16);
	}
	return 0;
}
