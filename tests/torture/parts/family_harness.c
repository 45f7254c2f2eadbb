/*
 * Runs a family of processes (family.c) under the recorder and compares the images that it leaves
 * with what it told of itself: one image for each member, with its blocks and no others', and the
 * parent's as if it had had no children. Called by family_forks.sh:
 *
 *	family_harness LIBRARY FAMILY DIRECTORY
 *
 * DIRECTORY, empty at first, gets the images.
 */
#include "analyzer/image_tables.h"
#include "analyzer/live_each.h"
#include "tests/torture/parts/family_log.h"
#include "tests/torture/parts/kill_verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *directory;
static struct family_log *family;
static int family_fd;
static pid_t parent_pid;
static uint32_t images_of[FAMILY_MEMBERS_MAX];

static _Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

/* ---- running ---- */

static _Noreturn void become_family(const char *library, const char *program)
{
	char *arguments[] = {(char *)program, NULL}, options[4096];

	snprintf(options, sizeof(options), "output=%s/%%p.leak", directory);
	setenv("LD_PRELOAD", library, 1);
	setenv("LEAK_OPTIONS", options, 1);
	if (dup2(family_fd, FAMILY_LOG_FD) == FAMILY_LOG_FD)
		execv(program, arguments);
	_exit(94);
}

static void start(const char *library, const char *program)
{
	family_fd = memfd_create("family", 0);
	if (family_fd < 0 || ftruncate(family_fd, sizeof(*family)) < 0)
		fail("memfd: %s", strerror(errno));
	family = mmap(NULL, sizeof(*family), PROT_READ | PROT_WRITE, MAP_SHARED, family_fd, 0);
	if (family == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	family->parent.large = 1;
	if (getrandom(&family->parent.seed, sizeof(family->parent.seed), 0) < 0)
		fail("getrandom: %s", strerror(errno));
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* the daemons' end is seen here */
	fflush(stdout);
	parent_pid = fork();
	if (parent_pid < 0)
		fail("fork: %s", strerror(errno));
	if (parent_pid == 0)
		become_family(library, program);
}

static void wait_for_parent(void)
{
	int status;

	while (waitpid(parent_pid, &status, 0) < 0)
		if (errno != EINTR)
			fail("waitpid: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail("the parent ended with status %#x", (unsigned)status);
}

static void wait_for_daemons(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* ---- the parent's image does not change any more ---- */

static void path_of(char *room, size_t size, const char *name)
{
	snprintf(room, size, "%s/%s", directory, name);
}

/* All of a file's bytes as one number (FNV-1a). */
static uint64_t sum_file(const char *path)
{
	uint64_t sum = 14695981039346656037u;
	FILE *file = fopen(path, "r");
	int c;

	if (!file)
		fail("%s: %s", path, strerror(errno));
	while ((c = getc(file)) != EOF)
		sum = (sum ^ (unsigned char)c) * 1099511628211u;
	fclose(file);
	return sum;
}

/* ---- one image ---- */

struct sight {
	const struct image_tables *tables;
	const char *path;
	uint64_t size; /* of its members' blocks */
	uint64_t blocks, others;
};

static bool is_members(const struct sight *sight, uint32_t site)
{
	const struct image_tables *tables = sight->tables;
	uint32_t node = site < tables->node_count ? tables->nodes[site].parent : 0;
	uint64_t ip = node ? (tables->nodes[node].ip & IP_MASK) - 1 : 0;

	return ip >= family->code && ip < family->code_end;
}

static void see_blocks(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	struct sight *sight = context;

	(void)space;
	for (size_t i = 0; i < count; i++) {
		if (!is_members(sight, blocks[i].site)) {
			sight->others++;
			continue;
		}
		if (sight->blocks++ == 0)
			sight->size = blocks[i].size;
		if (blocks[i].size != sight->size)
			fail("%s has blocks of two members: of %" PRIu64 " and %" PRIu64 " bytes",
				sight->path, sight->size, blocks[i].size);
	}
}

static void expect(const char *path, const char *what, uint64_t wanted, uint64_t got)
{
	if (wanted != got)
		fail("%s: %s: expected %" PRIu64 ", got %" PRIu64, path, what, wanted, got);
}

static void check_member(const char *path, const struct image_header *header,
	const struct sight *sight)
{
	const struct family_member *member;
	uint64_t number = sight->size - FAMILY_SIZE(0);

	if (sight->blocks == 0 || number >= atomic_load(&family->members))
		fail("%s is no member's image: %" PRIu64 " blocks of %" PRIu64 " bytes", path,
			sight->blocks, sight->size);
	member = &family->member[number];
	images_of[number]++;
	expect(path, "pid", atomic_load(&member->pid), (uint32_t)header->pid);
	expect(path, "parent's pid", atomic_load(&member->ppid), (uint32_t)header->ppid);
	expect(path, "state", member->state, header->state);
	expect(path, "forked", member->forked, header->forked);
	expect(path, "blocks", member->blocks, sight->blocks);
	/* A program of its own has the loader's and libc's blocks, too. */
	if (member->forked)
		expect(path, "other blocks", 0, sight->others);
	for (int i = 0; i < LOST_COUNT; i++)
		if (i != LOST_EARLY_BLOCKS)
			expect(path, i == LOST_INHERITED_FREES ? "inherited frees" : "lost",
				i == LOST_INHERITED_FREES ? member->inherited_frees : 0,
				header->lost[i]);
}

static void check_parent(const char *path, const struct sight *sight)
{
	struct kill_found found;
	struct error error;

	if (kill_verify(path, &family->parent, false, &found, &error) < 0)
		fail("the parent's image: %s", error.text);
	expect(path, "the parent's state", IMAGE_CLEAN, found.header.state);
	expect(path, "the parent's events under way", 0, found.under_way);
	expect(path, "children's blocks in the parent's image", 0, sight->blocks);
	expect(path, "the parent's allocations less its frees",
		found.blocks + found.others, found.allocs - found.frees);
}

static void check_image(const char *path)
{
	struct image_tables tables;
	struct image_file image;
	struct sight sight = {.tables = &tables, .path = path};
	struct error error;

	if (kill_open(&image, path, &error) < 0)
		fail("%s: %s", path, error.text);
	image_tables_read(&tables, &image);
	live_each(&image, NULL, see_blocks, &sight);
	if (image.header.pid == parent_pid)
		check_parent(path, &sight);
	else
		check_member(path, &image.header, &sight);
	image_tables_free(&tables);
	image_close(&image);
}

static uint32_t check_images(void)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	uint32_t count = 0;

	while (entries && (entry = readdir(entries)) != NULL) {
		char path[4096];
		if (entry->d_name[0] == '.')
			continue;
		path_of(path, sizeof(path), entry->d_name);
		check_image(path);
		count++;
	}
	if (entries)
		closedir(entries);
	return count;
}

int main(int argc, char **argv)
{
	uint64_t blocks = 0, bytes = 0, before;
	char parent_image[4096], name[32];
	uint32_t members, images;

	if (argc != 4)
		fail("usage: family_harness LIBRARY FAMILY DIRECTORY");
	directory = argv[3];
	start(argv[1], argv[2]);
	wait_for_parent();
	snprintf(name, sizeof(name), "%d.leak", (int)parent_pid);
	path_of(parent_image, sizeof(parent_image), name);
	before = sum_file(parent_image);
	atomic_store(&family->go, 1);
	wait_for_daemons();
	if (sum_file(parent_image) != before)
		fail("the parent's image has changed after its end");
	images = check_images();
	members = atomic_load(&family->members);
	for (uint32_t i = 0; i < members; i++) {
		if (images_of[i] != 1)
			fail("member %u has %u images (pid %u)", i, images_of[i],
				atomic_load(&family->member[i].pid));
		blocks += family->member[i].blocks;
		bytes += (uint64_t)family->member[i].blocks * FAMILY_SIZE(i);
	}
	expect(directory, "images", members + 1, images);
	printf("%u members, %" PRIu64 " blocks, %" PRIu64 " bytes\n", members, blocks, bytes);
	printf("counted: %u images of %u children and their descendants, %" PRIu64
	       " events of the parent meanwhile\n",
		images, FAMILY_CHILDREN, atomic_load(&family->parent.events));
	return 0;
}
