/* See verify.h. */
#include <signal.h>

#include "preload/verify.h"
#include "preload/hot.h"
#include "preload/lanes.h"
#include "preload/options.h"
#include "preload/stacks.h"
#include "preload/steps.h"
#include "preload/text.h"

/*
 * How an oracle's walk may differ from ours without either being our fault.
 *
 * libunwind is wrong at times. It steps by guess from rbp where there is no description; it keeps
 * the rows of a library that is gone; it does not know every form of description. So where it
 * differs, libgcc is asked, which does neither: only when its walk is the same as ours, frame by
 * frame and to the same end, the event is settled and counted by the way in which libunwind
 * differed. Everything else is a difference, and aborts.
 *
 * A walk of ours that was cut by depth= must be the beginning of the oracle's. One that ended at an
 * implausible frame (a description that is wrong) likewise: there the others go on into memory that
 * is no stack, so libgcc is not let any further than we went.
 */
enum outcome {
	EQUAL,
	SETTLED_SHORTER, /* the oracle's walk is the beginning of ours */
	SETTLED_LONGER,  /* it goes on where ours ended */
	SETTLED_OTHER,   /* it has another frame somewhere */
	OUTCOMES
};

static struct {
	_Atomic uint64_t rewalked; /* remembered walks that were compared with full ones */
	_Atomic uint64_t outcome[OUTCOMES];
	_Atomic uint64_t partial;     /* of them all: ended at a frame without description, */
	_Atomic uint64_t implausible; /* or at one whose description led nowhere */
	_Atomic uint64_t skipped;     /* no memory to compare in */
} counts;

static void count(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* All signals but those that a mistake of ours would raise. Returns the mask before. */
static uint64_t block_signals(void)
{
	uint64_t mask = ~(1ull << (SIGSEGV - 1) | 1ull << (SIGBUS - 1) | 1ull << (SIGILL - 1)),
		 old = 0;

	sys_call4(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &old, sizeof(mask));
	return old;
}

static void restore_signals(uint64_t mask)
{
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}

static void add_frames(struct text *text, const char *name, const struct trace *t, uint32_t from)
{
	static const char digits[] = "0123456789abcdef";

	text_add(text, "\n  ");
	text_add(text, name);
	text_add(text, ": ");
	text_add_number(text, t->count);
	text_add(text, " frames, flags ");
	text_add_number(text, t->flags);
	text_add(text, ", family ");
	text_add_number(text, t->family);
	text_add(text, ":");
	for (uint32_t i = from; i < t->count && i < from + 5; i++) {
		char word[] = " 0000000000000000";

		for (unsigned digit = 0; digit < 16; digit++)
			word[1 + digit] = digits[t->frames[i] >> (60 - 4 * digit) & 15];
		text_add(text, word);
	}
}

/* ---- with another unwinder ---- */

/* `judge` settles differences with an oracle that is not one itself, else NULL. */
static const struct unwinder *checked, *oracle, *judge;

static uint32_t common_frames(const struct trace *a, const struct trace *b)
{
	uint32_t i = 0;

	while (i < a->count && i < b->count && a->frames[i] == b->frames[i])
		i++;
	return i;
}

/* Do both say the same? `whole`: to the same end; else `t` may be the beginning of `other`. */
static bool same(const struct trace *t, const struct trace *other, bool whole)
{
	return t->family == other->family && common_frames(t, other) == t->count &&
	       (!whole || t->count == other->count);
}

static enum outcome how_differs(const struct trace *t, const struct trace *other)
{
	uint32_t common = common_frames(t, other);

	if (t->family != other->family)
		return SETTLED_OTHER;
	if (common == other->count)
		return SETTLED_SHORTER;
	return common == t->count ? SETTLED_LONGER : SETTLED_OTHER;
}

static SLOW void differ(const struct trace *t, const struct trace *other, const struct trace *third)
{
	uint32_t from = common_frames(t, third ? third : other);
	TEXT(text, 1024);

	text_add(&text, "libleak: verify: walks differ in frame ");
	text_add_number(&text, from);
	text_add(&text, "; from one before:");
	from -= from > 0;
	add_frames(&text, checked->name, t, from);
	add_frames(&text, oracle->name, other, from);
	if (third)
		add_frames(&text, judge->name, third, from);
	text_print(&text);
	__builtin_trap();
}

/* Is there a description of the last frame that leads to no plausible caller? */
static bool ends_implausibly(const struct trace *t)
{
	uint64_t key, step;

	if (!(t->flags & NODE_PARTIAL) || t->count == 0)
		return false;
	step = steps_find(
		atomic_load(&steps_table), t->frames[t->count - 1] & STEP_KEY_ADDRESS, &key);
	return step != STEP_NONE && STEP_KIND(step) != STEP_STOP;
}

/* The frames of the hook and of the recorder, which libunwind finds first, and those of a hook in a
 * hook, which it finds before it drops them. */
#define OWN_FRAMES 256

/* A lane's buffer with room for the frames of a stack that another walk found. */
static bool prepare(struct thread *self, unsigned lane, uint32_t frames, struct trace *ret)
{
	while (self->capacity[lane] < frames + OWN_FRAMES) {
		if (!thread_grow_lane(self, lane, UINT32_MAX))
			return false;
	}
	*ret = (struct trace){.frames = self->frames[lane], .capacity = self->capacity[lane]};
	return true;
}

static void compare(const struct frame_start *at, uintptr_t stack_high, const struct trace *t)
{
	struct thread *self = tls.self;
	struct trace other, third;
	bool whole = !(t->flags & NODE_TRUNCATED), implausible = ends_implausibly(t);
	enum outcome outcome = EQUAL;

	if (!self || !prepare(self, LANE_ORACLE, t->count, &other) ||
		!prepare(self, LANE_JUDGE, t->count, &third)) {
		count(&counts.skipped);
		return;
	}
	if (implausible) {
		whole = false;
		if (!judge)
			other.capacity = t->count;
	}
	oracle->walk(at, stack_high, &other);
	if (!same(t, &other, whole)) {
		if (!judge)
			differ(t, &other, NULL);
		if (implausible)
			third.capacity = t->count;
		judge->walk(at, stack_high, &third);
		if (!same(t, &third, whole))
			differ(t, &other, &third);
		outcome = how_differs(t, &other);
	}
	count(&counts.outcome[outcome]);
	if (t->flags & NODE_PARTIAL)
		count(implausible ? &counts.implausible : &counts.partial);
}

static void walk_both(const struct frame_start *at, uintptr_t stack_high, struct trace *t)
{
	uint64_t signals;

	checked->walk(at, stack_high, t);
	/* The caller tries again with more room. */
	if (t->flags & NODE_TRUNCATED && t->capacity < lane_depth_limit())
		return;
	signals = block_signals();
	compare(at, stack_high, t);
	restore_signals(signals);
}

static struct unwinder both = {.walk = walk_both};

void verify_start(const struct unwinder *with)
{
	if (!with || with == unwinder)
		return;
	checked = unwinder;
	oracle = with;
	if (oracle != &unwind_libgcc && unwind_libgcc.start(true))
		judge = &unwind_libgcc;
	both.name = checked->name;
	both.repeatable = checked->repeatable;
	unwinder = &both;
}

/* ---- with what was remembered ---- */

/* Is this the site of a stack and a family, frame by frame? */
static bool is_site_of(uint32_t site, const struct trace *t, unsigned family)
{
	const struct image_node *node = stacks_node(site);
	uint32_t flags = t->count ? 0 : t->flags;

	for (uint32_t i = 0;
		node && node->ip == (i ? t->frames[i - 1] & ~STEP_KEY_EXACT : family) &&
		node->flags == flags;
		i++) {
		if (i == t->count)
			return node->parent == 0;
		flags = t->frames[i] & STEP_KEY_EXACT ? NODE_EXACT_IP : 0;
		if (i + 1 == t->count)
			flags |= t->flags;
		node = node->parent ? stacks_node(node->parent) : NULL;
	}
	return false;
}

SLOW void verify_site(struct thread *self, const struct frame_start *start, unsigned family,
	const struct image_site *row)
{
	struct trace t = {.frames = NULL};
	uint64_t signals = block_signals();

	if (!lane_ready(self, LANE_VERIFY)) {
		count(&counts.skipped);
		restore_signals(signals);
		return;
	}
	lane_walk(self, LANE_VERIFY, start, &t);
	/* Not in a child that a signal handler has just forked in the middle of this event: it has
	 * no tree. */
	if (!is_site_of(row->site, &t, t.family ? t.family : family) && hot.state == HOT_READY) {
		TEXT(text, 512);
		text_add(&text, "libleak: verify: site ");
		text_add_number(&text, row->site);
		text_add(&text, " is not that of the full walk; its innermost frames:");
		add_frames(&text, unwinder->name, &t, 0);
		text_print(&text);
		__builtin_trap();
	}
	count(&counts.rewalked);
	restore_signals(signals);
}

/* ---- the count ---- */

void verify_forget(void)
{
	__builtin_memset(&counts, 0, sizeof(counts));
}

static void add_count(struct text *text, const char *what, uint64_t number)
{
	text_add(text, what);
	text_add(text, " ");
	text_add_number(text, number);
}

void verify_print(const char *name, uint64_t pid)
{
	uint64_t settled = 0;
	TEXT(text, 1024);

	for (unsigned i = SETTLED_SHORTER; i < OUTCOMES; i++)
		settled += counts.outcome[i];
	text_add(&text, "libleak: verify: ");
	text_add(&text, name);
	text_add(&text, "[");
	text_add_number(&text, pid);
	text_add(&text, "]: ");
	text_add_number(&text, oracle ? counts.outcome[EQUAL] + settled : counts.rewalked);
	text_add(&text, " events compared, 0 differences;");
	add_count(&text, " remembered", counts.rewalked);
	if (oracle) {
		add_count(&text, ", equal", counts.outcome[EQUAL]);
		add_count(&text, ", settled", settled);
		add_count(&text, " (shorter", counts.outcome[SETTLED_SHORTER]);
		add_count(&text, ", longer", counts.outcome[SETTLED_LONGER]);
		add_count(&text, ", other", counts.outcome[SETTLED_OTHER]);
		add_count(&text, "), partial", counts.partial);
		add_count(&text, ", implausible", counts.implausible);
	}
	add_count(&text, ", skipped", counts.skipped);
	text_print(&text);
}
