/* Gating: what leak check and leak ci do with a model. */
#ifndef LEAK_CMD_GATE_H
#define LEAK_CMD_GATE_H

#include "baseline.h"
#include "cmd_model.h"
#include "gate.h"
#include "unmeasured.h"

struct cmd_gate {
	struct gate gate;
	unsigned kinds;         /* CLASS_BIT of what counts */
	const char *known_from; /* the baseline's file, NULL: none */
	struct baseline baseline;
	bool baseline_damaged; /* lines of it were wrong, and said */
	/* Filled by leak ci before the judgement: */
	struct unmeasured_list missing;
	bool incomplete;    /* there may be more, and it was said */
	int command_status; /* how it ended, as waitpid gives it; 0: well, or there was none */
	/* Filled by the judgement: */
	bool users_only; /* the system's programs are not judged, as there are the user's */
	size_t judged;   /* processes whose blocks have classes, or need none */
	size_t unjudged; /* recorded ones without, that have blocks */
	bool pass;       /* nothing is over a limit, something was judged, and what had to be */
};

/* From the options. Returns EXIT_OK, or the status to end with when they are wrong, which is
 * printed. Release with cmd_gate_free in every case. */
int cmd_gate_begin(struct cmd_gate *gate, const struct settings *settings);

/*
 * Judges what was loaded, writes the files for CI, and the report to -o or `out`. `name` is what
 * the report calls the command: "leak ci". Returns EXIT_OK, the exit status for leaks
 * (--exitcode), or EXIT_NOT_MEASURED when nothing could be judged, or something that was asked for
 * could not be read or written.
 */
int cmd_gate_judge(struct cmd_gate *gate, struct cmd_model *loaded, const char *name, FILE *out);

void cmd_gate_free(struct cmd_gate *gate);

enum cmd_gate_view {
	GATE_JUDGED,
	GATE_UNJUDGED, /* its blocks have no classes */
	GATE_FOREIGN,  /* of the system */
	GATE_REPLACED, /* by exec: its blocks are gone */
};

/* How the gate sees a process, during the judgement and after it. */
enum cmd_gate_view cmd_gate_view(const struct cmd_gate *gate, const struct process *process);

/* Why a process could not be judged, behind its name and pid. For the caller to free. */
char *cmd_gate_unjudged(const struct process *process);

/* The result as a member of the JSON report, see cmd_gate_json.c. For the caller to free. */
char *cmd_gate_json(const struct cmd_gate *gate, const struct cmd_model *loaded);

/* The report for people, see cmd_gate_report.c. */
void cmd_gate_report(const struct cmd_gate *gate, const struct cmd_model *loaded, const char *name,
	bool color, FILE *out);

#endif
