// The environment is as the caller made it, the recorder's own variables included.
// pitfall: P33
// expect: state=clean
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(void)
{
	int ours = 0;

	for (char **entry = environ; *entry; entry++) {
		if (strncmp(*entry, "LD_PRELOAD=", 11) == 0 || strncmp(*entry, "LEAK_OPTIONS=", 13) == 0)
			ours++;
		else
			puts(*entry);
	}
	return (getenv("LEAK_OPTIONS") != NULL) + 1 != ours;
}
