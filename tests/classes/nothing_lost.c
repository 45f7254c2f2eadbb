// A program that frees all that it made has no block in any class.
// classes: definite=0/0
#include <stdlib.h>

int main(void)
{
	char *volatile block = malloc(1000);

	free(block);
	return 0;
}
