/* See verify.h. */
#include "preload/verify.h"
#include "preload/lanes.h"
#include "preload/stacks.h"
#include "preload/text.h"

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
	static _Atomic uint64_t events;
	struct trace t = {.frames = NULL};

	if (!lane_ready(self, 1))
		return;
	atomic_fetch_add(&events, 1);
	lane_walk(self, 1, start, &t);
	if (is_site_of(row->site, &t, t.family ? t.family : family))
		return;
	TEXT(text, 256);
	text_add(&text, "libleak: verify: site ");
	text_add_number(&text, row->site);
	text_add(&text, " is not that of the full walk's ");
	text_add_number(&text, t.count);
	text_add(&text, " frames, after events: ");
	text_add_number(&text, atomic_load(&events));
	text_print(&text);
	__builtin_trap();
}
