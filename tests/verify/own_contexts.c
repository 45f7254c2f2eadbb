// Coroutines that assembly switches to, as Boost.Context does: a description that ends the stack, a zero
// return address, or no description at all, right below an unmapped page.
// pitfall: P45
// machine: x86_64
// flags: -O2
// verify: events>=3000 partial>=1000
// expect: state=clean
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define KEPT __attribute__((noinline, noclone))
#define STACK 131072

#ifndef __x86_64__
#error "write this for the new architecture"
#endif
/* switch_stack(save, to): keeps what calls preserve on the stack, as every such switch does. */
void switch_stack(void **save, void *to);
void begin_described(void);
void begin_undescribed(void);
__asm__(".text\n.globl switch_stack\n.type switch_stack,@function\nswitch_stack:\n.cfi_startproc\n"
	"push %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp,0\n"
	"push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbx,0\n"
	"push %r12\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r12,0\n"
	"push %r13\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r13,0\n"
	"push %r14\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r14,0\n"
	"push %r15\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r15,0\n"
	"mov %rsp,(%rdi)\nmov %rsi,%rsp\n"
	"pop %r15\n.cfi_adjust_cfa_offset -8\n.cfi_restore r15\n"
	"pop %r14\n.cfi_adjust_cfa_offset -8\n.cfi_restore r14\n"
	"pop %r13\n.cfi_adjust_cfa_offset -8\n.cfi_restore r13\n"
	"pop %r12\n.cfi_adjust_cfa_offset -8\n.cfi_restore r12\n"
	"pop %rbx\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbx\n"
	"pop %rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbp\n"
	"ret\n.cfi_endproc\n.size switch_stack,.-switch_stack\n"
	".globl begin_described\n.type begin_described,@function\nbegin_described:\n.cfi_startproc\n"
	".cfi_undefined rip\ncall *%rbx\nud2\n.cfi_endproc\n.size begin_described,.-begin_described\n"
	".globl begin_undescribed\n.type begin_undescribed,@function\nbegin_undescribed:\n"
	"call *%rbx\nud2\n.size begin_undescribed,.-begin_undescribed\n");

static void *main_sp, *inner_sp;
static void *volatile last;

static KEPT void make(int size)
{
	last = malloc((size_t)size);
	free(last);
}

static void coroutine(void)
{
	for (int i = 0;; i++) {
		make(i + 1);
		switch_stack(&inner_sp, main_sp);
		make(i + 100);
	}
}

static KEPT void round_of(int kind)
{
	char *stack = mmap(0, STACK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t *top = (uint64_t *)(stack + STACK);

	mprotect(stack + STACK, 4096, PROT_NONE);
	if (kind == 0) {
		/* Called as if from address zero. */
		*--top = 0;
		*--top = (uintptr_t)coroutine;
	} else {
		*--top = (uintptr_t)(kind == 1 ? begin_described : begin_undescribed);
	}
	top -= 6;
	memset(top, 0x55, 48);
	top[4] = (uintptr_t)coroutine; /* rbx */
	top[5] = kind == 2 ? (uintptr_t)top : 0xdeadbeef000; /* rbp */
	inner_sp = top;
	for (int i = 0; i < 5; i++) {
		switch_stack(&main_sp, inner_sp);
		make(200);
	}
	munmap(stack, STACK + 4096);
	make(300);
}

int main(void)
{
	for (int i = 0; i < 450; i++)
		round_of(i % 3);
	return 0;
}
