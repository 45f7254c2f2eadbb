/* The library of the program that suppressions are tried on, see suppress_main.cc. */
#include <stdlib.h>
#include <string.h>

extern void *volatile sink;

#define NOINLINE __attribute__((noinline))

NOINLINE void plugin_leak(void)
{
	sink = malloc(2001);
	sink = NULL;
}

static NOINLINE void plugin_static(void)
{
	sink = malloc(2003);
	sink = NULL;
}

void plugin_run(void)
{
	plugin_leak();
	plugin_static();
	sink = strdup("a text of the plugin's");
	sink = NULL;
}
