// iconv loads and unloads its modules inside libc, past every hook: frames of a module that comes where another
// one was have its own name, and unwind by its own rules.
// pitfall: P4 P5
// needs: gconv/ISO8859-15.so
// verify: events>=1000
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
	static const char *const sets[] = {"ISO-8859-15", "KOI8-R", "EUC-JP", "BIG5", "IBM850", "ISO-2022-JP"};
	int unloaded = 0;

	for (int i = 0; i < 120; i++) {
		char in[] = "abc def", out[100], *from = in, *to = out;
		size_t left = strlen(in), room = sizeof out;
		iconv_t conversion = iconv_open(sets[i % 6], "UTF-8");

		if (conversion == (iconv_t)-1 || iconv(conversion, &from, &left, &to, &room) == (size_t)-1)
			return 1;
		iconv_close(conversion);
		unloaded += !is_loaded("/gconv/ISO8859-15.so");
	}
	return unloaded < 20 ? 2 : 0;
}
