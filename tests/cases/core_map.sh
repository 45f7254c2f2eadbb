#!/bin/bash
# The memory map of a core by kind is /proc/PID/maps, sorted: every mapping is of one kind.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
by_kernel
cat >p.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>
static pthread_barrier_t barrier;
static void *waiter(void *arg)
{
	pthread_barrier_wait(&barrier);
	for (;;) pause();
	return arg;
}
static char *map(size_t size, int access, int flags, int fd)
{
	/* Apart from others, so that mappings do not join. */
	char *room = mmap(NULL, size + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *place = mmap(room + 4096, size, access, flags | MAP_FIXED, fd, 0);
	if (place == MAP_FAILED) exit(1);
	if (access & PROT_WRITE) place[0] = 1;
	return place;
}
int main(int count, char **arguments)
{
	pthread_t threads[2];
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 256 * 1024);
	pthread_barrier_init(&barrier, NULL, 3);
	malloc(100);
	for (int i = 0; i < 2; i++) pthread_create(&threads[i], &attributes, waiter, NULL);
	pthread_barrier_wait(&barrier);
	int fd = memfd_create("buffer", 0);
	ftruncate(fd, 0x30000);
	map(0x30000, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	map(0x20000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	map(0x50000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map(0x10000, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map(0x1000, PROT_READ, MAP_PRIVATE, open(arguments[1], O_RDONLY));
	char maps[65536];
	fd = open("/proc/self/maps", O_RDONLY);
	for (ssize_t got; (got = read(fd, maps, sizeof(maps))) > 0;) write(1, maps, (size_t)got);
	abort();
}
END
gcc -g -O0 -w -o p p.c -lpthread || fail "cannot compile"
head -c 4096 /dev/zero >data
crash "$PWD/p" "$PWD/data"
core_report "$core"

# maps PATTERN: how many mappings have such a line, and their bytes.
maps() {
	local range rest bytes=0 count=0
	while read -r range rest; do
		[[ "$range $rest" =~ $1 ]] || continue
		count=$((count + 1))
		bytes=$((bytes + 0x${range#*-} - 0x${range%-*}))
	done <"$work/out"
	echo "$count $bytes"
}
kind() {
	field ".processes[0].memory_map[] | select(.kind == \"$1\") | \"\(.mappings) \(.bytes)\""
}
expect_eq "all bytes" "$(maps . | cut -d' ' -f2)" "$(field '[.processes[0].memory_map[].bytes] | add')"
expect_eq "heap" "$(maps '\[heap\]')" "$(kind main_heap)"
expect_eq "main stack" "$(maps '\[stack\]')" "$(kind main_stack)"
expect_eq "kernel's" "$(maps '\[v(dso|var|syscall)')" "$(kind kernel | sed "s/^[0-9]* /$(maps '\[v(dso|var|syscall)' | cut -d' ' -f1) /")"
expect_eq "file" "1 4096" "$(kind file)"
expect_eq "shared memory" "2 $((0x50000))" "$(kind shared_memory)"
expect_eq "generated code" "1 $((0x10000))" "$(kind generated_code)"
expect_eq "thread stacks" "2 $((2 * 256 * 1024))" "$(kind thread_stack)"
expect_eq "executable" "$(maps '/run/p$' | cut -d' ' -f2)" "$(kind executable | cut -d' ' -f2)"
expect_eq "not accessible" "$(maps ' ---p .* 0 *$' | cut -d' ' -f2)" "$(kind reserved | cut -d' ' -f2)"
expect_eq "recorder" "0 0" "$(kind recorder)"
[ "$(kind anonymous | cut -d' ' -f2)" -ge $((0x50000)) ] || fail "anonymous: $(kind anonymous)"
size=$(($(stat -c %s "$core") / 4096 * 4096))
held=$(field '.processes[0].core_file.core_bytes')
[ "$held" -le "$size" ] && [ "$held" -gt $((size - 65536)) ] || fail "$held bytes in a core of $size"
expect_eq "missing" 0 "$(field '.processes[0].core_file.missing_bytes')"
exit 0
