#!/bin/bash
# python3 subprocess (vfork, posix_spawn) and multiprocessing.
# pitfall: P38
. "$(dirname "$0")/../lib.sh"
need python3
program python3 python3 --version

scenario() {
	cat >m.py <<'END'
import multiprocessing, os, subprocess
def square(x): return x * x
if __name__ == "__main__":
    for i in range(10):
        print(subprocess.check_output(["echo", str(i)]))
    print(subprocess.run("exit 9", shell=True).returncode)
    pid = os.posix_spawn("/bin/echo", ["echo", "spawned"], os.environ)
    os.waitpid(pid, 0)
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(pool.map(square, range(20)))
END
	PYTHONHASHSEED=0 python3 -u m.py && rm m.py
}
same scenario
