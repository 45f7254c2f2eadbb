// The same with the two PLTs that indirect branch tracking makes, whose entries are of another form.
// machine: x86_64
// flags: -O1 -fno-builtin -fno-omit-frame-pointer -mno-red-zone -fcf-protection=full -Wl,-z,lazy -Wl,-z,ibtplt
// verify: events>=1000
// expect: state=clean not_recorded.partial_stacks=0
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>
#include "parts/single_step.h"

int main(void)
{
	int sum;

	step_on();
	sum = abs(-3) + (int)labs(-4) + (getppid() > 0) + abs(-3);
	step_off();
	return sum != 11 || steps < 500;
}
