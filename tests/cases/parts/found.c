/* A library that the program finds by its RUNPATH only. */
int found(void)
{
	return 42;
}
