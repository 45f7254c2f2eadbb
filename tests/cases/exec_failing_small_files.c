// A program that may only write small files tries to execute what is not there, and goes on.
// expect: state=clean
// expect: site function=main bytes=77 blocks=1
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void)
{
	struct rlimit limit = {1 << 20, 1 << 20};
	void *volatile block = malloc(77);

	setrlimit(RLIMIT_FSIZE, &limit);
	execl("/nonexistent/program", "program", (char *)NULL);
	return block == NULL;
}
