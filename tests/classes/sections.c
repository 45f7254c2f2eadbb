// Globals keep blocks in .data, .bss, .data.rel.ro, a section of one's own, and as common symbols.
// classes: reachable=296/7
// classes use_globals=1: reachable=296/7
// classes use_globals=0: definite=256/6 indirect=40/1
// flags: -fcommon -Wl,-z,norelro
#include "parts/far.h"

#include <stdlib.h>

static void *data = &data, *bss, *bss_array[10000];
void *common[3];
static void *own_section __attribute__((section("kept_section"))) = &data;
static const void *const relro[2] __attribute__((section(".data.rel.ro"))) = {&data, &bss};

static void work(void)
{
	data = malloc(24);
	bss = malloc(32);
	bss_array[9999] = calloc(1, 48);
	*(void **)bss_array[9999] = malloc(40);
	common[1] = malloc(48);
	own_section = malloc(56);
	*(void *volatile *)&relro[1] = malloc(48);
}

int main(void)
{
	far_below(work);
	return 0;
}
