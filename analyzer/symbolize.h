/* Names for the frames of sites: function, file, line, inlined calls. */
#ifndef LEAK_SYMBOLIZE_H
#define LEAK_SYMBOLIZE_H

#include "model.h"
#include "symbol_file.h"

struct symbolizer;

/* A symbolizer for the model's frames; `search` must outlive it. Nothing is opened yet. */
struct symbolizer *symbolizer_new(struct model *model, const struct symbol_search *search);

/* Fills frame.symbol for every frame of the site's stack; unresolved ones get a symbol with one
 * location without a function. Modules are opened when first met. */
void symbolize_site(struct symbolizer *symbolizer, const struct site *site);

/* The same for the stack whose innermost frame this is. */
void symbolize_stack(struct symbolizer *symbolizer, uint32_t frame);

/* Fills in the variable of a root, or its section. */
void symbolize_variable(struct symbolizer *symbolizer, struct path_root *root);

/* Releases the symbolizer with all symbols: the model's frames must not be looked at afterwards. */
void symbolizer_free(struct symbolizer *symbolizer);

#endif
