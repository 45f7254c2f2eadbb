// Loses a hundred objects in lose(), and keeps none of those of keep(): the program of the new_* cases.
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
