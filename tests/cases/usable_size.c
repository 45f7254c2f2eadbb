// Sizes, addresses' alignment and malloc_usable_size are what they are without the recorder.
// pitfall: P48
// expect: state=clean live.blocks=0
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	unsigned long sum = 0;
	char text[64];
	int length;

	for (size_t size = 0; size < 5000; size += 7) {
		void *volatile block = malloc(size);

		sum = sum * 31 + malloc_usable_size(block) + ((uintptr_t)block & 15);
		free(block);
	}
	length = snprintf(text, sizeof text, "%lx\n", sum);
	return write(1, text, length) != length;
}
