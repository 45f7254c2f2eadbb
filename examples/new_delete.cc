/*
 * C++ objects: some deleted, some not; an array that is forgotten. libstdc++ keeps a pool of its
 * own, so only these sites are exact.
 *
 * expect: state=clean
 * expect: site function=open_session line=15 bytes=200 blocks=5 allocator=operator_new frame=main
 * expect: site function=load_table line=22 bytes=4000 blocks=1 allocator=operator_new[] frame=main
 */
struct session {
	long fields[5];
};

static session *open_session(int id)
{
	session *made = new session();
	made->fields[0] = id;
	return made;
}

static double *load_table(int rows)
{
	double *table = new double[rows];
	table[0] = 1.0;
	return table;
}

int main()
{
	for (int id = 0; id < 10; id++) {
		session *opened = open_session(id);
		if (id % 2)
			delete opened;
	}
	double *kept = load_table(10);
	delete[] kept;
	return load_table(500) == nullptr;
}
