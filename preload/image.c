/*
 * The image: its header, its chunks, its end. Where its bytes are is storage.c's affair. Chunks are
 * handed out by one atomic addition and never return.
 */
#include "preload/image.h"
#include "preload/clock.h"
#include "preload/options.h"
#include "preload/own.h"
#include "preload/process.h"
#include "preload/storage.h"
#include "preload/sys.h"
#include "preload/text.h"

struct image_header *image;

static uint8_t boot_id[16];
static _Atomic uint64_t used;

static uint64_t round_up(uint64_t n)
{
	return (n + IMAGE_PAGE - 1) & ~(uint64_t)(IMAGE_PAGE - 1);
}

/* May a sentence about the output appear on stderr? Where the user asked for something that cannot
 * be had, or watches a terminal. */
static bool may_complain(bool forked)
{
	if (forked)
		return false;
	return options.output_given || options.summary || sys_terminal_takes_line();
}

static void read_boot_id(uint8_t ret[16])
{
	char hex[37];
	long fd = sys_open("/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
	long n;
	unsigned nibble = 0;

	if (sys_failed(fd))
		return;
	n = sys_read((int)fd, hex, 36);
	sys_close((int)fd);
	for (long i = 0; i < n && nibble < 32; i++) {
		unsigned char c = (unsigned char)hex[i];
		unsigned value = c >= 'a' ? c - 'a' + 10u : c - (unsigned)'0';

		if (c == '-')
			continue;
		ret[nibble / 2] = (uint8_t)(ret[nibble / 2] << 4 | (value & 15));
		nibble++;
	}
}

/* Field 22 of /proc/self/stat; the program's name (field 2) may hold anything but ends in ')'. */
static uint64_t read_start_time(void)
{
	static char stat[1024]; /* a thread may have little stack left */
	long fd = sys_open("/proc/self/stat", O_RDONLY, 0);
	long n, at;
	uint64_t value = 0;

	if (sys_failed(fd))
		return 0;
	n = sys_read((int)fd, stat, sizeof(stat));
	sys_close((int)fd);
	if (n <= 0)
		return 0;
	for (at = n - 1; at > 0 && stat[at] != ')'; at--)
		;
	for (int field = 2; at < n && field < 22; at++) {
		if (stat[at] == ' ')
			field++;
	}
	for (; at < n && stat[at] >= '0' && stat[at] <= '9'; at++)
		value = value * 10 + (uint64_t)(stat[at] - '0');
	return value;
}

static void fill_header(struct image_header *h, bool forked)
{
	struct text t;

	h->version = IMAGE_VERSION;
	h->endian = IMAGE_ENDIAN_MARK;
	h->header_size = sizeof(*h);
	h->machine = ARCH_ELF_MACHINE;
	h->page_size = (uint32_t)process_page();
	h->pid = sys_getpid();
	h->ppid = sys_getppid();
	h->forked = forked;
	h->start_realtime_ns = clock_realtime_ns();
	h->start_monotonic_ns = process_clock.start_ns;
	h->process_starttime = read_start_time();
	if (!forked) {
		read_boot_id(boot_id);
		own_begin();
	}
	__builtin_memcpy(h->boot_id, boot_id, sizeof(h->boot_id));
	h->used_bytes = IMAGE_PAGE;
	h->clock_shift = CLOCK_SHIFT;
	t = text_in(h->exe, sizeof(h->exe));
	text_add(&t, process.exe);
	t = text_in(h->cwd, sizeof(h->cwd));
	text_add(&t, process.cwd);
	__builtin_memcpy(h->args, process.args, sizeof(h->args));
	h->args_bytes = process.args_bytes;
	h->args_cut = process.args_cut;
	t = text_in(h->options, sizeof(h->options));
	text_add(&t, process.options);
	h->own_pieces = (uintptr_t)own_list();
	atomic_store(&used, IMAGE_PAGE);
}

/* What was cut in the header. */
static void keep_whole(enum image_text kind, const char *text, size_t room)
{
	if (text_length(text) >= room)
		image_add_text(kind, text);
}

bool image_create(bool forked)
{
	struct image_header *h = storage_create(may_complain(forked));

	if (!h)
		return false;
	fill_header(h, forked);
	__atomic_store_n(&h->magic, IMAGE_MAGIC, __ATOMIC_RELEASE);
	__atomic_store_n(&image, h, __ATOMIC_RELEASE);
	keep_whole(TEXT_EXE, process.exe, sizeof(h->exe));
	keep_whole(TEXT_CWD, process.cwd, sizeof(h->cwd));
	keep_whole(TEXT_OPTIONS, process.options, sizeof(h->options));
	return true;
}

const char *image_path(void)
{
	return storage_path();
}

struct chunk_header *image_chunk(uint64_t payload, uint64_t data)
{
	uint64_t size = round_up(data + payload);
	uint64_t at = atomic_load_explicit(&used, memory_order_relaxed), total;

	/* Open first, take then: what is taken always has storage. */
	do {
		total = at + size;
		if (total > atomic_load_explicit(&storage.opened, memory_order_acquire) &&
			!storage_reach(total))
			return NULL;
	} while (!atomic_compare_exchange_weak(&used, &at, total));

	uint64_t seen = __atomic_load_n(&image->used_bytes, __ATOMIC_RELAXED);

	while (seen < total && !__atomic_compare_exchange_n(&image->used_bytes, &seen, total, true,
				       __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	struct chunk_header *chunk = (struct chunk_header *)((char *)image + at);

	chunk->offset = at;
	chunk->size = size;
	chunk->data = data;
	return chunk;
}

void image_publish(struct chunk_header *chunk, enum chunk_type type, uint32_t owner, uint64_t first,
	uint64_t rows)
{
	chunk->type = type;
	chunk->owner = owner;
	chunk->first = first;
	chunk->rows = rows;
	__atomic_store_n(&chunk->magic, CHUNK_MAGIC ^ chunk->offset, __ATOMIC_RELEASE);
}

#define TEXT_MAX (1u << 20)

bool image_add_text(enum image_text kind, const char *text)
{
	size_t length = text_length(text);
	struct chunk_header *chunk;

	if (length > TEXT_MAX)
		length = TEXT_MAX;
	chunk = image_chunk(length, sizeof(*chunk));
	if (!chunk)
		return false;
	__builtin_memcpy((char *)chunk + chunk->data, text, length);
	image_publish(chunk, CHUNK_TEXTS, kind, 0, length);
	return true;
}

const struct chunk_header *image_next_chunk(const struct chunk_header *chunk)
{
	uint64_t at = chunk ? chunk->offset + chunk->size : IMAGE_FIRST_CHUNK;

	for (; at < atomic_load(&used); at += IMAGE_PAGE) {
		chunk = (const struct chunk_header *)((const char *)image + at);
		if (__atomic_load_n(&chunk->magic, __ATOMIC_ACQUIRE) == (CHUNK_MAGIC ^ at))
			return chunk;
	}
	return NULL;
}

void image_count_lost(enum image_lost what, uint64_t how_many)
{
	if (image)
		__atomic_fetch_add(&image->lost[what], how_many, __ATOMIC_RELAXED);
}

void image_finish(enum image_state state, int exit_status, bool trim)
{
	image->exit_status = exit_status;
	image->end_monotonic_ns = clock_monotonic_ns();
	__atomic_store_n(&image->state, state, __ATOMIC_RELEASE);
	if (!trim) {
		/* A crash, which the program may survive: it still grows, and has one file only. */
		if (storage.in_file)
			storage_save();
		return;
	}
	/* Other threads may go on until the kernel ends them. What they need beyond makes the file
	 * longer again. */
	if (!storage_take())
		return;
	storage_save();
	storage_cut(state == IMAGE_CLEAN);
	storage_give_back();
}

bool image_remove(void)
{
	return !storage.in_file || storage_remove();
}

void image_revive(void)
{
	__atomic_store_n(&image->state, IMAGE_RUNNING, __ATOMIC_RELEASE);
	if (!storage_take())
		return;
	storage_revive();
	storage_give_back();
}

struct image_place image_place(void)
{
	return (struct image_place){storage.base, atomic_load(&storage.opened)};
}

void image_stand_in(const struct image_place *parents, bool begun)
{
	storage_stand_in(parents->base, parents->bytes, begun);
}

void image_forget(void)
{
	image = NULL;
	storage_forget();
	atomic_store(&used, 0);
}

void *rowstore_make(struct rowstore *store, uint64_t i)
{
	uint64_t n = i / store->rows_per_chunk;
	struct chunk_header *_Atomic *entry;
	struct chunk_header *chunk, *none = NULL;

	if (n >= store->max_chunks)
		return NULL;
	entry = rowstore_entry(store, n);
	if (!atomic_load_explicit(entry, memory_order_acquire)) {
		chunk = image_chunk(
			(uint64_t)store->rows_per_chunk * store->row_size, sizeof(*chunk));
		if (!chunk)
			return NULL;
		uint32_t touched = atomic_load(&store->touched);

		while (touched <= n &&
			!atomic_compare_exchange_weak(&store->touched, &touched, (uint32_t)n + 1))
			;
		/* Before others can have it: what they put there is read at once. */
		image_publish(
			chunk, store->type, 0, n * store->rows_per_chunk, store->rows_per_chunk);
		if (!atomic_compare_exchange_strong(entry, &none, chunk))
			image_publish(chunk, 0, 0, 0, 0); /* another thread was first: unused */
	}
	return rowstore_get(store, i);
}

void rowstore_forget(struct rowstore *store)
{
	uint32_t touched = atomic_exchange(&store->touched, 0);

	/* The rest was never written, and reading it would cost a page fault a page. */
	for (uint32_t i = 0; i < touched; i++)
		atomic_store_explicit(rowstore_entry(store, i), NULL, memory_order_relaxed);
}
