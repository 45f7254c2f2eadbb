/* What two models hold, side by side: two runs of a program, or one process at two moments. */
#ifndef LEAK_DIFF_H
#define LEAK_DIFF_H

#include "model.h"

enum diff_status { DIFF_NEW, DIFF_GROWN, DIFF_SHRUNK, DIFF_GONE, DIFF_STATUS_COUNT };

/* Names as the JSON has them. */
extern const char *const diff_status_names[DIFF_STATUS_COUNT];

/* Call sites with one fingerprint that hold another amount than before. */
struct diff_row {
	uint64_t fingerprint;
	enum diff_status status;
	struct amount old, now;
	size_t places; /* sites of the newer model with this fingerprint; of the older when it is
			  gone */
	const struct model *model; /* whose site that is */
	const struct site *site;   /* of them: of the worst class, the largest */
	bool mixed;                /* others are of another class */
};

struct diff {
	const struct model *old, *now;
	struct diff_row *rows; /* what grew most comes first, what shrank most last */
	size_t row_count;
	size_t unchanged; /* fingerprints that hold as many bytes and blocks */
	struct amount old_sum, now_sum;
	size_t counts[DIFF_STATUS_COUNT];         /* rows */
	struct amount amounts[DIFF_STATUS_COUNT]; /* by how much, of what there is more, or less */
	bool same_process;
	int64_t between_ns; /* same_process: from the older picture to the newer one */
};

/* Compares the sites of `kinds` (CLASS_BIT) that are not left out. They have fingerprints and
 * symbols; the models outlive the diff. A site's class may differ between the models. */
void diff_make(struct diff *diff, const struct model *old, const struct model *now, unsigned kinds);

/* How many bytes more than before; less: negative. */
int64_t diff_bytes(const struct diff_row *row);
int64_t diff_blocks(const struct diff_row *row);

void diff_free(struct diff *diff);

#endif
