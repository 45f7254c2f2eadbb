/*
 * The analyzer's model: what one or several recorded processes had not given back, by call site.
 * Loaders fill it, symbolize and aggregate refine it, renderers read it. Nothing here knows how an
 * image looks on disk. Everything in a model belongs to it and lives until model_free.
 */
#ifndef LEAK_MODEL_H
#define LEAK_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum site_kind { KIND_HEAP, KIND_MMAP, KIND_BRK, KIND_SHM, KIND_DLOPEN, KIND_COUNT };
enum site_class {
	CLASS_DEFINITE,
	CLASS_INDIRECT,
	CLASS_POSSIBLE,
	CLASS_REACHABLE,
	CLASS_UNKNOWN,
	CLASS_SUPPRESSED,
	CLASS_COUNT
};
/* What a part of the address space is for, as far as a core tells. */
enum map_kind {
	MAP_EXECUTABLE,
	MAP_LIBRARY_CODE,
	MAP_LIBRARY_DATA,
	MAP_MAIN_HEAP,
	MAP_THREAD_ARENA,
	MAP_LARGE_BLOCK,
	MAP_MAIN_STACK,
	MAP_THREAD_STACK,
	MAP_ANONYMOUS,
	MAP_GENERATED_CODE,
	MAP_FILE,
	MAP_SHARED,
	MAP_RESERVED,
	MAP_KERNEL,
	MAP_RECORDER,
	MAP_KIND_COUNT
};
/* A site compared with a baseline. NEW: not in it, or one of more places than it has. GROWN: in it
 * with fewer blocks. */
enum baseline_status { BASELINE_NONE, BASELINE_NEW, BASELINE_KNOWN, BASELINE_GROWN };
enum process_state { STATE_CLEAN, STATE_EXEC, STATE_RUNNING, STATE_KILLED, STATE_CRASHED };

/* Sets of classes, as bits. A mapped region is of CLASS_UNKNOWN. */
#define CLASS_BIT(class) (1u << (class))
#define CLASSES_ALL (CLASS_BIT(CLASS_COUNT) - 1)
/* What a report for people is about: not what the program can still get at, and what is indirectly
 * lost only beneath what loses it. */
#define CLASSES_SUSPECT                                                                            \
	(CLASS_BIT(CLASS_DEFINITE) | CLASS_BIT(CLASS_POSSIBLE) | CLASS_BIT(CLASS_UNKNOWN) |        \
		CLASS_BIT(CLASS_SUPPRESSED))

/* Names as the JSON has them. */
extern const char *const model_kind_names[KIND_COUNT];
extern const char *const model_class_names[CLASS_COUNT];
extern const char *const model_class_words[CLASS_COUNT]; /* for people: "definitely lost" */
extern const char *const model_state_names[];
extern const char *const model_baseline_names[]; /* "new"; NULL for NONE */
extern const char *const map_kind_names[MAP_KIND_COUNT];

/* The same for people: "thread stacks". */
extern const char *const map_kind_words[MAP_KIND_COUNT];

struct amount {
	uint64_t bytes, blocks;
};

/* Something that was not, or not fully, recorded. */
struct lost_row {
	const char *name; /* "dropped_events" */
	const char *text; /* what it means, in plural */
	const char *one;  /* the same for a count of 1; NULL: as in plural */
	uint64_t count;
};

/* A snapshot that the recorder took by itself, because memory was about to run out. */
struct brink {
	bool failed;       /* an allocation of used_bytes failed; else a limit was near */
	const char *label; /* of the limit: "cgroup memory", "address space", "data" */
	uint64_t used_bytes, limit_bytes;
	uint64_t after_ns;  /* from the start of the recording */
	struct amount live; /* then */
};

struct thread {
	int tid;
	unsigned threads; /* how many threads used the slot, one after another */
	const char *name;
	uint64_t allocs, alloc_bytes, frees, free_bytes;
};

/* A thread as a core has it. */
struct last_thread {
	int tid;
	const char *name;         /* NULL: not known, a core has none */
	int signal;               /* that it was taking, 0: none */
	uint32_t frame;           /* the innermost one; 0: its registers are not in the core */
	size_t frame_count;       /* inlined calls not counted */
	uint64_t *stack_pointers; /* of the frames, innermost first; 0: not known */
};

/* All mappings of one kind. */
struct map_row {
	struct amount mapped; /* blocks = how many mappings */
	uint64_t kept_bytes;  /* that the core was meant to hold */
	uint64_t held_bytes;  /* of these, what it has; less: it is truncated */
};

/* An arena of glibc's malloc, counted as malloc_info does: chunks, with their headers. */
struct arena {
	bool is_main;           /* the one in the brk heap */
	uint64_t address;       /* where its first heap begins */
	uint64_t heaps;         /* mappings that it consists of */
	uint64_t bytes;         /* from the system */
	struct amount used;     /* held by the program */
	struct amount cached;   /* free, in threads' caches (tcache) */
	struct amount fast;     /* free, in fast bins */
	struct amount free;     /* free, in the other bins */
	uint64_t top_bytes;     /* free at the end, which goes back to the system first */
	uint64_t foreign_bytes; /* in its heap, that somebody else took (sbrk) */
	uint64_t unknown_bytes; /* behind the place where the walk had to stop */
	const char *trouble;    /* why it had to stop, NULL: it did not */
	uint64_t trouble_at;    /* the address of that place */
	bool corrupt;           /* it stopped because memory was overwritten */
};

/* What a core tells besides the recorder's tables. */
struct core_facts {
	uint64_t kept_bytes, held_bytes; /* of memory, as in struct map_row */
	int signal_code;                 /* si_code */
	bool recorder_loaded;            /* libleak.so was in the process */
	const char *fault_place;         /* what lies at the fault address; NULL: no address */
	struct last_thread *threads;     /* the one that took the signal comes first */
	size_t thread_count;
	const char *stacks_trouble; /* why stacks are missing, NULL: none is */
	struct map_row map[MAP_KIND_COUNT];
	struct arena *arenas; /* the main one first, then the largest first */
	size_t arena_count;
	struct amount large_blocks; /* with a mapping of their own each */
	bool large_known;           /* how many there should be: large_count */
	uint64_t large_count;
	size_t caches;   /* of threads, found among the chunks */
	bool fast_known; /* fast bins were found in all arenas; else their chunks count as used */
	const char *heap_trouble; /* why no arena was found, NULL: some was */
};

#define CHECK_WORDS 8

/* The latest check for lost blocks: what could be found of their classes. */
struct check {
	bool done;           /* false: no class is known */
	const char *failure; /* why the check after it, or the only one, came to nothing; or NULL */
	/* The rest is of the one that is done. */
	const char *trigger; /* "end", "request", "signal", "program", "limit", "core" */
	bool of_core; /* made by the reader of a core; the process did not stand still for it */
	bool unsure;  /* of a core: memory is missing, and what seems to be lost has no class */
	uint64_t after_ns;                   /* from the start of the recording */
	uint64_t age_ns;                     /* how long before the end (or now) */
	uint64_t pause_ns, scan_ns;          /* threads stood still; in all */
	uint64_t root_bytes, block_bytes;    /* memory read */
	uint64_t unreadable_bytes;           /* and not readable */
	uint64_t scan_memory_bytes;          /* that it took */
	uint32_t threads, unmet_threads;     /* other ones, and those that did not stop */
	const char *left_out[CHECK_WORDS];   /* roots not looked at: "globals", …, NULL */
	const char *heuristics[CHECK_WORDS]; /* in use: "stdstring", …, NULL */
	struct amount newer;                 /* live, and allocated after it */
	struct amount unnamed;               /* indirectly lost, and not said through what */
	bool with_paths;                     /* how blocks can be got at was noted, except of: */
	uint64_t cut_paths;                  /* call sites; there was no room, or no time */
};

struct process {
	size_t id; /* how many were added to the model before it; not its place there */
	int pid, ppid;
	int pid_here;      /* of one that runs: the same, as it is seen from here, else 0 */
	const char *exe;   /* absolute path */
	const char *image; /* path of the image it was read from */
	const char *core;  /* the core file that was named, NULL: none; `image` may be beside it */
	const char *options;
	const char *cwd;               /* where it was started */
	const char *suppressions_file; /* suppressions= of its options, NULL: none */
	const char *suppressions_text; /* what its __lsan_default_suppressions says, NULL */
	char **args;                   /* NULL-terminated, never NULL itself */
	bool args_cut;
	bool forked; /* from a recorded process: its parent's blocks are not in here */
	enum process_state state;
	bool has_exit_status;
	int exit_status;
	int signal;      /* 0: none known */
	uint64_t run_ns; /* from the start of the recording to its end (or to now, or last sign) */
	bool run_longer; /* it is to the last sign, and the end is not known */
	uint64_t start_realtime_ns;
	uint64_t snapshot_realtime_ns; /* of a snapshot: when it was taken, the process running */
	const char *snapshot_label;    /* "" without one */
	uint64_t tick_ns;              /* of the clock that ages are told by */
	bool has_fault_address;
	uint64_t fault_address; /* what the crash touched */
	bool unrecorded;        /* there is only a core: no totals, no sites */
	bool heap_unseen;       /* another allocator stood in front of the recorder */
	bool unjudged;          /* by the gate: of the system, gone by exec, or see struct unseen */
	struct core_facts *core_facts; /* NULL: not read from a core */
	struct check *check;           /* NULL: there was none, or it was not asked for */

	uint64_t allocs, frees, alloc_bytes, free_bytes, peak_live_bytes;
	struct amount live; /* heap blocks that are live, whatever their age */
	struct amount classes[CLASS_COUNT];
	struct amount regions[KIND_COUNT]; /* mapped regions, blocks = how many */

	struct lost_row *lost;
	size_t lost_count;
	uint64_t unsized_blocks; /* caught between their site and their size */
	uint64_t lost_stacks;    /* live blocks whose call site is not readable in the image */
	uint64_t image_bytes;    /* the recorder's own memory for this */
	uint64_t wanted_bytes, readable_bytes; /* readable < wanted: the image is truncated */
	uint64_t memory_only_bytes; /* of the image; never came to its file, which could not grow */

	uint64_t failed_allocs; /* requests that the program's allocator refused */
	struct brink *brinks;   /* in the order of time; of many failures only some */
	size_t brink_count;

	struct thread *threads;
	size_t thread_count;
	size_t module_count;
	size_t epoch_count;
};

/* Whether the names of a module can be trusted, and why not. */
enum symbols_state {
	SYMBOLS_UNTRIED,
	SYMBOLS_FOUND,
	SYMBOLS_NONE,    /* the file is there and has no name for anything asked so far */
	SYMBOLS_MISSING, /* no such file here */
	SYMBOLS_CHANGED, /* the file here has another build-id than the one that ran */
	SYMBOLS_UNSURE,  /* no build-id to compare, and the file is newer than the run */
	SYMBOLS_BROKEN,  /* what reads the file did not survive it: module.trouble */
};

/* A part of a module's file that is mapped as code. */
struct segment {
	uint64_t address, size; /* as the file has them */
	uint64_t offset;        /* in the file, of `address` */
};

struct module {
	const char *path;
	const char *name; /* last part of the path */
	uint8_t build_id[32];
	unsigned build_id_size;
	uint64_t run_start_realtime_ns; /* of the process, to judge a file without a build-id */
	bool own; /* the executable, or outside of the system's library directories */
	bool is_executable;
	enum symbols_state symbols;
	const char *trouble; /* of SYMBOLS_BROKEN: how the reader ended */
	uint64_t end;        /* of what was mapped of it, as an address of the file; 0: not known */
	struct segment *segments; /* by load_segments, in the order of addresses */
	size_t segment_count;     /* 0: not asked for, or the file that ran is not here */
};

/* One place that an instruction belongs to. Several of them for one instruction are inlined calls:
 * the innermost comes first, and only the last is a function of its own. */
struct location {
	const char *function; /* demangled; NULL: unknown */
	const char *symbol;   /* the same as the linker has it; NULL: unknown */
	const char
		*valgrind; /* as valgrind's suppressions have it; NULL: not asked for, or unknown */
	const char *file;  /* relative to `directory` when below it; NULL: unknown */
	const char *directory; /* where it was compiled; may be NULL */
	uint32_t line;         /* 0: unknown */
	uint64_t offset;       /* of the instruction in the function; of inlined ones 0 */
	bool inlined;
};

struct symbol {
	size_t count; /* at least 1 */
	struct location *locations;
};

#define FRAME_EXACT 1u     /* interrupted by a signal here: offset is the instruction itself */
#define FRAME_TRUNCATED 2u /* the depth limit cut the stack above this frame */
#define FRAME_PARTIAL 4u   /* the next frame could not be unwound */

/* A frame of a stack, in a tree: stacks that share callers share frames. Number 0 is no frame. */
struct frame {
	uint32_t parent; /* its caller */
	uint32_t module; /* 0: code outside of every module */
	uint32_t flags;  /* FRAME_* */
	uint64_t offset; /* return address as an address of the module's file, or absolute */
	const struct symbol *symbol; /* NULL until symbolized */
	const struct symbol *tails;  /* between it and its caller: functions that left no frame */
};

/* Indirectly lost blocks of one site, that those of another lose. */
struct loss {
	size_t site; /* index into the model's sites */
	struct amount lost;
};

/* What the gate could not judge. */
struct unseen {
	char *program; /* its path, or as it was called */
	int pid;
	bool recorded; /* there is an image, but its blocks have no classes */
	char *reason;
};

/* What of a site is one process's. */
struct share {
	size_t process; /* its id */
	struct amount live;
};

/* What of a site was made between one of the program's marks and the next. */
struct interval {
	const char *title; /* the mark's label; the model's string */
	struct amount live;
};

struct site {
	uint64_t fingerprint; /* 0 until computed */
	uint64_t place;       /* with it: sites that differ in lines only differ in this */
	enum site_kind kind;
	enum site_class class;
	const char *allocator;        /* "malloc", "operator new", … */
	const char *allocator_symbol; /* "malloc", "_Znwm", … */
	uint32_t frame;               /* the caller of the allocator, 0 when there is no stack */
	const struct symbol *tails;   /* between the allocator and `frame`, as in struct frame */
	struct amount live;           /* blocks that pass --older */
	uint64_t total_allocs, total_bytes; /* over the whole run, whatever the class */
	struct amount counted; /* the same, but in only one of the sites that differ in class */
	uint32_t stack;        /* what these have in common besides kind and allocator */
	uint64_t oldest_ns, newest_ns, median_ns; /* ages; the median is approximate (±20 %) */
	uint64_t median_blocks;                   /* how many blocks the median speaks for */
	uint64_t size_min, size_max;
	int *pids;
	size_t pid_count;
	struct share *shares; /* of the processes that have some of it */
	size_t share_count, share_capacity;
	struct interval *intervals; /* only where they were asked for; titles differ */
	size_t interval_count, interval_capacity;
	const char **threads; /* names of the threads that allocated here, sorted */
	size_t thread_count;
	struct amount indirect; /* of CLASS_DEFINITE: lost through its blocks, at the check */
	struct loss *losses;    /* the same by site, the largest first */
	size_t loss_count, loss_capacity;
	bool left_out;   /* by --filter */
	bool replaced;   /* left out, as all of it was thrown away by exec */
	bool over_limit; /* the gate does not let it pass */
	bool foreign;    /* the system's, see foreign.h: the gate does not look at it */
	enum baseline_status baseline; /* NONE: not compared */
	/* Of all sites with this fingerprint: */
	struct amount baseline_amount; /* what the baseline has, 0: nothing, or it is not known */
	uint64_t baseline_places;      /* as many places, 0: none, or it is not known */
	uint64_t places_now;
	/* Of CLASS_SUPPRESSED: */
	size_t suppressed_by;          /* the entry's number in its set, from 1; 0: as below */
	const char *suppression;       /* the entry that hides it; NULL: the program asked for it */
	enum site_class class_without; /* that it would be of without the entry */
};

/* An entry of somebody's suppressions that hid something. */
struct used_suppression {
	const char *name; /* as sites have it */
	const char *file;
	unsigned line;
	struct amount hidden;
	size_t sites;
};

/* What keeps a block that is still reachable: memory that is no block. */
enum root_kind {
	KEPT_BY_OTHER, /* memory of which nothing is known */
	KEPT_BY_DATA,
	KEPT_BY_STACK,
	KEPT_BY_TLS,
	KEPT_BY_REGISTER,
	KEPT_BY_MAPPING,
	KEPT_BY_NAMED,   /* what the program named as a root, or has from sbrk */
	KEPT_BY_REQUEST, /* the program asked not to report the block */
	KEPT_BY_DTV,     /* libc's tables of thread-local variables */
	KEPT_BY_HEAP,    /* the allocator's memory, outside of all live blocks */
	KEPT_BY_SHARED,
	KEPT_BY_NOTHING, /* it is lost */
	ROOT_KIND_COUNT
};

/* Names as the JSON has them. */
extern const char *const model_root_names[ROOT_KIND_COUNT];

struct path_root {
	enum root_kind kind;
	uint64_t address;          /* of the word; 0: a register, or none */
	int tid;                   /* STACK, TLS, REGISTER; 0: not known */
	const char *thread;        /* its name; NULL: not known */
	const char *register_name; /* NULL: a vector register, or not known */
	uint32_t frame;  /* STACK: whose the word is; MAPPING: who made it; 0: not known */
	uint32_t module; /* DATA, TLS: 0: not known */
	uint64_t offset; /* DATA: in the module's file, as an address; TLS: in the module's
			  * thread-local storage; MAPPING: in it */
	/* By symbolize_variable: */
	const char *variable;     /* NULL: no name */
	const char *section;      /* without a name: ".bss"; NULL: not known */
	uint64_t variable_offset; /* in the variable or the section */
};

/* Blocks on the way from a root to a block. */
struct path_step {
	bool left_out;  /* `count` of them, of which nothing is told */
	uint64_t count; /* one after another, of one call site; the rest is of the last one */
	uint64_t address, size;
	uint64_t offset;                     /* where in it the word is that leads on */
	uint64_t into;                       /* where in it what leads to it points, 0: its start */
	bool several_offsets, several_sizes; /* the others have others */
	uint32_t frame;                      /* the caller of the allocator, 0: no stack */
};

/* How the program can still get at one block, the first of its call site and class by address. */
struct path {
	int pid;
	size_t site; /* index into the model's sites; SIZE_MAX: not among them */
	enum site_class class;
	uint64_t address, size;
	uint64_t into;  /* where in the block the last word points, 0: its start */
	uint32_t frame; /* as struct path_step's */
	struct path_root root;
	struct path_step *steps; /* from the root to the block */
	size_t step_count;
};

/* The parts of a report, in their order. Only blocks have classes. */
enum section {
	SECTION_DEFINITE,
	SECTION_INDIRECT,
	SECTION_POSSIBLE,
	SECTION_UNKNOWN,
	SECTION_REACHABLE,
	SECTION_REGIONS,
	SECTION_SUPPRESSED,
	SECTION_COUNT
};

/* One line of the report's table when grouping is asked for, or one site. */
struct row {
	const char *title;       /* NULL for a site */
	const struct site *site; /* the largest one in the row */
	enum site_kind kind;
	enum section section;
	struct amount live;
	struct amount indirect; /* lost through these blocks */
	size_t sites;
	bool shown; /* within --top */
};

/* What the report was asked to leave out, in the words of the user. */
struct scope {
	const char *older; /* --older, NULL: none */
	const char *const *filters;
	size_t filter_count;
	unsigned kinds; /* CLASS_BIT of what is listed */
};

/* The sites compared with a baseline. */
struct comparison {
	bool done;
	size_t added;        /* new places */
	size_t grown, known; /* fingerprints */
	size_t gone;         /* in the baseline, and not seen */
};

struct verdict {
	char line[2048];                 /* the first thing to read; names in it are not escaped */
	struct amount heap[CLASS_COUNT]; /* blocks within the scope, whatever its kinds */
};

struct model {
	struct process *processes;
	size_t process_count, process_capacity;
	struct module *modules; /* [0] stands for no module */
	size_t module_count, module_capacity;
	struct frame *frames; /* [0] unused */
	size_t frame_count, frame_capacity;
	struct site *sites;
	size_t site_count, site_capacity;

	struct used_suppression *used; /* in the order in which they were read */
	size_t used_count;
	struct path *paths; /* when they were asked for */
	size_t path_count, path_capacity;

	struct row *rows; /* the report's selection, worst first; filled by aggregate */
	size_t row_count;
	size_t filtered_sites;  /* sites that --filter left out */
	struct amount replaced; /* of those that were left out because of exec */
	struct scope scope;
	struct verdict verdict;
	struct comparison comparison;
	struct unseen *unseen; /* filled by the gate */
	size_t unseen_count;
	bool unseen_fails; /* the run counts as not measured because of them */
	bool symbolized;

	struct model_index *index; /* private to model.c */
};

void model_init(struct model *model);
void model_free(struct model *model);

/* Readies a model for the same processes to be loaded again: drops the processes and rows, and sets
 * what the sites hold to nothing. Modules, frames with their symbols, and sites stay where they
 * are. */
void model_begin_again(struct model *model);

/* The model's own copy of `text`; equal texts give the same pointer. */
const char *model_string(struct model *model, const char *text);

/* A new, zeroed process. Pointers to earlier ones become invalid. */
struct process *model_add_process(struct model *model);

/* The number of the module with this path and build-id, added if new. `executable` and
 * `run_start` are remembered as in struct module. */
uint32_t model_module(struct model *model, const char *path, const uint8_t *build_id,
	unsigned build_id_size, bool executable, uint64_t run_start_realtime_ns);

/* Notes how far a module was mapped, as an address of its file. */
void model_module_reaches(struct model *model, uint32_t module, uint64_t end);

/* The number of the frame with these contents, added if new. */
uint32_t model_frame(
	struct model *model, uint32_t parent, uint32_t module, uint64_t offset, uint32_t flags);

/* The site with this key, added if new. Pointers to other sites become invalid. */
struct site *model_site(struct model *model, enum site_kind kind, enum site_class class,
	const char *allocator_symbol, uint32_t frame);

/* Whether a check tells the classes of some process's blocks. */
bool model_is_classified(const struct model *model);

/* Adds to what is lost through the blocks of `leader`, a site's index. */
void model_add_loss(struct model *model, size_t leader, size_t site, const struct amount *lost);

/* Sums up and sorts the losses of all sites. Call it after adding some. */
void model_settle_losses(struct model *model);

/* Adds to a site's amount, and to the share of a process (its id) in it. */
void model_site_add_live(struct site *site, size_t process, const struct amount *live);

/* Adds to what of a site's amount, which stays as it is, was made after the mark of this title, a
 * string of the model's. */
void model_site_add_interval(struct site *site, const char *title, const struct amount *live);

/* Adds a pid or a thread's name to a site, once. */
void model_site_add_pid(struct site *site, int pid);
void model_site_add_thread(struct site *site, const char *name);

/* Whether a process has blocks of a site; of a part that a suppression split off it is not known
 * which processes have it, and all that allocated there count. */
bool model_site_is_of(const struct site *site, const struct process *process);

/* Adds a path; takes over its steps. */
void model_add_path(struct model *model, const struct path *path);

/* The frame that a developer should look at: the innermost one in the program's own code, else the
 * innermost with a source line, else the innermost that is not an allocator's. Gives the frame's
 * number (0: the site has no stack) and the index of the location in it. */
uint32_t model_site_focus(const struct model *model, const struct site *site, size_t *location);

/* Whether a stack has a frame in the program's own code; if so it is the focus. */
bool model_site_is_own(const struct model *model, const struct site *site);

/* Whether a location in a module is the program's own code, rather than a library's: also a
 * library's header that was compiled into the program is not its own. */
bool model_is_own(const struct module *module, const struct location *location);

/* Whether it is what starts a program, a thread or a coroutine, in libc. */
bool model_is_start_code(const struct location *location);

#endif
