// Memory that the program itself takes by sbrk is a region of kind brk.
// expect: state=clean live.blocks=0 regions.brk.bytes=32768
// expect: site kind=brk function=main line=9 bytes=32768
#define _GNU_SOURCE
#include <unistd.h>

int main(void)
{
	char *grown = sbrk(65536);

	if (grown == (void *)-1)
		return 1;
	grown[0] = 1;
	if (sbrk(-32768) == (void *)-1)
		return 2;
	return sbrk(0) != grown + 32768;
}
