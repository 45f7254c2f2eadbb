// A child frees what it inherited: no unknown free, no leak; the parent's image does not change.
// pitfall: P37
// expect: images=2
// expect: process 0 state=clean live.blocks=500 live.bytes=8000 totals.frees=0
// expect: process 1 state=clean live.blocks=1 live.bytes=33 not_recorded.unknown_frees=0
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	void *blocks[500];
	int status;

	for (int i = 0; i < 500; i++)
		blocks[i] = malloc(16);
	if (fork() == 0) {
		void *volatile own = malloc(33);

		for (int i = 0; i < 500; i++)
			free(blocks[i]);
		exit(own == NULL);
	}
	wait(&status);
	return status != 0;
}
