// Descriptions that are wrong: a caller below, outside of the stack, at an odd place, at no address. The
// stack ends there, marked, and nothing outside of it is read. (libunwind reads a far frame pointer that nobody needs.)
// flags: -O2
// verify: events>=1000 implausible>=1200 libunwind: longer<=2000 other<=200
// expect: state=clean not_recorded.partial_stacks>=5
#include <stdlib.h>

#ifdef __x86_64__
#define FRAME(name, lie)                                                                           \
	void name(void (*function)(int), int argument);                                            \
	__asm__(".text\n.globl " #name "\n.type " #name ",@function\n" #name ":\n.cfi_startproc\n"  \
		"push %rbp\nsub $48,%rsp\nmovq $0x1234567,16(%rsp)\nmovabs $0x7fffffffffffff,%rax\n" \
		"mov %rax,24(%rsp)\n" lie                                                          \
		"\nmov %rdi,%rax\nmov %esi,%edi\ncall *%rax\nadd $48,%rsp\npop %rbp\nret\n"        \
		".cfi_endproc\n.size " #name ",.-" #name "\n")

FRAME(caller_below, ".cfi_def_cfa rsp,-64");
FRAME(caller_here, ".cfi_def_cfa rsp,0");
FRAME(caller_far, ".cfi_def_cfa rsp,0x7ffffff0");
FRAME(caller_odd, ".cfi_def_cfa rsp,59");
FRAME(no_address, ".cfi_def_cfa rsp,32");
FRAME(by_garbage, "mov $0x123450,%ebp\n.cfi_def_cfa rbp,16");
FRAME(fp_far, ".cfi_def_cfa rsp,64\n.cfi_offset rbp,0x7ffffff0");
#elif defined(__aarch64__)
/* The return address is saved right below the CFA, as the lie has it. */
#define FRAME(name, lie)                                                                           \
	void name(void (*function)(int), int argument);                                            \
	__asm__(".text\n.globl " #name "\n.type " #name ",%function\n" #name ":\n.cfi_startproc\n"  \
		"stp x29,x30,[sp,#-64]!\nmov x9,#0x12340000\nstr x9,[sp,#16]\n"                      \
		"mov x9,#0xff00000000000000\nstr x9,[sp,#24]\n.cfi_offset x30,-8\n" lie              \
		"\nmov x9,x0\nmov w0,w1\nblr x9\nldp x29,x30,[sp],#64\nret\n"                      \
		".cfi_endproc\n.size " #name ",.-" #name "\n")

FRAME(caller_below, ".cfi_def_cfa sp,-64");
FRAME(caller_here, ".cfi_def_cfa sp,0");
FRAME(caller_far, ".cfi_def_cfa sp,0x7ffffff0");
FRAME(caller_odd, ".cfi_def_cfa sp,59");
FRAME(no_address, ".cfi_def_cfa sp,32");
FRAME(by_garbage, "mov x29,#0x120000\n.cfi_def_cfa x29,16");
FRAME(fp_far, ".cfi_def_cfa sp,64\n.cfi_offset x30,-56\n.cfi_offset x29,0x7ffffff0");
#else
#error "write this for the new architecture"
#endif

static void make(int size)
{
	void *volatile block = malloc((size_t)size + 1);

	free(block);
}

static void (*const frames[])(void (*)(int), int) = {caller_below, caller_here, caller_far, caller_odd,
	no_address, by_garbage, fp_far};

int main(void)
{
	for (int i = 0; i < 1400; i++)
		frames[i % 7](make, i);
	return 0;
}
