// A stack of 20,000 frames is kept whole: its outermost frame is still main.
// expect: state=clean not_recorded.truncated_stacks=0
// expect: site function=down line=12 bytes=77 blocks=1 frame=main depth>=3
#include <stdlib.h>

static void *volatile last;
static volatile int sum;

static void down(int depth)
{
	if (depth == 0)
		last = malloc(77);
	else
		down(depth - 1);
	sum += depth;
}

int main(void)
{
	down(20000);
	return 0;
}
