/* pauses PORT FILE: asks a redis-server for a key over and over until FILE exists; then prints how many
 * answers came, and the longest and the second longest time that one took, in milliseconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	/* SET takes a new object each time, so the server has events. */
	static const char question[] = "SET pauses 12345678901234567890123456789012345678901234567890\r\n";
	int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	double longest = 0, second = 0;
	long answers = 0;
	char answer[256];

	if (argc != 3)
		return 2;
	address.sin_port = htons((unsigned short)atoi(argv[1]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(server, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 3;
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	while (access(argv[2], F_OK) < 0) {
		double start = now(), took;

		if (write(server, question, sizeof(question) - 1) != sizeof(question) - 1 ||
			read(server, answer, sizeof(answer)) <= 0 || answer[0] != '+')
			return 4;
		took = now() - start;
		answers++;
		if (took > longest) {
			second = longest;
			longest = took;
		} else if (took > second) {
			second = took;
		}
	}
	printf("%ld %.1f %.1f\n", answers, longest, second);
	return 0;
}
