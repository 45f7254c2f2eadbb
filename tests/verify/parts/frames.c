/* Functions whose frames differ, for prologue_steps.c (a library). Compiled with -O2 -fomit-frame-pointer. */
#include <alloca.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#define KEPT __attribute__((noinline, noclone))

static volatile long sink;
static KEPT long leaf(long n) { return n * 3 + 1; }
static KEPT long spills(long a, long b, long c, long d, long e, long f)
{
	long r = leaf(a) ^ leaf(b) ^ leaf(c);

	sink += r;
	return r + leaf(d) + leaf(e) * leaf(f) + a + b + c + d + e + f;
}
static KEPT long large(long n)
{
	volatile char room[40000];

	room[n] = 1;
	return leaf(room[n]);
}
static KEPT long dynamic(long n)
{
	volatile char *room = alloca((size_t)n * 16);
	volatile char more[n];

	room[0] = more[n - 1] = 2;
	return leaf(room[0]) + leaf(more[n - 1]);
}
static KEPT long realigned(long n)
{
	volatile double grid[8] __attribute__((aligned(64)));

	grid[n & 7] = 1.5;
	return ((uintptr_t)grid % 64 == 0) + leaf((long)grid[n & 7]);
}
static KEPT long realigned_dynamic(long n)
{
	volatile double grid[8] __attribute__((aligned(128)));
	volatile char *room = alloca((size_t)n * 8);

	grid[n & 7] = 2.5;
	room[0] = 1;
	return leaf((long)grid[n & 7] + room[0]);
}
static KEPT __attribute__((force_align_arg_pointer)) long forced(long n) { return leaf(n) + leaf(n + 1); }
static KEPT long variadic(int count, ...)
{
	va_list list;
	long sum = 0;

	va_start(list, count);
	while (count--)
		sum += leaf(va_arg(list, long));
	va_end(list);
	return sum;
}
static KEPT long tail(long n) { return n ? leaf(n) : spills(n, n, n, n, n, n); }
static KEPT long many_arguments(long a, long b, long c, long d, long e, long f, long g, long h, long i)
{
	return leaf(a + g) + leaf(b + h) + leaf(c + i) + d + e + f;
}
static KEPT long frame_pointer(long n)
{
	sink += (uintptr_t)__builtin_frame_address(0) & 1;
	return leaf(n);
}
static KEPT __attribute__((cold)) long unlikely_part(long n) { return leaf(n) - 1; }
static KEPT long split(long n)
{
	if (__builtin_expect(n == 7, 0))
		return unlikely_part(n);
	return leaf(n);
}
static KEPT long again(long n) { return n > 0 ? again(n - 1) + leaf(n) : 0; }

long frames_all(long n)
{
	return spills(n, 2, 3, 4, 5, 6) + large(n) + dynamic(n) + realigned(n) + realigned_dynamic(n) +
	       forced(n) + variadic(3, n, n + 1, n + 2) + tail(n) + tail(0) +
	       many_arguments(1, 2, 3, 4, 5, 6, 7, 8, n) + frame_pointer(n) + split(n) + again(3);
}
