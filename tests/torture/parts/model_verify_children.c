#include "tests/torture/parts/model_verify_children.h"
#include "tests/torture/parts/model_picture.h"
#include "tests/torture/parts/model_run.h"

#include <inttypes.h>
#include <unistd.h>

/* False where there is no image to compare with. */
static bool check_child(const struct model_child *child, const char *name)
{
	struct picture picture;
	uint64_t blocks = 0, bytes = 0, dropped;

	if (faulty && access(name, F_OK) != 0)
		return false;
	picture_open(&picture, name);
	if (faulty && picture.image.header.lost[LOST_NOT_STARTED]) {
		picture_close(&picture);
		return false;
	}
	for (size_t i = 0; i < picture.count; i++) {
		uint32_t node = picture_outer(&picture, picture.blocks[i].image.site);
		bool own = false;

		if (picture_function(&picture, node) < 0)
			continue;
		for (; node && !own; node = picture_outer(&picture, node))
			own = picture_function(&picture, node) == IN_CHILD;
		if (!own)
			fail("child %d: block %#" PRIx64 " is not of its own", child->pid,
				picture.blocks[i].image.address);
		blocks++;
		bytes += picture.blocks[i].image.size;
	}
	dropped = may_drop ? picture.image.header.lost[LOST_DROPPED_EVENTS] : 0;
	if (blocks > child->blocks || bytes > child->bytes || child->blocks - blocks > dropped ||
		(!dropped && bytes != child->bytes))
		fail("child %d has %" PRIu64 " blocks, %" PRIu64 " bytes; its image %" PRIu64
		     ", %" PRIu64,
			child->pid, child->blocks, child->bytes, blocks, bytes);
	if (picture.image.header.lost[LOST_INHERITED_FREES] < child->inherited_frees)
		fail("child %d freed %" PRIu64 " inherited blocks; its image has %" PRIu64,
			child->pid, child->inherited_frees,
			picture.image.header.lost[LOST_INHERITED_FREES]);
	picture_close(&picture);
	return true;
}

uint64_t model_verify_children(void)
{
	uint64_t compared = 0;

	for (uint32_t i = 0; i < told->forks && i < MODEL_CHILDREN; i++) {
		const struct model_child *child = &told->children[i];
		char name[IMAGE_NAME];
		unsigned before = 0;

		for (uint32_t k = 0; k < i; k++)
			before += told->children[k].pid == child->pid;
		image_name(name, child->pid, before);
		if (child->done)
			compared += check_child(child, name);
		if (faulty)
			unlink(name);
	}
	return compared;
}
