/* A function whose frame has a frame pointer and no description. */
void plain_call(void (*function)(int), int argument)
{
	volatile char room[24];

	room[argument % 24] = 1;
	function(argument + room[argument % 24]);
}
