/*
 * The alternate screen of a terminal that understands the sequences of xterm, as all in use do.
 * Called by cmd_top.c, on one thread. Does not know the terminal's database: it draws lines, clears
 * what is behind them, and moves to the corner.
 */
#define _GNU_SOURCE
#include "screen.h"

#include "clock.h"
#include "memory.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Alternate screen, no cursor, no wrapping of lines; and back, leaving nothing on it: tmux has
 * shown what was there when the window had been resized meanwhile. */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[H\033[J\033[?7h\033[?25h\033[?1049l"

static const int deadly[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
#define DEADLY (sizeof(deadly) / sizeof(deadly[0]))

static struct termios found; /* the terminal's state before */
static bool has_terminal;    /* standard input is one, and `found` is valid */
static bool has_keys;        /* and keys still come from it */
static volatile sig_atomic_t is_open, redraw;

static void write_all(const char *text, size_t size)
{
	while (size) {
		ssize_t put = write(STDOUT_FILENO, text, size);
		if (put < 0 && errno != EINTR)
			return;
		if (put > 0) {
			text += put;
			size -= (size_t)put;
		}
	}
}

/* Both also run in signal handlers: nothing but write and tcsetattr. */
static void enter(void)
{
	struct termios raw = found;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (has_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	write_all(ENTER, strlen(ENTER));
	is_open = true;
}

static void leave(void)
{
	if (!is_open)
		return;
	is_open = false;
	write_all(LEAVE, strlen(LEAVE));
	if (has_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &found);
}

/* The terminal first, then the signal's usual effect. */
static void on_deadly(int number)
{
	leave();
	signal(number, SIG_DFL);
	raise(number);
}

static void on_resize(int number)
{
	(void)number;
	redraw = true;
}

static void on_stop(int number)
{
	int kept = errno;
	sigset_t set;
	struct sigaction action = {.sa_handler = on_stop};

	leave();
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL); /* it stops here */
	sigaction(number, &action, NULL);
	enter();
	redraw = true;
	errno = kept;
}

static void set_handlers(void)
{
	struct sigaction die = {.sa_handler = on_deadly}, before;
	struct sigaction resize = {.sa_handler = on_resize}, stop = {.sa_handler = on_stop};

	/* What was ignored stays so (nohup). */
	for (size_t i = 0; i < DEADLY; i++)
		if (sigaction(deadly[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(deadly[i], &die, NULL);
	if (sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
		sigaction(SIGTSTP, &stop, NULL);
	sigaction(SIGWINCH, &resize, NULL);
}

void screen_open(void)
{
	has_terminal = has_keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &found) == 0;
	set_handlers();
	atexit(leave);
	enter();
}

void screen_close(void)
{
	leave();
}

void screen_size(int *ret_lines, int *ret_columns)
{
	struct winsize size;

	*ret_lines = 24;
	*ret_columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	if (size.ws_row)
		*ret_lines = size.ws_row;
	if (size.ws_col)
		*ret_columns = size.ws_col;
}

void screen_draw(const char *text)
{
	int lines, columns;
	char *drawn = NULL;
	size_t size = 0;

	screen_size(&lines, &columns);
	FILE *out = open_memstream(&drawn, &size);
	if (out == NULL)
		return;
	/* A line is cleared before it is written: behind its last column the cursor stays on that.
	 * The last line has no end: that would scroll. */
	for (int line = 0; line < lines; line++) {
		size_t length = strcspn(text, "\n");
		fputs(line ? "\r\n\033[K" : "\033[H\033[K", out);
		fwrite(text, 1, length, out);
		text += length + (text[length] == '\n');
	}
	if (fclose(out) == 0)
		write_all(drawn, size);
	free(drawn);
}

static int key(void)
{
	unsigned char c;
	ssize_t got = read(STDIN_FILENO, &c, 1);

	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
		has_keys = false;
	return got == 1 ? c : SCREEN_REDRAW;
}

int screen_wait(uint64_t until_ns, int fd)
{
	struct pollfd polled[2] = {{.fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = fd, .events = POLLIN}};
	struct timespec left, *timeout = NULL;
	sigset_t blocked, before;

	/* A signal that comes between the look at `redraw` and the wait must not wait with us. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sigaddset(&blocked, SIGTSTP);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	uint64_t now_ns = clock_monotonic_ns();
	if (until_ns != UINT64_MAX) {
		uint64_t wait = until_ns > now_ns ? until_ns - now_ns : 0;
		left = (struct timespec){.tv_sec = (time_t)(wait / 1000000000u),
			.tv_nsec = (long)(wait % 1000000000u)};
		timeout = &left;
	}
	int ready = redraw ? -1 : ppoll(polled, 2, timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (redraw || ready < 0) {
		redraw = false;
		return SCREEN_REDRAW;
	}
	if (polled[0].revents)
		return key();
	return polled[1].revents ? SCREEN_READY : SCREEN_TIMEOUT;
}
