// Started with descriptors 0-2 closed, the program gets 0, 1, 2, 3 from its own opens.
// pitfall: P17
// launch: bash -c 'exec 0<&- 1>&- 2>&-; exec "$@"' -
// expect: state=clean exit_status=0
#include <fcntl.h>
#include <stdlib.h>

int main(void)
{
	void *volatile block = malloc(10);

	for (int expected = 0; expected < 4; expected++)
		if (open("/dev/null", O_RDONLY) != expected)
			return 10 + expected;
	return block == NULL;
}
