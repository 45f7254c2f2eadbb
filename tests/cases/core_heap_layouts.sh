#!/bin/bash
# Heaps of glibc 2.26 to 2.40 in cores made by hand: where their structures differ, the figures do not.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need python3 jq
cat >make.py <<'END'
import struct, sys
name, head, counts, mangled, info_words, padded = sys.argv[1], *map(int, sys.argv[2:])
PAGE, EXE, HEAP, ARENA, LARGE = 4096, 0x400000, 0x1000000, 0x7f0000000000, 0x7f1000000000

class Memory:
    def __init__(self, start, size):
        self.start, self.bytes = start, bytearray(size)
    def put(self, address, *words, form="Q"):
        struct.pack_into("<%d%s" % (len(words), form), self.bytes, address - self.start, *words)

def chain(memory, first_at, chunks, to_contents, link=16):
    """Links the chunks from the pointer at first_at on."""
    places = [chunk + to_contents for chunk in chunks]
    memory[0].put(first_at, places[0])
    for chunk, place in zip(chunks, places[1:] + [0]):
        at = chunk + link
        memory[1].put(at, place ^ (at >> 12) if mangled else place)

def fill(memory, at, sizes, end, flags):
    """Chunks of these sizes, negative ones free, then the top. Returns their addresses."""
    chunks, before = [], 1
    for size in sizes:
        memory.put(at + 8, abs(size) | before | flags)
        if size < 0:
            memory.put(at - size, -size)
        chunks.append(at)
        before = size > 0
        at += abs(size)
    memory.put(at + 8, (end - at) | before)
    return chunks, at

def put_state(memory, address, top, system, following, fast):
    bins = address + head
    memory.put(bins - 16, top, 0)
    for i in range(127):
        memory.put(bins + 16 * i, bins + 16 * i - 16, bins + 16 * i - 16)
    for index, chunk in fast.items():
        memory.put(bins - 96 + 8 * index, chunk)
    memory.put(bins + 2048, following, 0, 1, system, system)
    return bins + 2088

exe = Memory(EXE, 3 * PAGE)
heap = Memory(HEAP, 8 * PAGE)
arena = Memory(ARENA, 8 * PAGE)
large = Memory(LARGE, 50 * PAGE)

# The main heap: a cache, 3 used, 2 in the cache, 2 in a fast bin, 1 free.
cache_size = 0x290 if counts == 2 else 0x250
sizes = [cache_size, 0x40, 0x40, 0x40, 0x30, 0x30, 0x20, 0x20, -0x500, 0x100]
chunks, top = fill(heap, HEAP, sizes, HEAP + 8 * PAGE, 0)
contents = HEAP + 16
heap.put(contents + counts, 2, form="B" if counts == 1 else "H")
chain((heap, heap), contents + 64 * counts + 8, chunks[4:6], 16)
state = EXE + PAGE + 0x40
put_state(exe, state, top, 8 * PAGE, ARENA + 8 * info_words, {0: chunks[6]})
chain((exe, heap), state + head - 96, chunks[6:8], 0)

# Another arena, without a cache: 2 used, 1 free.
at = ARENA + (0x30 if info_words == 5 else 0x20)
arena.put(ARENA, at, 0, 6 * PAGE, 8 * PAGE)
behind = at + head + 2088
first = (behind + 15) & ~15
other, other_top = fill(arena, first, [0x60, -0x700, 0x80], ARENA + 6 * PAGE, 4)
put_state(arena, at, other_top, 6 * PAGE, state, {})

# malloc_par, and two large blocks.
par = EXE + 2 * PAGE + 0x100
exe.put(par, HEAP, 64, 1032, 7)
exe.put(par - 16, 50 * PAGE, 50 * PAGE)
exe.put(par - (36 if padded else 32), 2, 65536, 3, 0, form="I")
large.put(LARGE, 0, 20 * PAGE | 2)
large.put(LARGE + 20 * PAGE, 0, 30 * PAGE | 2)

def note(kind, data):
    return struct.pack("<III8s", 5, len(data), kind, b"CORE") + data + bytes(-len(data) % 4)

files = struct.pack("<QQQQQ", 1, PAGE, EXE, EXE + 3 * PAGE, 0) + b"/nowhere/program\0"
notes = note(1, bytes(32) + struct.pack("<i", 1) + bytes(300))
notes += note(6, struct.pack("<QQQQ", 3, EXE + 64, 0, 0)) + note(0x46494c45, files)
segments = [exe, heap, arena, large, Memory(0x7ffffff00000, 33 * PAGE)]
at = 64 + 56 * (len(segments) + 1)
headers = struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(notes), 0, 4)
at += len(notes)
for memory in segments:
    size = len(memory.bytes)
    headers += struct.pack("<IIQQQQQQ", 1, 6, at, memory.start, 0, size, size, 1)
    at += size
ident = b"\x7fELF\2\1\1" + bytes(9)
header = struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, len(segments) + 1, 0, 0, 0)
open(name, "wb").write(ident + header + headers + notes + b"".join(bytes(m.bytes) for m in segments))
END

see() { # VERSION HEAD COUNTS MANGLED INFO_WORDS PADDED
	core=$work/core.$1
	python3 make.py "$core" "${@:2}" || fail "cannot make a core"
	core_report "$core"
	local cache=$((0x290))
	[ "$3" = 2 ] || cache=$((0x250))
	expect_eq "$1: main arena" "true used 5 $((cache + 3 * 0x40 + 0x100)) cached 2 96 fast 2 64 free 1 1280 top $((8 * 4096 - cache - 3 * 0x40 - 96 - 64 - 1280 - 0x100)) null" \
		"$(field '.processes[0].heap.arenas[0] | "\(.main) used \(.used.blocks) \(.used.bytes) cached \(.cached.blocks) \(.cached.bytes) fast \(.fast.blocks) \(.fast.bytes) free \(.free.blocks) \(.free.bytes) top \(.top_bytes) \(.trouble)"')"
	expect_eq "$1: other arena" "false used 2 224 cached 0 fast 0 free 1 1792 24576 null" \
		"$(field '.processes[0].heap.arenas[1] | "\(.main) used \(.used.blocks) \(.used.bytes) cached \(.cached.blocks) fast \(.fast.blocks) free \(.free.blocks) \(.free.bytes) \(.bytes) \(.trouble)"')"
	expect_eq "$1: other's top reaches the end" 24576 "$(field ".processes[0].heap.arenas[1] | .top_bytes + .used.bytes + .free.bytes + (($2 + 2088 + ($5 + $5 % 2) * 8 + 15) / 16 | floor) * 16")"
	expect_eq "$1: large, caches, fast" "2 204800 2 1 true" \
		"$(field '.processes[0].heap | "\(.large.blocks) \(.large.bytes) \(.large_expected) \(.caches) \(.fast_known)"')"
}
see 2.26 104 1 0 4 0
see 2.27 112 1 0 4 0
see 2.30 112 2 0 4 0
see 2.32 112 2 1 4 0
see 2.35 112 2 1 5 1
exit 0
