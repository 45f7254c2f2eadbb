// A frame of assembly without unwind information, the frame pointer full of garbage: the stack ends there, marked.
// pitfall: P13 P45
// expect: state=clean live.blocks=1 live.bytes=64 not_recorded.partial_stacks>=1
#include <stdlib.h>

#ifdef __x86_64__
void *no_cfi_malloc(size_t size);
__asm__(".text\n.globl no_cfi_malloc\n.type no_cfi_malloc,@function\nno_cfi_malloc:\n"
	"push %rbp\nmovabs $0xdeadbeef000, %rbp\nsub $48, %rsp\ncall malloc@PLT\nadd $48, %rsp\npop %rbp\nret\n"
	".size no_cfi_malloc, .-no_cfi_malloc\n");
#elif defined(__aarch64__)
void *no_cfi_malloc(size_t size);
__asm__(".text\n.globl no_cfi_malloc\n.type no_cfi_malloc,%function\nno_cfi_malloc:\n"
	"stp x29, x30, [sp, #-64]!\nmov x29, #0xbeef0000\nbl malloc\nldp x29, x30, [sp], #64\nret\n"
	".size no_cfi_malloc, .-no_cfi_malloc\n");
#else
#error "write this for the new architecture"
#endif

int main(void)
{
	return no_cfi_malloc(64) == NULL;
}
