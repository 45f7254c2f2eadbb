/* Names of variables, see symbol_data.h. Called by symbolize.c. */
#include "symbol_data.h"

#include "memory.h"
#include "symbol_file.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

struct data_object {
	bool is_tls;
	bool is_local;
	uint64_t start, size;
	const char *name;
};

/* Of names for the same place the last one counts: the larger, then the global one. */
static int compare(const void *a, const void *b)
{
	const struct data_object *one = a, *other = b;

	if (one->is_tls != other->is_tls)
		return one->is_tls ? -1 : 1;
	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	if (one->size != other->size)
		return one->size < other->size ? -1 : 1;
	if (one->is_local != other->is_local)
		return one->is_local ? -1 : 1;
	return strcmp(other->name, one->name);
}

static void add_symbol(void *context, const char *name, const GElf_Sym *symbol, uint64_t address)
{
	struct symbol_data *data = context;
	int type = GELF_ST_TYPE(symbol->st_info);

	if (symbol->st_size == 0 || (type != STT_OBJECT && type != STT_TLS))
		return;
	data->objects = memory_grow(
		data->objects, &data->capacity, data->count + 1, sizeof(*data->objects));
	data->objects[data->count++] = (struct data_object){.is_tls = type == STT_TLS,
		.is_local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL,
		.start = type == STT_TLS ? symbol->st_value : address,
		.size = symbol->st_size,
		.name = name};
}

static void read_symbols(struct symbol_data *data, Dwfl_Module *module)
{
	symbol_file_each_symbol(module, add_symbol, data);
	if (data->count)
		qsort(data->objects, data->count, sizeof(*data->objects), compare);
}

const char *symbol_data_find(struct symbol_data *data, Dwfl_Module *module, uint64_t address,
	bool is_tls, uint64_t *ret_start)
{
	size_t low = 0, high;

	if (!data->read) {
		data->read = true;
		read_symbols(data, module);
	}
	for (high = data->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		const struct data_object *object = &data->objects[middle];
		if (object->is_tls != is_tls ? object->is_tls : object->start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || data->objects[low - 1].is_tls != is_tls ||
		address - data->objects[low - 1].start >= data->objects[low - 1].size)
		return NULL;
	*ret_start = data->objects[low - 1].start;
	return data->objects[low - 1].name;
}

const char *symbol_data_section(Dwfl_Module *module, uint64_t address, uint64_t *ret_start)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);
	Elf_Scn *section = NULL;
	size_t names;

	if (elf == NULL || elf_getshdrstrndx(elf, &names) < 0)
		return NULL;
	while ((section = elf_nextscn(elf, section)) != NULL) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) == NULL || !(header.sh_flags & SHF_ALLOC) ||
			header.sh_flags & SHF_TLS ||
			address - header.sh_addr - bias >= header.sh_size)
			continue;
		*ret_start = header.sh_addr + bias;
		return elf_strptr(elf, names, header.sh_name);
	}
	return NULL;
}

void symbol_data_free(struct symbol_data *data)
{
	free(data->objects);
}
