#include <stdlib.h>

void make_widget(void);
void make_gadget(void);

void make_widget(void)
{
	for (int i = 0; i < 3; i++)
		*(volatile char *)malloc(100) = 1;
}

void make_gadget(void)
{
	for (int i = 0; i < 2; i++)
		*(volatile char *)malloc(1000) = 1;
}

int main(void)
{
	make_widget();
	make_gadget();
	return 0;
}
