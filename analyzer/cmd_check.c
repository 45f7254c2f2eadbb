/* `leak check`: gates images that are there already. */
#include "cmd_gate.h"
#include "cmd_outputs.h"
#include "command.h"

int cmd_check(struct settings *settings)
{
	struct cmd_gate gate;
	struct cmd_model loaded = {0};
	int status = cmd_gate_begin(&gate, settings);

	if (status == EXIT_OK) {
		status = cmd_model_load(&loaded, settings);
		if (status == EXIT_OK)
			status = cmd_outputs_check(settings, &loaded.list);
		if (status == EXIT_OK)
			status = cmd_gate_judge(&gate, &loaded, "leak check", stdout);
		cmd_model_free(&loaded);
	}
	cmd_gate_free(&gate);
	return status;
}
