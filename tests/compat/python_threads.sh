#!/bin/bash
# python3 with threads that allocate and a fork among them.
# pitfall: P36
. "$(dirname "$0")/../lib.sh"
need python3
program python3 python3 --version

scenario() {
	PYTHONHASHSEED=0 python3 -c '
import os, threading
total = [0] * 6
def work(n):
    for i in range(2000):
        total[n] += len([bytes(i % 700) for _ in range(3)])
threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
[t.start() for t in threads]
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        x = [bytearray(5000) for _ in range(100)]
        os._exit(len(x) % 64)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
[t.join() for t in threads]
print(total)'
}
same scenario
