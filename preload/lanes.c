/* Full walks into a lane's buffer, see lanes.h. */
#include "preload/lanes.h"
#include "preload/image.h"
#include "preload/options.h"
#include "preload/stacks.h"

uint32_t lane_depth_limit(void)
{
	return options.depth > 1u << 24 ? 1u << 24 : (uint32_t)options.depth;
}

SLOW bool lane_ready(struct thread *self, unsigned lane)
{
	return self->frames[lane] || thread_grow_lane(self, lane, UINT32_MAX);
}

SLOW uint64_t lane_walk(
	struct thread *self, unsigned lane, const struct frame_start *start, struct trace *t)
{
	for (;;) {
		t->frames = self->frames[lane];
		t->capacity = self->capacity[lane] < lane_depth_limit() ? self->capacity[lane]
									: lane_depth_limit();
		unwinder->walk(start, self->stack_high, t);
		if (!(t->flags & NODE_TRUNCATED) || t->capacity >= lane_depth_limit())
			break;
		if (!thread_grow_lane(self, lane, lane_depth_limit()))
			break;
	}
	if (t->flags & NODE_TRUNCATED)
		image_count_lost(LOST_TRUNCATED_STACKS, 1);
	return stacks_hash(t);
}
