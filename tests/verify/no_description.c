// Frames without a description, with a frame pointer, with garbage and with a pointer to other frames in
// pitfall: P13
// rbp: our walk ends there, marked, and so does libgcc; libunwind may guess on.
// lib: plain parts/plain_frames.c -O2 -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-omit-frame-pointer
// flags: -O2 -L. -lplain -Wl,-rpath,.
// verify: events>=2000 partial>=1000 libunwind: longer<=2000
// expect: state=clean not_recorded.partial_stacks=1200
#include <stdlib.h>

void plain_call(void (*function)(int), int argument);
void no_cfi_call(void (*function)(int), int argument, void *rbp);

#ifdef __x86_64__
__asm__(".text\n.globl no_cfi_call\n.type no_cfi_call,@function\nno_cfi_call:\n"
	"push %rbp\npush %rbx\nsub $40,%rsp\nmov %rdx,%rbp\nmov %rdi,%rax\nmov %esi,%edi\ncall *%rax\n"
	"add $40,%rsp\npop %rbx\npop %rbp\nret\n.size no_cfi_call,.-no_cfi_call\n");
#elif defined(__aarch64__)
__asm__(".text\n.globl no_cfi_call\n.type no_cfi_call,%function\nno_cfi_call:\n"
	"stp x29,x30,[sp,#-48]!\nmov x29,x2\nmov x9,x0\nmov w0,w1\nblr x9\n"
	"ldp x29,x30,[sp],#48\nret\n.size no_cfi_call,.-no_cfi_call\n");
#else
#error "write this for the new architecture"
#endif

static void make(int size)
{
	void *volatile block = malloc((size_t)size + 1);

	free(block);
}

static __attribute__((noinline)) void again(int n)
{
	plain_call(make, n);
	make(n);
}

int main(void)
{
	for (int i = 0; i < 300; i++) {
		plain_call(make, i);
		plain_call(again, i);
		no_cfi_call(make, i, (void *)0xdeadbeef000);
		no_cfi_call(make, i, __builtin_frame_address(0));
		no_cfi_call(again, i, &i);
	}
	return 0;
}
