/* Naming and creating the image's file. Runs at start-up and in a forked child's first event. */
#include <errno.h>

#include "preload/output.h"
#include "preload/options.h"
#include "preload/process.h"
#include "preload/clock.h"
#include "preload/sys.h"
#include "preload/text.h"

/* Files of one name tried before giving up: a process that executes itself again and again keeps
 * its pid, and pids come back. */
#define NUMBERS_TRIED 1000

#define DEFAULT_NAME "leak.%e.%p.leak"

static void add_host(struct text *t)
{
	char name[65 * 6] = ""; /* struct utsname, six fields of 65 bytes; the second is the node */

	sys_call1(SYS_uname, name);
	text_add(t, name + 65);
}

/* Adds text to a pattern: a percent sign in it is not one. */
static void add_literal(struct text *t, const char *string)
{
	for (; *string; string++)
		text_add(t, *string == '%' ? "%%" : (char[]){*string, '\0'});
}

static void complain(const char *what, const char *about, const char *consequence)
{
	TEXT(t, 256);

	text_add(&t, "libleak: LEAK_OPTIONS: output=: ");
	text_add(&t, what);
	text_add(&t, about);
	text_add(&t, consequence);
	text_print(&t);
}

/* at: "q{NAME}…"; returns its last character. */
static const char *add_variable(struct text *t, const char *at)
{
	char name[64];
	size_t n = 0;
	const char *value;

	for (at += 2; *at && *at != '}'; at++) {
		if (n + 1 < sizeof(name))
			name[n++] = *at;
	}
	name[n] = '\0';
	value = process_variable(name);
	if (value)
		add_literal(t, value);
	else
		complain("the environment has no variable ", name, "; nothing stands in its place");
	return *at == '}' ? at : at - 1;
}

/* One %-sequence; returns its last character. Those that change from process to process stay. */
static const char *start_sequence(struct text *t, const char *at)
{
	char sequence[] = {'%', at[1], '\0'};

	switch (at[1]) {
	case 'h':
		add_host(t);
		break;
	case 'q':
		if (at[2] == '{')
			return add_variable(t, at + 1);
		/* fallthrough */
	default:
		complain("unknown pattern ", sequence,
			"; taken as it stands (known: %p %e %h %t %n %q{VAR} %%)");
		text_add(t, "%");
		text_add(t, sequence);
		break;
	case 'p':
	case 'e':
	case 't':
	case 'n':
	case '%':
		text_add(t, sequence);
		break;
	}
	return at + 1;
}

/* What is at a path: S_IFDIR, S_IFREG, …; 0: nothing. */
static mode_t type_at(const char *path)
{
	struct stat st;
	size_t length = text_length(path);

	if (length && path[length - 1] == '/')
		return S_IFDIR;
	return sys_failed(sys_call4(SYS_newfstatat, AT_FDCWD, path, &st, 0)) ? 0
									     : st.st_mode & S_IFMT;
}

/* The pattern is the name of a device, a pipe or a socket: it must not become /dev/null.1. */
static bool is_no_file;

/* The root directory as it was at the start: directories are not made in another one. */
static dev_t root_device;
static ino_t root_inode;

static bool stat_root(struct stat *ret)
{
	return !sys_failed(sys_call4(SYS_newfstatat, AT_FDCWD, "/", ret, 0));
}

static bool root_is_the_same(void)
{
	struct stat st;

	return stat_root(&st) && st.st_dev == root_device && st.st_ino == root_inode;
}

static void note_root(void)
{
	struct stat st;

	if (!stat_root(&st))
		return;
	root_device = st.st_dev;
	root_inode = st.st_ino;
}

void output_start(void)
{
	static char pattern[OPTION_TEXT_MAX];
	struct text t = text_in(pattern, sizeof(pattern));

	note_root();
	for (const char *at = options.output; *at; at++) {
		if (at[0] == '%' && at[1])
			at = start_sequence(&t, at);
		else
			text_add_bytes(&t, at, 1);
	}
	mode_t type = type_at(pattern);
	is_no_file = type != 0 && type != S_IFDIR && type != S_IFREG;
	if (type == S_IFDIR) {
		if (t.used && pattern[t.used - 1] != '/')
			text_add(&t, "/");
		text_add(&t, DEFAULT_NAME);
	}
	if (!t.cut)
		__builtin_memcpy(options.output, pattern, sizeof(pattern));
}

/* Expands the pattern. `number` above 0 makes the name different from all others: it goes where %n
 * stands, or before the last suffix. */
static void expand(struct text *t, const char *pattern, unsigned number)
{
	bool numbered = false;
	size_t last_dot;

	if (pattern[0] != '/' && process.cwd[0]) {
		text_add(t, process.cwd);
		if (process.cwd[1])
			text_add(t, "/");
	}
	for (const char *at = pattern; *at; at++) {
		if (*at != '%' || !at[1]) {
			text_add_bytes(t, at, 1);
			continue;
		}
		switch (*++at) {
		case 'p':
			text_add_number(t, (uint64_t)sys_getpid());
			break;
		case 'e':
			text_add(t, process.exe_name);
			break;
		case 't':
			text_add_number(t, clock_realtime_ns() / 1000000000u);
			break;
		case 'n':
			text_add_number(t, number);
			numbered = true;
			break;
		default:
			text_add_bytes(t, at, 1);
		}
	}
	if (numbered || number == 0)
		return;
	for (last_dot = t->used; last_dot > 0 && t->bytes[last_dot - 1] != '/'; last_dot--) {
		if (t->bytes[last_dot - 1] == '.')
			break;
	}
	char suffix[64] = "";
	struct text s = text_in(suffix, sizeof(suffix));

	if (last_dot > 0 && t->bytes[last_dot - 1] == '.') {
		text_add(&s, t->bytes + last_dot - 1);
		t->used = last_dot - 1;
	}
	text_add(t, ".");
	text_add_number(t, number);
	text_add(t, suffix);
}

static void make_directories(char *path)
{
	for (char *c = path + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		sys_mkdir(path, 0777);
		*c = '/';
	}
}

/* Creates the first name of the pattern that is new; a descriptor, or -errno. */
static long create(char path[OUTPUT_PATH_MAX], const char *pattern)
{
	long fd = -EEXIST;

	for (unsigned number = 0; number < NUMBERS_TRIED && fd == -EEXIST; number++) {
		struct text t = text_in(path, OUTPUT_PATH_MAX);

		expand(&t, pattern, number);
		if (t.cut)
			return -ENAMETOOLONG;
		for (int attempt = 0; attempt < 2; attempt++) {
			fd = sys_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
			if (fd != -ENOENT || attempt || !root_is_the_same())
				break;
			make_directories(path);
		}
	}
	return fd;
}

/* A file that can be used, or none; 0, or -errno. */
static long create_usable(char path[OUTPUT_PATH_MAX], const char *pattern, long (*use)(int fd))
{
	long fd = create(path, pattern), error;

	if (sys_failed(fd))
		return fd;
	error = use((int)fd);
	sys_close((int)fd);
	if (error)
		sys_unlink(path);
	return error;
}

static const char *reason(long error)
{
	switch (-error) {
	case EACCES:
	case EPERM:
		return "permission denied";
	case EROFS:
		return "read-only file system";
	case ENOENT:
		return "no such directory, and it cannot be made";
	case ENOTDIR:
		return "a part of the path is not a directory";
	case ENAMETOOLONG:
		return "the name is too long";
	case EMFILE:
	case ENFILE:
		return "no file descriptor left";
	case ENOSPC:
	case EDQUOT:
		return "no space left";
	case EOPNOTSUPP:
		return "when full, its file system would stop the program at any store";
	case EFBIG:
		return "it may not be large enough (ulimit -f)";
	case EEXIST:
		return "all names of that pattern exist already";
	case EISDIR:
		return "it is a directory";
	case ENODEV:
		return "it is there, and is no file";
	}
	return "it cannot be created";
}

bool output_create(char ret_path[OUTPUT_PATH_MAX], bool complain, long (*use)(int fd))
{
	TEXT_STATIC(t, 2 * OUTPUT_PATH_MAX);
	long error = is_no_file ? -ENODEV : create_usable(ret_path, options.output, use);
	bool elsewhere;

	if (!error)
		return true;
	text_add(&t, "libleak: cannot create ");
	text_add(&t, is_no_file ? options.output : ret_path);
	text_add(&t, ": ");
	text_add(&t, reason(error));
	elsewhere = !create_usable(ret_path, "/tmp/" DEFAULT_NAME, use);
	if (elsewhere) {
		text_add(&t, "; recording to ");
		text_add(&t, ret_path);
	} else {
		ret_path[0] = '\0';
		text_add(&t,
			", nor in /tmp; recording in memory only, lost if the program is killed");
	}
	text_add(&t, " (set LEAK_OPTIONS=output=FILE)");
	if (complain)
		text_print(&t);
	return elsewhere;
}
