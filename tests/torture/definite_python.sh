#!/bin/bash
# python3 ends while threads of it compute, sleep and wait, every object being a block: nothing is lost.
# timeout: 240
. "$(dirname "$0")/definite.inc"
need python3

python=$(python3 -c 'import sys; print(sys.executable)')
cat >"$work/threads.py" <<'END'
import hashlib, threading, time

started = threading.Semaphore(0)

def compute(digest):
    started.release()
    hashlib.pbkdf2_hmac(digest, b'password', b'salt', 10**9)

def wait(how, *limit):
    started.release()
    how(*limit)

def make(n):
    return [bytes(i % 700) for i in range(300)]

waiting = [(compute, 'sha256'), (compute, 'sha512'), (wait, threading.Event().wait), (wait, time.sleep, 1000)]
for work, *arguments in waiting:
    threading.Thread(target=work, args=arguments, daemon=True).start()
threads = [threading.Thread(target=make, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
[started.acquire() for _ in waiting]
time.sleep(0.05)
END
scenario() {
	PYTHONMALLOC=malloc recorded "$python" -I -S "$work/threads.py"
}
fifty scenario
expect_eq "processes" $runs "$(checked python3)"
expect_eq "threads" 4 "$(field '[.processes[].check.threads] | min')"
none_lost
