// An event at every instruction of a lazily bound call: the PLT, the loader's trampoline, the resolver.
// machine: x86_64
// flags: -O1 -fno-builtin -fno-omit-frame-pointer -mno-red-zone -fcf-protection=none -Wl,-z,lazy
// verify: events>=1500
// expect: state=clean not_recorded.partial_stacks=0
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "parts/single_step.h"

int main(void)
{
	int sum;

	step_on();
	sum = abs(-3) + (int)labs(-4) + (int)strlen("five") + (getppid() > 0);
	/* Bound now: the PLT jumps. */
	sum += abs(-3);
	step_off();
	return sum != 15 || steps < 1000;
}
