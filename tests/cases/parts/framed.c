/* A function with a frame of FRAME bytes, which no value in it tells; at the same place whatever FRAME is. */
#include <stddef.h>

void *framed_call(void *(*function)(size_t), size_t size);

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

#ifdef __x86_64__
__asm__(".text\n.globl framed_call\n.type framed_call,@function\nframed_call:\n"
	".cfi_startproc\n"
	".byte 0x48, 0x81, 0xec\n.long " TEXT(FRAME) "\n" /* sub $FRAME, %rsp, in its long form */
	".cfi_def_cfa_offset " TEXT(FRAME) " + 8\n"
	"mov %rdi, %rax\nmov %rsi, %rdi\ncall *%rax\n"
	".byte 0x48, 0x81, 0xc4\n.long " TEXT(FRAME) "\n" /* add $FRAME, %rsp */
	".cfi_def_cfa_offset 8\n"
	"ret\n.cfi_endproc\n.size framed_call, . - framed_call\n");
#else
void *framed_call(void *(*function)(size_t), size_t size)
{
	volatile char room[FRAME];
	void *block = function(size);

	room[0] = 1;
	return block;
}
#endif
