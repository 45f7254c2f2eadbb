// C++ with mimalloc preloaded, whose operator new never passes through malloc: 100 are seen as 100.
// preload: libmimalloc.so.2.0
// expect: state=clean
// expect: site function=lose line=13 bytes=4800 blocks=100 allocator=operator_new
// expect: nosite function=keep
struct item {
	long fields[6];
};

static item *volatile last;
static void lose()
{
	last = new item();
}

static void keep()
{
	delete new item();
}

int main()
{
	for (int i = 0; i < 100; i++) {
		lose();
		keep();
	}
	return 0;
}
