// An event at every instruction of functions with every kind of frame: leaf, pushes, large, alloca,
// realigned, variadic, tail call, computed by -O2 -fomit-frame-pointer, cold parts.
// lib: frames parts/frames.c -O2 -fomit-frame-pointer -mavx
// machine: x86_64
// flags: -O1 -fno-omit-frame-pointer -mno-red-zone -L. -lframes -Wl,-rpath,. -Wl,-z,now
// verify: events>=400
// expect: state=clean not_recorded.partial_stacks=0
#include <stdlib.h>
#include "parts/single_step.h"

long frames_all(long n);

int main(void)
{
	long sum;

	if (!__builtin_cpu_supports("avx"))
		return 0;
	step_on();
	sum = frames_all(7);
	step_off();
	return sum == 0 || steps < 300;
}
