// iconv loads and unloads its modules inside libc, past every hook: frames of a module that comes where another
// one was have its own name, and unwind by its own rules.
// pitfall: P4 P5
// needs: gconv/ISO646.so
// verify: events>=1000
// expect: site function=main module=ISO-2022-JP.so bytes=8 blocks=1
// expect: site function=main module=ISO646.so bytes=8 blocks=1
// expect: state=clean not_recorded.partial_stacks=0 not_recorded.unknown_frees=0 not_recorded.dropped_events=0
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_loaded(const char *name)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = 0;

	while (fgets(line, sizeof line, maps))
		found |= strstr(line, name) != NULL;
	fclose(maps);
	return found;
}

int main(void)
{
	/* Of these each allocates when it is loaded. */
	static const char *const sets[] = {"ISO-2022-JP", "ISO646-DE", "ISO-2022-KR", "ISO-2022-CN-EXT", "UTF-7"};
	int unloaded = 0;

	for (int i = 0; i < 123; i++) {
		char in[] = "abc def", out[100], *from = in, *to = out;
		size_t left = strlen(in), room = sizeof out;
		iconv_t conversion = iconv_open(sets[i % 5], "UTF-8");

		if (conversion == (iconv_t)-1 || iconv(conversion, &from, &left, &to, &room) == (size_t)-1)
			return 1;
		if (i < 120) /* the last three stay */
			iconv_close(conversion);
		unloaded += !is_loaded("/gconv/ISO646.so");
	}
	return unloaded < 20 ? 2 : 0;
}
