/* The numbered tables of an image in memory: nodes, modules, threads, epochs. */
#ifndef LEAK_IMAGE_TABLES_H
#define LEAK_IMAGE_TABLES_H

#include "image_file.h"

struct image_tables {
	struct image_node *nodes;     /* by number; ip 0: not there. Parents are smaller numbers */
	size_t node_count;            /* highest number + 1 */
	struct image_module *modules; /* by number; state 0: not there */
	char **module_paths;          /* by number; NULL: whole in its row */
	size_t module_count;
	struct image_thread *threads; /* by slot; state 0: not there */
	size_t thread_count;
	struct image_epoch *epochs; /* by rising moment */
	size_t epoch_count;
};

/* Reads the tables. Rows that are unpublished or break the format's rules are left out. */
void image_tables_read(struct image_tables *tables, const struct image_file *image);
void image_tables_free(struct image_tables *tables);

/* The path of a module by its number, which is less than module_count. */
const char *image_module_path(const struct image_tables *tables, size_t number);

/* The whole label of an epoch. */
#define EPOCH_LABEL_MAX (IMAGE_NAME_MAX + IMAGE_LABEL_REST)
void image_epoch_label(const struct image_epoch *epoch, char ret[static EPOCH_LABEL_MAX]);

/* The family of a site number, or FAMILY_NONE when the number is not a readable site. */
enum image_family image_tables_family(const struct image_tables *tables, uint32_t site);

/* The name by which the program calls a family ("malloc", "_Znwm"). */
const char *image_family_symbol(enum image_family family);

#endif
