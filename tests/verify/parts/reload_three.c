/* For reload_same_place.c: the three libraries differ in the size of this frame only. */
void work(void (*function)(int), int argument)
{
	volatile char room[20000];

	room[argument] = 1;
	function(argument + room[argument]);
}
