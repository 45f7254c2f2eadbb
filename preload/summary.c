/* The words of our one line, see summary.h. */
#include "preload/summary.h"
#include "preload/image.h"
#include "preload/process.h"

void summary_begin(struct text *t)
{
	text_add(t, "leak: ");
	text_add_shown(t, process.exe_name);
	text_add(t, "[");
	text_add_number(t, (uint64_t)image->pid);
	text_add(t, "]: ");
}

static void add_amount(struct text *t, uint64_t bytes, uint64_t blocks)
{
	text_add_size(t, bytes);
	text_add(t, " in ");
	text_add_number(t, blocks);
	text_add(t, blocks == 1 ? " block" : " blocks");
}

bool summary_of_rest(
	struct text *t, uint64_t bytes, uint64_t blocks, const struct image_check *check)
{
	if (blocks == 0) {
		text_add(t, image->lost[LOST_HIDDEN_ALLOCATORS]
				    ? "nothing seen: the program has its own malloc"
				    : "nothing left unfreed");
		return false;
	}
	if (!check) {
		add_amount(t, bytes, blocks);
		text_add(t, " not freed");
		return true;
	}
	if (check->classes[BLOCK_DEFINITE].blocks) {
		add_amount(t, check->classes[BLOCK_DEFINITE].bytes,
			check->classes[BLOCK_DEFINITE].blocks);
		text_add(t, " definitely lost");
		if (check->classes[BLOCK_INDIRECT].blocks) {
			text_add(t, ", ");
			add_amount(t, check->classes[BLOCK_INDIRECT].bytes,
				check->classes[BLOCK_INDIRECT].blocks);
			text_add(t, " through them");
		}
		return true;
	}
	if (check->classes[BLOCK_POSSIBLE].blocks) {
		add_amount(t, check->classes[BLOCK_POSSIBLE].bytes,
			check->classes[BLOCK_POSSIBLE].blocks);
		text_add(t, " possibly lost");
		return true;
	}
	text_add(t, "no block is lost, ");
	add_amount(t, bytes, blocks);
	text_add(t, " still reachable");
	return false;
}

void summary_where(struct text *t)
{
	if (image_path()[0]) {
		text_add(t, "; see: leak report ");
		text_add_quoted(t, image_path());
	} else {
		text_add(t, "; no image could be written (set LEAK_OPTIONS=output=FILE)");
	}
}
