// A failing exec is no end: recording goes on and the state is that of the real end.
// pitfall: P39
// expect: state=clean exit_status=0 live.bytes=30 live.blocks=2
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile kept;

int main(void)
{
	kept = malloc(10);
	if (execl("/nonexistent/program", "program", (char *)NULL) != -1 || errno != ENOENT)
		return 1;
	kept = malloc(20);
	return 0;
}
