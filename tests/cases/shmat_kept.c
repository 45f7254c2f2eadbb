// A System V segment that stays attached is a region of kind shm; a detached one is none.
// pitfall: P52
// expect: state=clean regions.shm.bytes=131072 regions.shm.count=1
// expect: site kind=shm function=attach line=11 bytes=131072 allocator=shmat
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static void *attach(int id)
{
	return shmat(id, NULL, 0);
}

int main(void)
{
	int kept = shmget(IPC_PRIVATE, 131072, IPC_CREAT | 0600);
	int gone = shmget(IPC_PRIVATE, 65536, IPC_CREAT | 0600);
	char *first, *second;

	if (kept < 0 || gone < 0)
		return 1;
	first = attach(kept);
	second = attach(gone);
	shmctl(kept, IPC_RMID, NULL);
	shmctl(gone, IPC_RMID, NULL);
	if (first == (void *)-1 || second == (void *)-1)
		return 2;
	return shmdt(second);
}
