// 5,000 threads, one after the other, of which each allocates: the process grows by less than 1 MiB.
// pitfall: P42 P21 F9
// flags: -lpthread
// expect: state=clean not_recorded.dropped_events=0
// expect: site function=work bytes=208000 blocks=5200
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *volatile last;

static void *work(void *unused)
{
	last = malloc(40);
	free(calloc(10, 100));
	return unused;
}

static int run(int threads)
{
	for (int i = 0; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL))
			return 1;
	}
	return 0;
}

static long resident_kib(void)
{
	static char line[256];
	FILE *file = fopen("/proc/self/status", "r");
	long kib = -1;

	while (fgets(line, sizeof line, file))
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(file);
	return kib;
}

int main(void)
{
	long before;

	if (run(200))
		return 1;
	before = resident_kib();
	if (run(5000))
		return 2;
	if (resident_kib() - before >= 1024) {
		fprintf(stderr, "%ld KiB more\n", resident_kib() - before);
		return 3;
	}
	return 0;
}
