/* Tells the system's from the user's, see foreign.h. Called by cmd_gate.c. */
#include "foreign.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

bool foreign_program(const char *path)
{
	/* As the FHS has them; /usr/local is the user's. */
	static const char *const prefixes[] = {"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/",
		"/usr/games/", "/usr/libexec/", "/usr/lib/", "/lib/", "/usr/share/"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* A module that is the user's: a test may be a plugin of a program of the system. */
static bool has_users_code(const struct model *model, const struct site *site)
{
	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct module *module = &model->modules[model->frames[number].module];
		if (module->own && !foreign_program(module->path))
			return true;
	}
	return false;
}

void foreign_mark(struct model *model)
{
	bool *of_system = memory_zero(model->process_count, sizeof(*of_system));

	for (size_t i = 0; i < model->process_count; i++)
		of_system[model->processes[i].id] = foreign_program(model->processes[i].exe);
	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		bool foreign = site->share_count > 0;
		for (size_t k = 0; k < site->share_count; k++)
			foreign = foreign && of_system[site->shares[k].process];
		site->foreign = foreign && !has_users_code(model, site);
	}
	free(of_system);
}
