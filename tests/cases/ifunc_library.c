// A library's IFUNC resolver allocates while the loader relocates: what it made can be used and freed.
// pitfall: P8
// lib: early parts/early.c
// flags: -L. -learly -Wl,-rpath,$PWD
// env: LD_BIND_NOW=1
// expect: state=clean not_recorded.early_blocks>=1
#include <stdlib.h>
#include <string.h>

int early_number(void);
void *early_take(void);

int main(void)
{
	char *block = early_take();

	if (early_number() != 2)
		return 1;
	if (!block)
		return 0; /* the resolver's own variable was not relocated yet: nothing to check */
	memset(block, 1, 80);
	block = realloc(block, 5000);
	if (!block || block[79] != 1)
		return 2;
	free(block);
	return 0;
}
