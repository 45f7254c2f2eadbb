/*
 * The image: the tables of one recorded process, as they lie in memory and on disk.
 *
 * The writer (preload/) owns this format; the analyzer is its only other reader. The file is a
 * picture of the live tables: there is no dump step, so it is readable at every instant, also after
 * kill -9. Everything is little-endian and natively aligned; every reference is a byte offset from
 * the start of the image, an index, or an address of the recorded process.
 *
 * Layout: one struct image_header at offset 0, then chunks. Every chunk starts at a multiple of
 * IMAGE_PAGE with a struct chunk_header, whose `magic` is stored last (release order): a chunk whose
 * header is still zero was in flight when the process died. A reader walks from IMAGE_FIRST_CHUNK:
 * a valid header says how far the next one is, anything else means "look one page further".
 * Inside a chunk the rows are published one by one (see each row's "published by").
 *
 * Version rule: bump IMAGE_VERSION when a reader of the previous version would misread a new image.
 * A new chunk type, or a field whose zero means "absent" in a reserved word or at the header's end,
 * needs no bump.
 */
#ifndef LEAK_IMAGE_FORMAT_H
#define LEAK_IMAGE_FORMAT_H

#include <stdint.h>

#define IMAGE_MAGIC 0x314b41454c42494cull /* "LIBLEAK1" in a little-endian dump */
#define IMAGE_VERSION 2u
#define IMAGE_PAGE 4096u
#define IMAGE_FIRST_CHUNK IMAGE_PAGE /* the header page comes first */
#define IMAGE_ENDIAN_MARK 0x01020304u

#define IMAGE_EXE_MAX 512
#define IMAGE_ARGS_MAX 1024
#define IMAGE_CWD_MAX 512
#define IMAGE_OPTIONS_MAX 256
#define IMAGE_BUILD_ID_MAX 32
#define IMAGE_LABEL_MAX 64
#define IMAGE_LABEL_REST 40 /* of a long epoch label, the NUL included */
#define IMAGE_NAME_MAX 16 /* thread names and epoch labels, as PR_GET_NAME */

/* How the recording stands. Written by the process itself; a reader that finds RUNNING and no such
 * process (same boot, pid and start time) calls it killed. */
enum image_state {
	IMAGE_RUNNING = 1, /* being written, or ended without a goodbye */
	IMAGE_CLEAN = 2,   /* exit(), return from main, quick_exit, _exit: `exit_status` is valid */
	IMAGE_EXEC = 3,    /* replaced by another program */
	IMAGE_CRASHED = 4, /* handle_segv=1 saw it: `signal` and `fault_address` are valid */
};

/* Why the image is where it is, or is not a file. */
enum image_backing {
	IMAGE_BACKING_FILE = 1,      /* a named MAP_SHARED file */
	IMAGE_BACKING_ANONYMOUS = 2, /* no file could be made; written out at the end */
};

/*
 * Things that could not be recorded, or not fully. Every row is a counter in header.lost[] and a
 * line in the report when it is not zero.
 */
#define IMAGE_LOST_TABLE(X)                                                                        \
	X(DROPPED_EVENTS, "dropped_events", "events not recorded: no memory for the tables")       \
	X(TRUNCATED_STACKS, "truncated_stacks", "stacks cut at the depth limit, or where memory ended")\
	X(PARTIAL_STACKS, "partial_stacks", "stacks that end at code without unwind information")  \
	X(UNKNOWN_FREES, "unknown_frees", "frees of blocks never seen being allocated")            \
	X(INHERITED_FREES, "inherited_frees", "frees of blocks inherited from the parent process") \
	X(MISSED_FREES, "missed_frees", "blocks whose address came back without a free being seen") \
	X(EARLY_BLOCKS, "early_blocks", "blocks handed out before the recorder was relocated")     \
	X(LATE_STARTS, "late_starts", "events passed through while the recorder was starting")     \
	X(DROPPED_REGIONS, "dropped_regions", "mapping events not recorded")                       \
	X(SIZE_OVERFLOWS, "size_overflows", "blocks of 2^47 bytes or more, recorded as 2^47-1")    \
	X(NESTED_STACKS, "nested_stacks", "events in nested signal handlers, recorded without stack") \
	X(DROPPED_MODULES, "dropped_modules", "loaded libraries without a number: their frames have no name") \
	X(FAILED_CHECKS, "failed_checks", "checks for lost blocks that came to nothing")           \
	X(HIDDEN_ALLOCATORS, "hidden_allocators", "allocators in front of the recorder, whose blocks are not seen") \
	X(NAMESPACES, "namespaces", "namespaces of the loader, in which nothing is seen") \
	X(NOT_STARTED, "not_started", "processes of which nothing is recorded: no memory for the tables when they began") \
	X(SANDBOXED_CHILDREN, "sandboxed_children", "forked children that are not recorded: the process was in a sandbox, which might kill for it")

enum image_lost {
#define X(id, name, text) LOST_##id,
	IMAGE_LOST_TABLE(X)
#undef X
	LOST_COUNT
};

/*
 * Who made a block or a region: the function the program called. A family is the leaf of every
 * stack (struct image_node with ip < FAMILY_COUNT). `symbol` is valgrind's frame 0: suppressions
 * are anchored there. `release` is the group that must release it: m = free, n = delete,
 * a = delete[], r = munmap and kin, c = the program's own pool (leak.h).
 */
#define IMAGE_FAMILY_TABLE(X)                        \
	X(NONE, "?", '?')                            \
	X(IGNORED, "ignored", '?')                   \
	X(MALLOC, "malloc", 'm')                     \
	X(CALLOC, "calloc", 'm')                     \
	X(REALLOC, "realloc", 'm')                   \
	X(REALLOCARRAY, "reallocarray", 'm')         \
	X(MEMALIGN, "memalign", 'm')                 \
	X(POSIX_MEMALIGN, "posix_memalign", 'm')     \
	X(ALIGNED_ALLOC, "aligned_alloc", 'm')       \
	X(VALLOC, "valloc", 'm')                     \
	X(PVALLOC, "pvalloc", 'm')                   \
	X(NEW, "_Znwm", 'n')                         \
	X(NEW_NOTHROW, "_ZnwmRKSt9nothrow_t", 'n')   \
	X(NEW_ALIGNED, "_ZnwmSt11align_val_t", 'n')  \
	X(NEW_ALIGNED_NOTHROW, "_ZnwmSt11align_val_tRKSt9nothrow_t", 'n') \
	X(NEW_ARRAY, "_Znam", 'a')                   \
	X(NEW_ARRAY_NOTHROW, "_ZnamRKSt9nothrow_t", 'a') \
	X(NEW_ARRAY_ALIGNED, "_ZnamSt11align_val_t", 'a') \
	X(NEW_ARRAY_ALIGNED_NOTHROW, "_ZnamSt11align_val_tRKSt9nothrow_t", 'a') \
	X(MMAP, "mmap", 'r')                         \
	X(MREMAP, "mremap", 'r')                     \
	X(BRK, "brk", 'r')                           \
	X(SBRK, "sbrk", 'r')                         \
	X(SHMAT, "shmat", 'r')                       \
	X(CUSTOM, "custom", 'c')

enum image_family {
#define X(id, symbol, release) FAMILY_##id,
	IMAGE_FAMILY_TABLE(X)
#undef X
	FAMILY_COUNT
};

struct image_header {
	uint64_t magic;       /* IMAGE_MAGIC, stored last */
	uint32_t version;     /* IMAGE_VERSION */
	uint32_t endian;      /* IMAGE_ENDIAN_MARK as the writer's machine stores it */
	uint32_t header_size; /* sizeof(struct image_header) of the writer */
	uint32_t machine;     /* ELF e_machine of the recorded process */
	uint32_t page_size;   /* of the recorded machine, bytes */
	uint32_t backing;     /* enum image_backing */

	int32_t pid, ppid; /* as the process itself sees them */
	uint32_t state;    /* enum image_state */
	int32_t exit_status;
	int32_t signal; /* with IMAGE_CRASHED, or filled in by `leak run`; else 0 */
	uint32_t forked; /* 1: this process came from a fork of a recorded one */
	uint64_t fault_address;

	uint64_t start_realtime_ns;  /* CLOCK_REALTIME when recording began */
	uint64_t start_monotonic_ns; /* CLOCK_MONOTONIC_COARSE at the same instant */
	uint64_t end_monotonic_ns;   /* at the last state change, 0 while running */
	uint64_t process_starttime;  /* field 22 of /proc/self/stat, clock ticks; 0 unknown */
	uint8_t boot_id[16];

	uint64_t used_bytes;   /* image bytes handed out to chunks so far, header page included */
	uint64_t opened_bytes; /* image bytes backed by storage */
	uint64_t limit_bytes;  /* the most this image can grow to */

	/* Process-wide live total and its peak: exact with one recording thread; each further thread
	 * holds back at most PEAK_FLUSH_BYTES of it in its own slot (thread.live_delta). */
	int64_t live_bytes_flushed;
	int64_t peak_bytes_flushed;

	uint64_t lost[32];    /* indexed by enum image_lost */
	uint64_t moment_bias; /* marks so far; see struct image_epoch */

	uint32_t granule_shift; /* log2 of heap bytes per live-index slot: 5 under glibc, else 4 */
	uint32_t clock_shift;   /* a moment is (monotonic ns - start) >> clock_shift, + bias */

	/* NUL-terminated, and cut where it is longer: the whole is a text then (TEXT_EXE, …). */
	char exe[IMAGE_EXE_MAX];   /* absolute path */
	char args[IMAGE_ARGS_MAX]; /* NUL-separated argv */
	uint32_t args_bytes;       /* valid bytes in args */
	uint32_t args_cut;         /* 1: the arguments did not fit */
	char cwd[IMAGE_CWD_MAX];         /* as exe */
	char options[IMAGE_OPTIONS_MAX]; /* LEAK_OPTIONS as given; as exe */
	uint64_t failed_allocs;          /* allocations that the program's allocator refused */

	/* From this offset on the image is in the process's memory only, right behind what is mapped
	 * of the file, because the file could not grow: the disk was full, or a limit forbade it. Of
	 * a process that is gone nothing is left of it. 0: all of it is in the file. */
	uint64_t memory_from;

	/* Only in a copy that `leak snap` made of a running process's image, else zero: when it was
	 * made. `state` is RUNNING there, and end_monotonic_ns the same instant. */
	uint64_t snapshot_realtime_ns;
	char snapshot_label[IMAGE_LABEL_MAX]; /* what the user called it, NUL-terminated */

	/* A reader that may write here (`leak snap`) asks for a check by adding one; the process sees
	 * it at an event of the next second, and sets check_heard to the number it saw before the
	 * check's row is RUNNING; later, when another check is under way. */
	uint32_t check_wanted, check_heard;

	/* For readers of the process's memory (a core): what of it is the recorder's own besides its
	 * module and the image, so that no pointers are looked for there. Addresses in the process. */
	uint64_t own_pieces; /* of a struct image_own_page: its memory. 0: not known */
	uint64_t own_tls_distance; /* its thread-local variables: so far below the thread pointer */
	uint64_t own_tls_bytes;
	/* The same, of the program: where malloc is; what is just above the main thread's frames; a
	 * pointer to the first struct image_own_page of memory in which it said that there are
	 * pointers. 0: not known. */
	uint64_t allocator, main_stack_end, root_pages;

	/* CLOCK_MONOTONIC_COARSE at the first allocation of the last second that had one; 0: none
	 * had. What is known of the end of a process that was killed. */
	uint64_t seen_monotonic_ns;
};
_Static_assert(sizeof(struct image_header) <= IMAGE_PAGE, "the header owns one page");

/* Pieces of the process's memory, [start, end), in a list of such pages; a piece whose `end` is 0 is
 * none. */
#define IMAGE_OWN_PIECES 255
struct image_own_page {
	uint64_t next; /* address of another page, 0: the last */
	uint64_t reserved;
	struct {
		uint64_t start, end;
	} pieces[IMAGE_OWN_PIECES];
};
_Static_assert(sizeof(struct image_own_page) == IMAGE_PAGE, "one page");

#define PEAK_FLUSH_BYTES (64 * 1024)

#define CHUNK_MAGIC 0x4b4e55484b41454cull /* "LEAKHUNK" */

enum chunk_type {
	CHUNK_MODULES = 1, /* struct image_module rows */
	CHUNK_NODES = 2,   /* struct image_node rows, NODES_PER_CHUNK of them */
	CHUNK_THREADS = 3, /* struct image_thread rows */
	CHUNK_SITES = 4,   /* struct image_site rows of one thread slot (`owner`) */
	CHUNK_LEAVES = 5,  /* live-index leaves, see struct image_leaf_info */
	CHUNK_REGIONS = 6, /* struct image_region rows */
	CHUNK_EPOCHS = 7,  /* struct image_epoch rows */
	CHUNK_CHECKS = 8,  /* struct image_check rows */
	CHUNK_CLASSES = 9, /* struct image_leaf_classes rows of one check (`owner` its number) */
	CHUNK_INDIRECT = 10, /* struct image_indirect rows of one check (`owner` its number) */
	CHUNK_TEXTS = 11,    /* bytes of one text (`owner` enum image_text), without a NUL */
	CHUNK_PATHS = 12,    /* struct image_path rows of one check (`owner` its number) */
};

struct chunk_header {
	uint64_t magic;  /* CHUNK_MAGIC ^ offset, stored last */
	uint64_t offset; /* of this header in the image */
	uint64_t size;   /* bytes, header included, a multiple of IMAGE_PAGE */
	uint32_t type;   /* enum chunk_type; a reader skips types that it does not know */
	uint32_t owner;  /* CHUNK_SITES: thread slot; CHUNK_LEAVES: enum leaf_space;
			  * CHUNK_CLASSES, CHUNK_INDIRECT, CHUNK_PATHS: the check's number;
			  * CHUNK_TEXTS: enum image_text; else 0 */
	uint64_t first;  /* index of the chunk's first row, for types whose rows are numbered;
			  * TEXT_MODULE: the module's number */
	uint64_t rows;   /* rows that fit */
	uint64_t data;   /* offset from this header to the first row */
	uint64_t reserved;
};
_Static_assert(sizeof(struct chunk_header) == 64, "one cache line");

enum image_text {
	/* What readers apply when they report. */
	TEXT_SUPPRESSIONS_FILE = 1, /* suppressions= of the options: a path, from header.cwd on */
	TEXT_SUPPRESSIONS = 2,      /* what the program's __lsan_default_suppressions returns */
	/* The whole of what is cut in the header or in a module's row; not there when it is not. */
	TEXT_EXE = 3,
	TEXT_CWD = 4,
	TEXT_OPTIONS = 5,
	TEXT_MODULE = 6, /* path of the module with the number `first` */
};

/*
 * Modules. A frame names its module by number, not by address, so an address that a second library
 * reuses after dlclose still resolves to the library that was there. Number 0 is "no module": code
 * outside every loaded object (JIT). Published by `state` (release).
 */
enum module_state { MODULE_FREE = 0, MODULE_LOADED = 1, MODULE_UNLOADED = 2 };

struct image_module {
	uint32_t state; /* enum module_state */
	uint32_t number; /* 1..65535, the row's index + 1 */
	uint64_t start, end; /* addresses it was mapped at */
	uint64_t bias;       /* address minus ELF virtual address */
	uint64_t load_moment, unload_moment;
	uint32_t build_id_size; /* 0: the file has none */
	uint32_t path_bytes;    /* without the NUL, as `path` has it */
	uint8_t build_id[IMAGE_BUILD_ID_MAX];
	char path[424]; /* absolute, NUL-terminated, cut as header.exe is (TEXT_MODULE) */
};
_Static_assert(sizeof(struct image_module) == 512, "eight rows a page");

/*
 * Stacks, as a tree of frames. A node is one frame under its caller (`parent`, 0 at the outermost
 * frame). A site is a leaf whose `ip` is a family, so a site's number is its leaf's number, and the
 * stack reads from there outwards: family, innermost frame, …, outermost frame. ip is a return
 * address in the low 48 bits (subtract 1 before resolving it, unless NODE_EXACT_IP) and the
 * module's number in the high 16.
 * Numbers start at 1. Numbers whose low 16 bits are all ones are never used (struct image_leaf).
 * Published by `ip` (release): a row with ip == 0 is not there yet.
 */
struct image_node {
	uint64_t ip;
	uint32_t parent; /* 0, or a smaller number */
	uint32_t flags;  /* NODE_*; the low 24 bits are the writer's own */
};
_Static_assert(sizeof(struct image_node) == 16, "four rows a line");

#define NODE_EXACT_IP (1u << 24)  /* interrupted by a signal here: ip is the instruction itself */
#define NODE_TRUNCATED (1u << 25) /* on the outermost node: the depth limit cut the stack here */
#define NODE_PARTIAL (1u << 26)   /* on the outermost node: the next frame could not be unwound */
#define NODES_PER_CHUNK 252u /* a page, with its header */
#define NODE_MAX 0xfffffeu
#define IP_MASK 0xffffffffffffull
#define IP_MODULE_SHIFT 48

/* Per-thread totals. A slot is taken over by a new thread when its thread is dead, so `threads`
 * may be more than one; tid and name are the latest thread's. Only the owning thread writes.
 * Published by `state`. */
struct image_thread {
	uint32_t state; /* 0 free, 1 in use */
	int32_t tid;
	uint32_t threads; /* how many threads have used this slot */
	uint32_t sites_chunks; /* CHUNK_SITES chunks that name this slot as owner */
	uint64_t tcb;          /* thread control block: what identifies the thread in the process */
	char name[IMAGE_NAME_MAX];
	uint64_t allocs, alloc_bytes; /* realloc counts as one alloc and one free, as valgrind */
	uint64_t frees, free_bytes;
	int64_t live_delta; /* bytes not yet in header.live_bytes_flushed */
	int64_t peak_delta; /* highest live_delta since the last flush */
	uint64_t reserved[5];
};
_Static_assert(sizeof(struct image_thread) == 128, "two cache lines, no false sharing");

/* What one thread slot allocated at one site, over the whole run. What is still live is counted
 * from the live index. The same site may have several rows, also in one slot: add them up.
 * Published by `site` (release). */
struct image_site {
	uint64_t hash; /* the writer's key */
	uint64_t allocs;
	uint64_t bytes;
	uint32_t site; /* node number, 0: not there yet */
	uint32_t reserved;
};
_Static_assert(sizeof(struct image_site) == 32, "two rows a line");

/*
 * The live index: one 64-bit slot per granule of address space, zero when nothing live starts
 * there. A leaf is LEAF_SLOTS slots and covers LEAF_SLOTS << granule_shift bytes of addresses.
 *
 * A CHUNK_LEAVES chunk holds `rows` leaves: first an array of `rows` struct image_leaf_info at
 * offset sizeof(struct chunk_header), then the leaves at `data`, LEAF_SLOTS * 8 bytes each.
 * Slot i of a leaf stands for address base + (i << granule_shift) (+ half a granule if HALF).
 *
 * A slot:  bits 0-23  site number (0: empty)
 *          bit  24    HALF: the block starts in the upper half of the granule
 *          bit  25    WATCH: the writer's own use
 *          bits 26-34 requested size in bytes, SLOT_SIZE_ESCAPE: the next slot holds it
 *          bits 35-63 moment of the allocation (29 bits, saturating)
 * A size slot (after an escaped one): low 16 bits and bit 25 (where WATCH is) all ones, requested
 * size in bits 16-24 (low part) and 26-63. Skip it. It may be stale when the block before it is gone:
 * it is no block by itself, either.
 *
 * The granule is header.granule_shift's, in the spaces of the program's own pools POOL_GRANULE_SHIFT.
 *
 * Spaces: blocks at the upper half of a granule that may share it with a block at the lower half
 * (only allocators with blocks of 8 bytes, granule_shift 4) are kept in an index of their own, and
 * so are blocks of the program's own pools, which lie inside other blocks.
 */
enum leaf_space { SPACE_HEAP = 0, SPACE_HEAP_ODD = 1, SPACE_CUSTOM = 2, SPACE_CUSTOM_ODD = 3, SPACE_COUNT };

struct image_leaf_info {
	uint64_t base; /* first address covered; 0: leaf not in use. Published before any slot. */
};

#define POOL_GRANULE_SHIFT 4u
#define LEAF_SLOTS 512u
#define LEAF_BYTES (LEAF_SLOTS * 8u)

#define SLOT_SITE_MASK 0xffffffull
#define SLOT_HALF (1ull << 24)
#define SLOT_WATCH (1ull << 25)
#define SLOT_SIZE_SHIFT 26
#define SLOT_SIZE_ESCAPE 511ull
#define SLOT_SIZE_MASK 511ull
#define SLOT_MOMENT_SHIFT 35
#define SLOT_MOMENT_MAX ((1ull << 29) - 1)
#define SLOT_IS_SIZE(slot) (((slot) & 0xffff) == 0xffff)
#define SLOT_BIG_SIZE(slot) (((slot) >> 16 & 0x1ff) | (slot) >> 26 << 9)
#define SLOT_OF_BIG_SIZE(size) (0xffff | SLOT_WATCH | ((size) & 0x1ff) << 16 | (size) >> 9 << 26)
#define SLOT_BIG_SIZE_MAX ((1ull << 47) - 1)

/* Mapped regions that are live. Published by `state` (release); a free row has state 0. */
enum region_kind {
	REGION_FREE = 0,
	REGION_MMAP = 1,
	REGION_BRK = 2,
	REGION_SHM = 3,
	/* What an allocator mapped for the blocks that it hands out, and for its lists: nobody's
	 * region, and no place for the program's pointers outside of blocks. Without a site. */
	REGION_ALLOCATOR = 4,
};

struct image_region {
	uint32_t state; /* enum region_kind */
	uint32_t site;
	uint64_t start, end;
	uint32_t prot, flags; /* as given to mmap */
	uint64_t moment;
	uint64_t reserved;
};
_Static_assert(sizeof(struct image_region) == 48, "region row");

/*
 * Epochs: the start, every snapshot, mark and check, the end. They also turn moments into times: a
 * mark or a check moves every later moment up by one, so blocks made before and after it differ even within one
 * clock tick. For the last epoch with epoch.moment <= m:
 *     monotonic ns = start_monotonic_ns + ((m - epoch.bias) << clock_shift)
 * Published by `kind` (release).
 */
enum epoch_kind {
	EPOCH_START = 1,
	EPOCH_MARK = 2,     /* leak_mark() */
	EPOCH_SNAPSHOT = 3, /* leak_snapshot() */
	EPOCH_SIGNAL = 4,
	EPOCH_INTERVAL = 5,
	EPOCH_END = 6,
	EPOCH_LIMIT = 7,  /* limit=: `label` says what was about to run out */
	EPOCH_FAILED = 8, /* an allocation of `used_bytes` bytes failed */
	EPOCH_CHECK = 9,  /* a check for lost blocks; separates moments as a mark does */
};

struct image_epoch {
	uint32_t kind;   /* enum epoch_kind */
	uint32_t number; /* from 1, in a forked child from where its parent was */
	uint64_t moment; /* first moment of the epoch */
	uint64_t bias;   /* marks up to and including this one */
	uint64_t realtime_ns;
	uint64_t monotonic_ns;
	uint64_t allocs, alloc_bytes, frees, free_bytes; /* process totals when it was taken */
	char label[IMAGE_NAME_MAX]; /* NUL-terminated */
	union {
		struct {
			uint64_t used_bytes, limit_bytes; /* of what an EPOCH_LIMIT is about */
			uint64_t reserved[3];
		};
		/* Of an EPOCH_MARK or EPOCH_SNAPSHOT: what of the label `label` had no room for. */
		char label_rest[IMAGE_LABEL_REST];
	};
};
_Static_assert(sizeof(struct image_epoch) == 128, "epoch row");

/*
 * Reachability checks: at one moment, which live blocks of the heap the program could still get at,
 * by the rules of valgrind's memcheck (reach.h). Each check has a row, published by `state`
 * (release), and when it is DONE, the class of every block that it looked at (CHUNK_CLASSES) and
 * who loses the indirectly lost ones (CHUNK_INDIRECT). A process may be checked several times; the
 * chunks of an earlier check stay where they are, the latest DONE one counts.
 */
enum check_state { CHECK_RUNNING = 1, CHECK_DONE = 2, CHECK_FAILED = 3 };

enum check_trigger {
	CHECK_AT_END = 1,    /* exit, _exit, return from main */
	CHECK_ON_REQUEST = 2, /* `leak snap`: header.check_wanted */
	CHECK_ON_SIGNAL = 3, /* signal= */
	CHECK_BY_PROGRAM = 4, /* leak.h, or LeakSanitizer's functions */
	CHECK_AT_LIMIT = 5,  /* limit=, or an allocation that failed */
	CHECK_OF_CORE = 6,   /* in no image: by the reader of a core */
};

/* Why a check came to nothing. */
enum check_failure {
	CHECK_NO_MEMORY = 1,  /* for the scan, or in the image for its results */
	CHECK_NO_MAPS = 2,    /* the list of mappings in /proc could not be read */
	CHECK_NO_STOP = 3,    /* the other threads could not be made to hold still */
	CHECK_COPY_DIED = 4,  /* the copy of the process that was scanned ended before it was done */
	CHECK_SWITCHED_OFF = 5, /* classes=0 */
	/* In no image: of a check of a core. */
	CHECK_OTHER_MOMENT = 6, /* the image may be of a later moment than the core */
	CHECK_BAD_CORE = 7,     /* it cannot be read, or claims to hold more than its file does */
	/* The process is in a sandbox of its own, which may kill for what a check does. */
	CHECK_IN_SANDBOX = 8,
};

/* What a block is; a nibble of struct image_leaf_classes. */
enum block_class {
	BLOCK_UNCLASSED = 0, /* there is no such block, or the check did not look at it */
	BLOCK_REACHABLE = 1, /* a pointer to its start is in a root or a reachable block */
	BLOCK_POSSIBLE = 2,  /* only pointers into it, or from a block that is possibly lost */
	BLOCK_INDIRECT = 3,  /* only lost blocks point at it */
	BLOCK_DEFINITE = 4,  /* nothing points at it, or only a cycle of lost blocks */
	BLOCK_CLASS_COUNT
};

/* image_check.left_out: roots that the user did not want looked at. */
#define CHECK_WITHOUT_GLOBALS (1u << 0)
#define CHECK_WITHOUT_STACKS (1u << 1)
#define CHECK_WITHOUT_REGISTERS (1u << 2)
#define CHECK_WITHOUT_TLS (1u << 3)

struct image_check {
	uint32_t state;   /* enum check_state */
	uint32_t number;  /* from 1, in the order of time */
	uint32_t trigger; /* enum check_trigger */
	uint32_t failure; /* enum check_failure when FAILED */
	uint64_t moment;  /* blocks of this moment and later ones are not among its blocks */
	uint64_t realtime_ns, monotonic_ns; /* when the picture was taken */
	uint64_t pause_ns; /* how long the program's threads stood still for it */
	uint64_t scan_ns;  /* how long the scan took, the pause included */
	uint64_t root_bytes; /* memory read that is no block: globals, stacks, mappings */
	uint64_t block_bytes; /* memory of blocks that was read */
	uint64_t unreadable_bytes; /* that could not be read, and might have held pointers */
	uint64_t scan_memory_bytes; /* what the scan took for itself */
	uint32_t threads;       /* besides the one that checked: stopped, and their stacks read */
	uint32_t unmet_threads; /* that did not stop in time: their stacks were read whole */
	uint32_t left_out;      /* CHECK_WITHOUT_* */
	uint32_t heuristics;    /* REACH_* of reach.h that were in use */
	struct {
		uint64_t bytes, blocks;
	} classes[BLOCK_CLASS_COUNT]; /* enum block_class; [0]: blocks of pools' containers */
	uint64_t unnamed_bytes, unnamed_blocks; /* indirect ones that no image_indirect row has */
	uint32_t with_paths; /* 1: paths=1, there are image_path rows for what they could be had for */
	uint32_t reserved32;
	uint64_t paths;      /* of blocks that are in image_path rows, */
	uint64_t cut_paths;  /* that are not: they were too long to be followed, or there was no room */
	uint64_t reserved[4];
};
_Static_assert(sizeof(struct image_check) == 256, "check row");

/* The classes of the blocks in one leaf of the live index, a nibble for each slot: slot i's is in
 * the low half of byte i / 2 for even i, else in the high half. A leaf without a row had no block.
 * Valid for blocks that are older than image_check.moment. Published by `base` (release). */
struct image_leaf_classes {
	uint64_t base;  /* as image_leaf_info.base */
	uint32_t space; /* enum leaf_space */
	uint32_t reserved;
	uint8_t nibbles[LEAF_SLOTS / 2];
};
_Static_assert(sizeof(struct image_leaf_classes) == 272, "leaf classes row");

/* Indirectly lost blocks of one site, and the site of the definitely lost blocks that lose them.
 * Published by `site` (release). */
struct image_indirect {
	uint32_t site;        /* of the indirectly lost blocks, a node number */
	uint32_t leader_site; /* of the blocks that would free them */
	uint64_t bytes, blocks;
};
_Static_assert(sizeof(struct image_indirect) == 24, "indirect row");

/*
 * Paths: through what the program could still get at a block, or perhaps could. For each call site
 * with blocks of class REACHABLE, and for each with POSSIBLE ones, that of its first block by
 * address. A path is a PATH_BLOCK row, then PATH_STEP rows from there towards the root, at most one
 * PATH_LEFT_OUT row among them, and a PATH_ROOT row. Consecutive blocks of one call site are one
 * PATH_STEP row, which has the address, the size and the offset of the one that is the nearest to
 * the PATH_BLOCK. Rows follow one another without a gap, also from one path to the next; a path
 * whose PATH_ROOT row is not there yet is not complete. Published by `kind` (release).
 */
enum path_kind {
	PATH_BLOCK = 1,    /* the block whose path it is */
	PATH_STEP = 2,     /* blocks that lead to what comes before this row */
	PATH_LEFT_OUT = 3, /* more of those, too many to be told */
	PATH_ROOT = 4,     /* memory that is no block */
};

/* Where the word of a PATH_ROOT is. */
enum image_root {
	ROOT_OTHER = 0,    /* memory of which nothing is known */
	ROOT_DATA = 1,     /* a module's variables: `ip` */
	ROOT_STACK = 2,    /* a thread's stack: `tid`, 0: not known; `ip` of the frame, 0: not known */
	ROOT_TLS = 3,      /* a thread's thread-local variables: `tid`, `ip` */
	ROOT_REGISTER = 4, /* a thread's registers: `tid`, `count` is the number of the register */
	ROOT_MAPPING = 5,  /* a mapping of the program's: `site`, 0: not known; `offset` in it */
	ROOT_NAMED = 6,    /* what the program named as roots, or has from sbrk */
	ROOT_IGNORED = 7,  /* none: the program asked not to report the block before it */
	ROOT_DTV = 8,      /* libc's tables of thread-local variables */
	ROOT_HEAP = 9,     /* the allocator's memory, outside of all live blocks */
	ROOT_SHARED = 10,  /* a shared mapping */
	ROOT_NONE = 11,    /* in no image: nothing points at the block */
};

#define PATH_REGISTER_NONE 0xffu /* `count` of a ROOT_REGISTER: a vector register, or not known */

#define PATH_SEVERAL_OFFSETS (1u << 0) /* image_path.flags: other blocks of the row have others */
#define PATH_SEVERAL_SIZES (1u << 1)
#define PATH_INTO (1u << 2)  /* some block of the row is not pointed at at its start */
#define PATH_EXACT (1u << 3) /* `ip` of a frame is the instruction itself, no return address */

struct image_path {
	uint32_t kind; /* enum path_kind */
	uint32_t site; /* BLOCK, STEP: node number of the call site; ROOT: see there */
	uint64_t address; /* BLOCK, STEP: of the block; ROOT: of the word, 0: it is in a register */
	uint64_t size;    /* BLOCK, STEP: of the block */
	uint64_t offset;  /* STEP: where in the block the word is that leads on; ROOT_MAPPING: likewise */
	uint64_t into;    /* BLOCK, STEP: where in it the word that keeps it points: 0 its start */
	uint64_t count;   /* STEP, LEFT_OUT: how many blocks; ROOT_REGISTER: number, as DWARF has it */
	uint64_t ip; /* ROOT: of the frame, as image_node.ip; of DATA the word's address, likewise;
		      * of TLS the offset in the module's thread-local storage, likewise, 0 without
		      * a module: not known */
	int32_t tid;     /* ROOT: of the thread, 0: none, or not known */
	uint16_t detail; /* BLOCK: enum block_class; ROOT: enum image_root */
	uint16_t flags;  /* PATH_SEVERAL_OFFSETS, … */
};
_Static_assert(sizeof(struct image_path) == 64, "path row");

#endif
