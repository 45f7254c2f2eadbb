// A plugin that uses the C++ library's operator new.
struct Kept {
	char bytes[24];
};
Kept *volatile kept;
extern "C" void plain_work()
{
	for (int i = 0; i < 5; i++)
		kept = new Kept;
	delete kept;
}
