#!/bin/bash
# A damaged core never crashes or hangs the report: bytes are changed at random, always the same ones.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc python3
cat >p.c <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
static pthread_barrier_t barrier;
static void *waiter(void *arg)
{
	void *blocks[100];
	for (int i = 0; i < 100; i++) blocks[i] = malloc(i * 10);
	for (int i = 0; i < 100; i += 2) free(blocks[i]);
	pthread_barrier_wait(&barrier);
	for (;;) pause();
}
int main(void)
{
	pthread_t threads[2];
	pthread_barrier_init(&barrier, NULL, 3);
	for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, waiter, NULL);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 100; i++) free(malloc(200000));
	abort();
}
END
gcc -g -O0 -w -o p p.c -lpthread || fail "cannot compile"
# Small thread stacks make a small core.
crash bash -c 'ulimit -s 128; exec "$1"' - "$PWD/p"
mv "$core" alone

# The same of a recorded process, whose blocks are looked for in the core's memory.
crash bash -c 'ulimit -s 128; LD_PRELOAD=$1 LEAK_OPTIONS=output=$2 exec "$3"' - "$lib" "$work/images/p.leak" "$PWD/p"
rm "$work/images/p.leak"

for file in alone "$core"; do
	python3 - "$leak" "$file" "$work/damaged" "${ROUNDS:-100}" "${SEED:-1}" <<'END' || exit 1
import os, random, struct, subprocess, sys
leak, core, damaged, rounds, seed = sys.argv[1:]
whole = open(core, "rb").read()
random.seed(int(seed))
count = struct.unpack_from("<H", whole, 56)[0]
headers = (0, 64 + 56 * count)
notes = next((offset, offset + size) for kind, _, offset, _, _, size, _, _ in
    (struct.unpack_from("<IIQQQQQQ", whole, 64 + 56 * i) for i in range(count)) if kind == 4)
words = [0, 1, 2**64 - 1, 2**63 - 1, 2**47, 2**26, 4096, 0x91, 0xffffffff]
for number in range(int(rounds)):
    data = bytearray(whole)
    start, end = random.choice([headers, notes, (notes[1], len(data)), (0, len(data))])
    for _ in range(random.randrange(1, 40)):
        at = random.randrange(start, end)
        if random.random() < 0.5:
            data[at] ^= 1 << random.randrange(8)
        else:
            at -= at % 8
            data[at:at + 8] = struct.pack("<Q", random.choice(words + [random.getrandbits(64)]))
    if random.random() < 0.2:
        del data[random.randrange(len(data)):]
    open(damaged, "wb").write(data)
    try:
        run = subprocess.run([leak, "report", "-v" if number % 2 else "--json", damaged] +
            ([] if number % 8 == 0 else ["--no-symbolize"]),
            capture_output=True, timeout=100)
    except subprocess.TimeoutExpired:
        print("round", number, "hangs")
        sys.exit(1)
    if run.returncode not in (0, 3) or b"Sanitizer" in run.stderr or b"runtime error" in run.stderr:
        print("round", number, "ends with", run.returncode, run.stderr.decode(errors="replace")[-2000:])
        sys.exit(1)
    if run.stdout == b"" and run.stderr == b"":
        print("round", number, "says nothing")
        sys.exit(1)
END
done
exit 0
