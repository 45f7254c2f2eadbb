// Hand-written descriptions with every form of rule: a CFA in any register or computed, registers saved
// at computed places, kept in other registers, offset by values, restored and remembered.
// machine: x86_64
// flags: -O2
// libunwind 1.6 ends at two of them: rbp kept in another register, rbp by a value.
// verify: events>=2000 libunwind: shorter<=1000
// expect: state=clean not_recorded.partial_stacks=0
#include <stdlib.h>

#ifndef __x86_64__
#error "write this for the new architecture"
#endif

/* NAME(function, argument): calls the function from a frame that is described in its own way. */
#define FRAME(name, body)                                                                          \
	void name(void (*function)(int), int argument);                                            \
	__asm__(".text\n.globl " #name "\n.type " #name ",@function\n" #name ":\n.cfi_startproc\n"  \
		body "ret\n.cfi_endproc\n.size " #name ",.-" #name "\n")
#define CALL "mov %rdi,%rax\nmov %esi,%edi\ncall *%rax\n"

/* The CFA in a register that calls preserve. */
FRAME(cfa_in_rbx, "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbx,0\n"
	"lea 8(%rsp),%rbx\n.cfi_def_cfa rbx,8\nand $-64,%rsp\nsub $256,%rsp\n" CALL
	"lea -8(%rbx),%rsp\npop %rbx\n.cfi_def_cfa rsp,8\n.cfi_restore rbx\n");
FRAME(cfa_in_r14, "push %r14\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r14,0\n"
	"mov %rsp,%r14\n.cfi_def_cfa_register r14\nsub $1008,%rsp\n" CALL
	"mov %r14,%rsp\n.cfi_def_cfa_register rsp\npop %r14\n.cfi_def_cfa rsp,8\n.cfi_restore r14\n");
/* OpenSSL's: the old stack pointer lies in the frame; DW_CFA_def_cfa_expression breg7 40, deref,
 * plus_uconst 8. */
FRAME(cfa_by_saved_rsp, "mov %rsp,%rax\n.cfi_def_cfa_register rax\npush %rbx\n.cfi_offset rbx,-16\n"
	"push %rbp\n.cfi_offset rbp,-24\nsub $72,%rsp\nand $-64,%rsp\nmov %rax,40(%rsp)\n"
	".cfi_escape 0x0f,5,0x77,40,0x06,0x23,8\nmov $3,%ebp\nmov $4,%ebx\n" CALL
	"mov 40(%rsp),%rsi\n.cfi_def_cfa rsi,8\nmov -16(%rsi),%rbp\n.cfi_restore rbp\n"
	"mov -8(%rsi),%rbx\n.cfi_restore rbx\nmov %rsi,%rsp\n.cfi_def_cfa rsp,8\n");
/* Saved registers at a computed address: DW_CFA_expression of rbp, r12 (breg7 24; breg7 8). */
FRAME(saved_by_expression, "sub $40,%rsp\n.cfi_adjust_cfa_offset 40\nmov %rbp,24(%rsp)\nmov %r12,8(%rsp)\n"
	".cfi_escape 0x10,6,2,0x77,24\n.cfi_escape 0x10,12,2,0x77,8\n"
	"mov $0x5eaf00d,%rbp\nmov $12,%r12d\n" CALL
	"mov 24(%rsp),%rbp\n.cfi_restore rbp\nmov 8(%rsp),%r12\n.cfi_restore r12\n"
	"add $40,%rsp\n.cfi_adjust_cfa_offset -40\n");
/* rbp kept in another register, which the callee preserves: DW_CFA_register. */
FRAME(kept_in_register, "push %r13\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r13,0\n"
	"mov %rbp,%r13\n.cfi_register rbp,r13\nmov $7,%ebp\n" CALL
	"mov %r13,%rbp\n.cfi_restore rbp\npop %r13\n.cfi_adjust_cfa_offset -8\n.cfi_restore r13\n");
/* An ordinary one, whose rbp is no frame pointer. */
FRAME(odd_rbp, "push %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp,0\nsub $32,%rsp\n"
	".cfi_adjust_cfa_offset 32\nmov %rsp,%rbp\n" CALL
	"add $32,%rsp\n.cfi_adjust_cfa_offset -32\npop %rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbp\n");
/* Called with rbp = rsp before the call, which its description knows: val_offset, val_expression. */
FRAME(rbp_by_value, "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbx,0\npush %rbp\n"
	".cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp,0\nlea 24(%rsp),%rbp\nsub $8,%rsp\n"
	".cfi_adjust_cfa_offset 8\ncall rbp_by_value_inner\nadd $8,%rsp\n.cfi_adjust_cfa_offset -8\n"
	"pop %rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbp\npop %rbx\n.cfi_adjust_cfa_offset -8\n"
	".cfi_restore rbx\n");
__asm__(".text\n.type rbp_by_value_inner,@function\nrbp_by_value_inner:\n.cfi_startproc\n"
	".cfi_val_offset rbp,32\nsub $8,%rsp\n.cfi_adjust_cfa_offset 8\nmov $5,%ebp\n"
	".cfi_escape 0x16,6,2,0x77,0x30\n" CALL
	"add $8,%rsp\n.cfi_adjust_cfa_offset -8\nret\n.cfi_endproc\n.size rbp_by_value_inner,.-rbp_by_value_inner\n");
/* The return address is moved, and the stack pointer after the return is given by a value. */
FRAME(moved_return, "pop %rdx\n.cfi_adjust_cfa_offset -8\n.cfi_register rip,rdx\nsub $64,%rsp\n"
	".cfi_adjust_cfa_offset 64\nmov %rdx,16(%rsp)\n.cfi_rel_offset rip,16\n"
	".cfi_val_offset rsp,0\n" CALL
	"mov 16(%rsp),%rdx\n.cfi_register rip,rdx\nadd $64,%rsp\n.cfi_adjust_cfa_offset -64\n"
	"push %rdx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rip,0\n");
/* A branchy expression: lit1; bra +3; lit0; skip…; the CFA comes out as rsp + 32 + 8. */
FRAME(computed_cfa, "sub $24,%rsp\n"
	".cfi_escape 0x0f,15,0x31,0x28,5,0,0x77,0,0x2f,2,0,0x77,32,0x12,0x16,0x13,0x96\n"
	CALL "add $24,%rsp\n.cfi_def_cfa rsp,8\n");
/* Remembered states within remembered states, and a restore to what the CIE says. */
FRAME(remembered, "push %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp,0\n.cfi_remember_state\n"
	"push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbx,0\n.cfi_remember_state\n"
	"sub $24,%rsp\n.cfi_adjust_cfa_offset 24\nmov %rsp,%rbp\n" CALL
	"add $24,%rsp\n.cfi_restore_state\npop %rbx\n.cfi_restore_state\npop %rbp\n"
	".cfi_adjust_cfa_offset -8\n.cfi_restore rbp\n");
/* A description for another function of a personality and of its own data. */
FRAME(with_personality, ".cfi_personality 0x9b,DW.ref.nobody\n.cfi_lsda 0x1b,lsda\n"
	"sub $8,%rsp\n.cfi_adjust_cfa_offset 8\n" CALL "add $8,%rsp\n.cfi_adjust_cfa_offset -8\n");
__asm__(".section .data.rel,\"aw\"\n.align 8\nDW.ref.nobody: .quad nobody\nlsda: .quad 0\n.text\n");

void nobody(void);
void nobody(void)
{
}

static void make(int size)
{
	void *volatile block = malloc((size_t)size + 1);

	free(block);
}

static void (*const frames[])(void (*)(int), int) = {cfa_in_rbx, cfa_in_r14, cfa_by_saved_rsp,
	saved_by_expression, kept_in_register, odd_rbp, rbp_by_value, moved_return, computed_cfa, remembered,
	with_personality};

#define FRAMES ((int)(sizeof(frames) / sizeof(frames[0])))

/* Each inside each: what one keeps in a register the other must find again. */
static __attribute__((noinline)) void inner(int n)
{
	make(n);
	frames[n % FRAMES](make, n);
	make(n + 1);
}

int main(void)
{
	for (int i = 0; i < 3 * FRAMES * FRAMES; i++) {
		frames[i / FRAMES % FRAMES](inner, i);
		inner(i);
	}
	return 0;
}
