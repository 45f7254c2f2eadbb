#!/bin/bash
# A terminal on stderr that takes nothing, because it was stopped or nobody reads it, does not keep the program from
# ending, nor is one in the background stopped for the line at its end (stty tostop). A terminal that takes it gets it.
. "$(dirname "$0")/../lib.sh"
need gcc python3

cat >p.c <<'END'
#include <stdlib.h>
int main(void)
{
	return malloc(100) ? 7 : 8;
}
END
gcc -g -o p p.c || fail 'cannot compile'
cat >on_terminal.py <<'END'
# on_terminal.py HOW COMMAND…: runs it with a terminal as stderr; prints its status, and what came.
import fcntl, os, pty, select, signal, sys, termios, time

how, command = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
if how == "stopped":
    termios.tcflow(slave, termios.TCOOFF)
if how == "unread":
    os.set_blocking(slave, False)
    try:
        while os.write(slave, b"x" * 512):
            pass
    except BlockingIOError:
        pass
    os.set_blocking(slave, True)
session = os.fork()
if session == 0:
    # A leader, with the terminal as its own; the program is in its group, or in the background.
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    if how == "background":
        settings = termios.tcgetattr(slave)
        settings[3] |= termios.TOSTOP
        termios.tcsetattr(slave, termios.TCSANOW, settings)
    program = os.fork()
    if program == 0:
        if how == "background":
            os.setpgid(0, 0)
        os.dup2(slave, 2)
        os.execvp(command[0], command)
    for _ in range(100):
        pid, status = os.waitpid(program, os.WNOHANG | os.WUNTRACED)
        if pid:
            break
        time.sleep(0.1)
    if not pid or os.WIFSTOPPED(status):
        os.kill(program, signal.SIGKILL)
        os._exit(99)
    os._exit(os.waitstatus_to_exitcode(status))
status = os.waitstatus_to_exitcode(os.waitpid(session, 0)[1])
said = b""
if how == "ready" and select.select([master], [], [], 0)[0]:
    said = os.read(master, 4096)
print(status, "definitely lost" if b"definitely lost" in said else "nothing")
END
recorded=(env "LD_PRELOAD=$lib" "LEAK_OPTIONS=output=$work/images/leak.%e.%p.leak")
for how in 'ready 7 definitely lost' 'stopped 7 nothing' 'unread 7 nothing' 'background 7 nothing'; do
	expect_eq "status and line, ${how%% *}" "${how#* }" \
		"$(timeout 30 python3 on_terminal.py "${how%% *}" "${recorded[@]}" ./p)"
done
