// Hand-written descriptions of AArch64: a return address that is signed, alone, in another register or
// at a computed place, a CFA in any register, a frame of half a megabyte.
// machine: aarch64
// flags: -O2
// verify: events>=2000
// expect: state=clean not_recorded.partial_stacks=0
#include <stdlib.h>

/* NAME(function, argument): calls the function from a frame that is described in its own way. */
#define FRAME(name, body)                                                                          \
	void name(void (*function)(int), int argument);                                            \
	__asm__(".text\n.globl " #name "\n.type " #name ",%function\n" #name ":\n.cfi_startproc\n"  \
		body "ret\n.cfi_endproc\n.size " #name ",.-" #name "\n")
#define CALL "mov x9,x0\nmov w0,w1\nblr x9\n"
#define PUSH "stp x29,x30,[sp,#-32]!\n.cfi_def_cfa_offset 32\n.cfi_offset x29,-32\n.cfi_offset x30,-24\n"
#define POP "ldp x29,x30,[sp],#32\n.cfi_restore x29\n.cfi_restore x30\n.cfi_def_cfa_offset 0\n"

FRAME(plain, PUSH CALL POP);
/* paciasp, autiasp: NOPs where there is no pointer authentication. */
FRAME(is_signed, "hint #25\n.cfi_negate_ra_state\n" PUSH CALL POP "hint #29\n.cfi_negate_ra_state\n");
FRAME(signed_by_fp, "hint #25\n.cfi_negate_ra_state\n" PUSH "mov x29,sp\n.cfi_def_cfa x29,32\nsub sp,sp,#96\n" CALL
	"mov sp,x29\n.cfi_def_cfa sp,32\n" POP "hint #29\n.cfi_negate_ra_state\n");
/* No frame record: x29 is anything, and saved elsewhere. */
FRAME(record_apart, "sub sp,sp,#64\n.cfi_def_cfa_offset 64\nstr x30,[sp,#8]\n.cfi_offset x30,-56\n"
	"str x29,[sp,#48]\n.cfi_offset x29,-16\nmov x29,#0xbeef\n" CALL
	"ldr x29,[sp,#48]\n.cfi_restore x29\nldr x30,[sp,#8]\n.cfi_restore x30\nadd sp,sp,#64\n.cfi_def_cfa_offset 0\n");
FRAME(only_x30, "str x30,[sp,#-16]!\n.cfi_def_cfa_offset 16\n.cfi_offset x30,-16\n" CALL
	"ldr x30,[sp],#16\n.cfi_restore x30\n.cfi_def_cfa_offset 0\n");
/* What a step cannot say: the CFA in x20; the return address in x21 (DW_CFA_register), and at a computed
 * place (DW_CFA_expression: breg31 24). */
FRAME(cfa_in_x20, "stp x20,x30,[sp,#-32]!\n.cfi_def_cfa_offset 32\n.cfi_offset x20,-32\n.cfi_offset x30,-24\n"
	"mov x20,sp\n.cfi_def_cfa x20,32\nsub sp,sp,#256\n" CALL
	"mov sp,x20\n.cfi_def_cfa sp,32\nldp x20,x30,[sp],#32\n.cfi_restore x20\n.cfi_restore x30\n.cfi_def_cfa_offset 0\n");
FRAME(ra_in_x21, "str x21,[sp,#-16]!\n.cfi_def_cfa_offset 16\n.cfi_offset x21,-16\n"
	"mov x21,x30\n.cfi_register x30,x21\n" CALL
	"mov x30,x21\n.cfi_restore x30\nldr x21,[sp],#16\n.cfi_restore x21\n.cfi_def_cfa_offset 0\n");
FRAME(ra_by_expression, "sub sp,sp,#48\n.cfi_def_cfa_offset 48\nstr x30,[sp,#24]\n.cfi_escape 0x10,30,2,0x8f,24\n" CALL
	"ldr x30,[sp,#24]\n.cfi_restore x30\nadd sp,sp,#48\n.cfi_def_cfa_offset 0\n");
FRAME(large, PUSH "sub sp,sp,#0x90,lsl #12\n.cfi_adjust_cfa_offset 0x90000\n" CALL
	"add sp,sp,#0x90,lsl #12\n.cfi_adjust_cfa_offset -0x90000\n" POP);

static void make(int size)
{
	void *volatile block = malloc((size_t)size + 1);

	free(block);
}

static void (*const frames[])(void (*)(int), int) = {plain, is_signed, signed_by_fp, record_apart,
	only_x30, cfa_in_x20, ra_in_x21, ra_by_expression, large};

#define FRAMES ((int)(sizeof(frames) / sizeof(frames[0])))

/* One such frame in another, with frames of C between. */
static __attribute__((noinline)) void outer(int n)
{
	frames[n / FRAMES % FRAMES](make, n);
	__asm__ volatile("");
}

int main(void)
{
	for (int i = 0; i < 2000; i++)
		frames[i % FRAMES](i % 5 ? make : outer, i);
	return 0;
}
