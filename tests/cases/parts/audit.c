/* An auditing library that changes nothing. It allocates by its own libc. */
#define _GNU_SOURCE
#include <link.h>
#include <stdlib.h>

static void *volatile kept;

unsigned la_version(unsigned version)
{
	kept = malloc(100);
	return version < LAV_CURRENT ? version : LAV_CURRENT;
}

unsigned la_objopen(struct link_map *map, Lmid_t namespace, uintptr_t *cookie)
{
	free(malloc(50));
	return map && namespace >= 0 && cookie ? LA_FLG_BINDTO | LA_FLG_BINDFROM : 0;
}

uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned index, uintptr_t *from, uintptr_t *to, unsigned *flags,
	const char *name)
{
	free(malloc(index % 100 + (from && to && flags && name)));
	return symbol->st_value;
}
