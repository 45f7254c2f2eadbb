/* Leaks that are known: one entry for each fingerprint, and which sites of a model are among them.
 */
#ifndef LEAK_BASELINE_H
#define LEAK_BASELINE_H

#include "model.h"

struct json_t;

/* What a baseline holds where nobody said: blocks that are definitely or possibly lost, those
 * without a class where no check told one, and regions. Else CLASS_BIT of the classes; regions
 * then go with CLASS_UNKNOWN. */
#define BASELINE_DEFAULT (1u << 31)

/* One line of the file. Texts belong to `json`, which has all that the line had. */
struct baseline_entry {
	struct json_t *json;
	uint64_t fingerprint;
	uint64_t loose;       /* of any C allocator, see fingerprint_loose; 0: not known */
	const char *function; /* the innermost one; as the next three NULL: not known */
	const char *file, *kind, *note;
	bool amount_known;
	struct amount amount;
	uint64_t places; /* 0: not known */
	/* Filled by baseline_match: */
	bool seen;
	struct amount now;
	uint64_t places_now;
};

struct baseline {
	struct baseline_entry *entries; /* by fingerprint, each once */
	size_t count, capacity;
};

/* Adds an entry made of `json`, which is taken over, or releases it: returns NULL, or why it cannot
 * be one. Afterwards call baseline_settle. */
const char *baseline_add(struct baseline *baseline, struct json_t *json);

/* Sorts the entries, and makes those with one fingerprint one: the larger amounts count. */
void baseline_settle(struct baseline *baseline);

/* Makes entries of the sites that are of `kinds`. They have fingerprints and symbols. */
void baseline_fill(struct baseline *baseline, const struct model *model, unsigned kinds);

/* Decides of every site of `kinds` whether it is new, and fills model->comparison. */
void baseline_match(struct baseline *baseline, struct model *model, unsigned kinds);

/* Takes notes, and keys that are not known here, over from a former baseline. `note` (may be NULL)
 * is for the entries without any. */
void baseline_inherit(struct baseline *baseline, const struct baseline *former, const char *note);

/* Drops the entries that baseline_match did not see. */
void baseline_prune(struct baseline *baseline);

void baseline_free(struct baseline *baseline);

#endif
