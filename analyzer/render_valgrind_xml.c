/*
 * Valgrind's XML, protocol 4 of the tool memcheck: what IDEs and CI plugins read. Called through
 * the table in render.c. Later protocols are refused by Qt Creator; this one has no summary, so
 * the sums are in no element.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_valgrind.h"
#include "render_xml.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void write_line(FILE *out, const char *indent, const char *name, const char *value)
{
	fputs(indent, out);
	xml_element(out, name, value);
	putc('\n', out);
}

static void write_number(FILE *out, const char *indent, const char *name, uint64_t value)
{
	fprintf(out, "%s<%s>%" PRIu64 "</%s>\n", indent, name, value, name);
}

static void write_arguments(FILE *out, const char *name, const char *exe, const char *const *rest)
{
	fprintf(out, "  <%s>\n", name);
	write_line(out, "    ", "exe", exe);
	for (; rest && *rest; rest++)
		write_line(out, "    ", "arg", *rest);
	fprintf(out, "  </%s>\n", name);
}

static void write_state(FILE *out, const char *state, uint64_t ns)
{
	uint64_t ms = ns / 1000000u, seconds = ms / 1000;

	fprintf(out,
		"\n<status>\n  <state>%s</state>\n  <time>%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64
		":%02" PRIu64 ".%03" PRIu64 " </time>\n</status>\n",
		state, seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60,
		ms % 1000);
}

static void write_head(
	const struct process *process, const struct render_valgrind *valgrind, FILE *out)
{
	bool has_arguments = process->args && process->args[0];

	fputs("<?xml "
	      "version=\"1.0\"?>\n\n<valgrindoutput>\n\n<protocolversion>4</protocolversion>\n"
	      "<protocoltool>memcheck</protocoltool>\n\n<preamble>\n"
	      "  <line>leak " LEAK_VERSION " (valgrind-compatible output)</line>\n</preamble>\n\n",
		out);
	fprintf(out, "<pid>%d</pid>\n<ppid>%d</ppid>\n<tool>memcheck</tool>\n\n<args>\n",
		process->pid, process->ppid);
	write_arguments(out, "vargv", valgrind->arguments[0], valgrind->arguments + 1);
	write_arguments(out, "argv",
		has_arguments  ? process->args[0]
		: process->exe ? process->exe
			       : "unknown",
		has_arguments ? (const char *const *)process->args + 1 : NULL);
	fputs("</args>\n", out);
	write_state(out, "RUNNING", 0);
	write_state(out, "FINISHED", process->run_ns);
}

static void write_frame(FILE *out, const struct valgrind_frame *frame)
{
	fprintf(out, "    <frame>\n      <ip>0x%" PRIX64 "</ip>\n", frame->ip);
	if (frame->object)
		write_line(out, "      ", "obj", frame->object);
	if (frame->function)
		write_line(out, "      ", "fn", frame->function);
	if (frame->file && frame->directory)
		write_line(out, "      ", "dir", frame->directory);
	if (frame->file)
		write_line(out, "      ", "file", frame->file);
	if (frame->file && frame->line)
		write_number(out, "      ", "line", frame->line);
	fputs("    </frame>\n", out);
}

/* The entry as it stands in a file, for the caller to free. */
static char *entry_text(const struct valgrind_entry *entry)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return memory_copy("");
	putc('\n', out);
	valgrind_entry_write(entry, out);
	fclose(out);
	return text;
}

/* The protocol has no element for "...": that is in the text alone. */
static void write_suppression(
	FILE *out, const struct site *site, const struct valgrind_frame *frames, size_t count)
{
	struct valgrind_entry entry;

	valgrind_entry_make(&entry, site, frames, count);
	fprintf(out,
		"  <suppression>\n    <sname>%s</sname>\n    <skind>Memcheck:Leak</skind>\n"
		"    <skaux>match-leak-kinds: %s</skaux>\n",
		VALGRIND_ENTRY_NAME, model_class_names[entry.class]);
	for (size_t i = 0; i < entry.count; i++) {
		fputs("    <sframe> ", out);
		xml_element(out, entry.lines[i].kind, entry.lines[i].pattern);
		fputs(" </sframe>\n", out);
	}
	fputs("    <rawtext>\n", out);
	char *text = entry_text(&entry);
	xml_cdata(out, text);
	fputs("\n    </rawtext>\n  </suppression>\n", out);
	free(text);
	valgrind_entry_free(&entry);
}

static void write_record(const struct model *model, const struct site *site, size_t number,
	size_t count, const struct render_valgrind *valgrind, FILE *out)
{
	static const char *const kinds[CLASS_COUNT] = {
		[CLASS_DEFINITE] = "Leak_DefinitelyLost",
		[CLASS_INDIRECT] = "Leak_IndirectlyLost",
		[CLASS_POSSIBLE] = "Leak_PossiblyLost",
		[CLASS_REACHABLE] = "Leak_StillReachable",
	};
	size_t frame_count;
	struct valgrind_frame *frames =
		valgrind_frames(model, site, valgrind->callers, &frame_count);
	char *headline = valgrind_headline(site, number, count);

	fprintf(out, "\n<error>\n  <unique>0x%zx</unique>\n  <tid>1</tid>\n  <kind>%s</kind>\n",
		number - 1, kinds[valgrind_class(site)]);
	fputs("  <xwhat>\n", out);
	write_line(out, "    ", "text", headline);
	write_number(out, "    ", "leakedbytes", site->live.bytes + site->indirect.bytes);
	write_number(out, "    ", "leakedblocks", site->live.blocks);
	fputs("  </xwhat>\n  <stack>\n", out);
	for (size_t i = 0; i < frame_count; i++)
		write_frame(out, &frames[i]);
	fputs("  </stack>\n", out);
	if (site->class == CLASS_UNKNOWN)
		write_line(out, "  ", "auxwhat", "not classified: whether it is lost is not known");
	if (valgrind->suppressions)
		write_suppression(out, site, frames, frame_count);
	fputs("</error>\n", out);
	free(headline);
	valgrind_frames_free(frames, frame_count);
}

/* How many records each entry suppresses. Their names are the model's strings: equal ones are one.
 */
static void write_suppcounts(const struct site *const *records, size_t count, FILE *out)
{
	fputs("\n<suppcounts>\n", out);
	for (size_t i = 0; i < count; i++) {
		const char *name = records[i]->suppression;
		size_t same = 0;
		bool first = true;
		if (records[i]->class != CLASS_SUPPRESSED || name == NULL)
			continue;
		for (size_t k = 0; k < count; k++) {
			bool equal = records[k]->class == CLASS_SUPPRESSED &&
				     records[k]->suppression &&
				     strcmp(records[k]->suppression, name) == 0;
			same += equal;
			first = first && !(equal && k < i);
		}
		if (!first)
			continue;
		fprintf(out, "  <pair>\n    <count>%zu</count>\n", same);
		write_line(out, "    ", "name", name);
		fputs("  </pair>\n", out);
	}
	fputs("</suppcounts>\n", out);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	static const struct process nobody;
	struct render_valgrind valgrind = valgrind_options(model, options);
	size_t count;
	const struct site **records = valgrind_records(model, &count);

	write_head(model->process_count ? &model->processes[0] : &nobody, &valgrind, out);
	for (size_t i = 0; i < count; i++)
		if (valgrind_is_shown(records[i], &valgrind))
			write_record(model, records[i], i + 1, count, &valgrind, out);
	fputs("\n<errorcounts>\n</errorcounts>\n", out);
	write_suppcounts(records, count, out);
	fputs("\n</valgrindoutput>\n", out);
	free(records);
}

const struct render_format render_valgrind_xml = {
	.name = "valgrind-xml",
	.help = "the XML of valgrind's memcheck, protocol 4",
	.all_sites = true,
	.only_sites = true,
	.suppressions = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
