// Strings of the present ABI point to their characters' block; short ones have none.
// classes: definite=64/2 indirect=101/1 reachable=83/2
#include "parts/far.h"

#include <string>

static std::string *text;

static void work()
{
	text = new std::string(50, 'a');
	new std::string(100, 'b');
	new std::string("short");
}

int main()
{
	far_below(work);
	return 0;
}
