// An operator new that returns an address inside malloc's block is one allocation, and its delete one free.
// pitfall: P50
// lib: header parts/header_new.cc
// flags: -L. -lheader -Wl,-rpath,$PWD
// expect: totals.allocs<=21 not_recorded.unknown_frees=0 not_recorded.missed_frees=0
// expect: site function=main line=16 blocks=10 bytes=1160
struct Hundred {
	char bytes[100];
};

Hundred *volatile kept;

int main()
{
	for (int i = 0; i < 10; i++)
		kept = new Hundred; // the library asks malloc for sixteen bytes more
	for (int i = 0; i < 10; i++) {
		kept = new Hundred;
		delete kept;
	}
}
