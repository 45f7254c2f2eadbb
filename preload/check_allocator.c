/* An allocator's own blocks, see check_allocator.h. */
#include <link.h>

#include "preload/check_allocator.h"
#include "preload/modules.h"
#include "preload/stacks.h"

extern struct r_debug _r_debug __attribute__((weak));

struct check_allocator check_allocator_of(uint32_t module)
{
	struct check_allocator allocator = {.module = module};
	struct loaded loader;

	if (module && &_r_debug && modules_find(_r_debug.r_ldbase, &loader))
		allocator.loader = loader.number;
	return allocator;
}

/* Nobody but the loader called it. */
static bool is_its_own(const struct check_allocator *allocator, uint32_t site)
{
	const struct image_node *node = stacks_node(site);

	if (!node->parent)
		return false;
	while (node->parent) {
		uint64_t module;

		node = stacks_node(node->parent);
		module = node->ip >> IP_MODULE_SHIFT;
		if (module != allocator->module && module != allocator->loader)
			return false;
	}
	return true;
}

bool check_allocator_made(struct check_allocator *allocator, uint32_t site)
{
	if (!allocator->module)
		return false;
	if (site != allocator->site) {
		allocator->site = site;
		allocator->made = is_its_own(allocator, site);
	}
	return allocator->made;
}
