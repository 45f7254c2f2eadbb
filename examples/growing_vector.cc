/*
 * A vector that is never deleted: its own 24 bytes, and the storage it grew to. The storage was
 * allocated inside the standard library; the first frame of our own code is what to look at.
 *
 * expect: state=clean
 * expect: site function=make_log line=15 bytes=24 blocks=1 allocator=operator_new
 * expect: site function=remember line=20 bytes=4096 blocks=1 allocator=operator_new frame=main
 */
#include <vector>

typedef std::vector<int> event_log;

static event_log *make_log()
{
	return new event_log();
}

static void remember(event_log *log, int event)
{
	log->push_back(event);
}

int main()
{
	event_log *log = make_log();

	for (int event = 0; event < 1000; event++)
		remember(log, event);
	return 0;
}
