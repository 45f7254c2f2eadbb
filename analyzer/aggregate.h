/* The report's rows: which sites or groups of them, in which order. */
#ifndef LEAK_AGGREGATE_H
#define LEAK_AGGREGATE_H

#include "error.h"
#include "model.h"

struct selection {
	const char *group;          /* a name from aggregate_groups; "site" is one row a site */
	const char *const *filters; /* texts that must each occur in a function, file or module */
	size_t filter_count;
	unsigned kinds;          /* CLASS_BIT of the sites that get a row */
	bool leave_out_replaced; /* what processes held that became other programs by exec, where
				  * there are others */
	size_t top;              /* rows shown of each section; SIZE_MAX: all */
};

/* The choices of --group. */
#define AGGREGATE_GROUPS "site|function|file|module|thread|mark"

/* Fills model->rows with one row for each site, section by section and worst first. Marks the first
 * `top` of each section as shown. Needs no symbols. */
void aggregate_sites(struct model *model, size_t top);

/* Whether the rows of this selection depend on names, so that all sites need symbols first. */
bool aggregate_needs_symbols(const struct selection *selection);

/* Like aggregate_sites, after filters, kinds and grouping. */
void aggregate_select(struct model *model, const struct selection *selection);

/* Whether the stack of a site, which has its symbols, has each of the texts in the name of a
 * function, file or module. */
bool aggregate_matches(const struct model *model, const struct site *site,
	const char *const *filters, size_t filter_count);

#endif
