/* The processes, and what their figures are worth. */
function amount(part) {
	return part.blocks || part.bytes ? formatBytes(part.bytes) : "0 B";
}

function stateOf(process) {
	if (process.state === "clean")
		return t("state_clean", process.exit_status ?? "?");
	if (process.state === "killed" && process.signal)
		return t("state_killed_by", process.signal);
	return t(`state_${process.state}`, process.signal ?? "?");
}

function checkText(process) {
	const check = process.check;
	if (!check)
		return t("no_check");
	if (!check.done)
		return t("check_failed", check.failure ?? "?");
	const read = t("check_done", formatBytes(check.root_bytes + check.block_bytes), formatMicroseconds(check.scan_us),
		formatMicroseconds(check.pause_us));
	return check.unmet_threads ? `${read}; ${t("unmet", check.unmet_threads, check.threads)}` : read;
}

function brinkText(brink) {
	return t(brink.limit ? "brink_limit" : "brink_failed", brink.limit ?? "", formatBytes(brink.used_bytes ?? brink.requested_bytes),
		brink.limit_bytes ? formatBytes(brink.limit_bytes) : "", formatTime(brink.after_seconds), formatBytes(brink.live.bytes));
}

function tableOf(headings, rows) {
	return element("div.scroll", {}, element("table", {},
		element("thead", {}, element("tr", {}, headings.map((key) => element("th", { scope: "col" }, t(key))))),
		element("tbody", {}, rows.map((cells) => element("tr", {}, cells.map((cell) =>
			element(typeof cell === "number" ? "td.number" : "td", {}, typeof cell === "number" ? formatCount(cell) : cell)))))));
}

function drawProcess(process) {
	const lost = process.classes.definite.bytes + process.classes.indirect.bytes;
	const facts = element("dl", {},
		fact("command", element("code", {}, process.args.join(" ") || process.exe)),
		process.started ? fact("started", process.started) : null,
		fact("image", process.image), process.core ? fact("core", process.core) : null,
		fact("check", checkText(process)),
		process.on_the_brink.length ? fact("brinks", element("ul", {}, process.on_the_brink.map((brink) => element("li", {}, brinkText(brink))))) : null,
		fact("self", formatBytes(process.self.image_bytes)));
	return element("details.process", { open: report.processes.length === 1 },
		element("summary", {}, element("b", {}, process.exe.split("/").pop()), ` [${process.pid}] ${stateOf(process)} · `,
			`${t("lost")} ${formatBytes(lost)} · ${t("unfreed_")} ${amount(process.live)} · `,
			`${t("allocs")} ${formatCount(process.totals.allocs)} · ${t("frees")} ${formatCount(process.totals.frees)} · `,
			`${t("peak")} ${formatBytes(process.totals.peak_live_bytes)} · ${t("ran")} ${formatTime(process.run_seconds)}`),
		facts,
		tableOf(["tid", "name", "allocs", "frees"], process.threads.map((thread) => [String(thread.tid), thread.name, thread.allocs, thread.frees])),
		process.threads_at_end ? drawEndThreads(process.threads_at_end) : null,
		process.memory_map ? element("div", {}, element("h3", {}, t("memory_map")), tableOf(["kind", "mappings", "bytes"],
			process.memory_map.map((row) => [row.kind, row.mappings, formatBytes(row.bytes)]))) : null);
}

function drawEndThreads(threads) {
	return element("div", {}, element("h3", {}, t("threads_at_end")), threads.map((thread) =>
		element("details", { open: Boolean(thread.signal) }, element("summary", {}, `${thread.tid} ${thread.name ?? ""}`),
			element("ol.frames", {}, (thread.frames ?? []).map((frame) => element(`li${frame.own ? ".own" : ""}`, {},
				element("span.function", {}, frame.function ?? "?"),
				element("span.source", {}, frame.file ? `${frame.file}${frame.line ? `:${frame.line}` : ""}` : "")))))));
}

function drawProcesses() {
	return element("div", {}, report.processes.map(drawProcess));
}

/* Counts of not_recorded that are not zero, added up over the processes. */
function missing() {
	const sums = new Map();
	for (const process of report.processes)
		for (const [name, count] of Object.entries(process.not_recorded))
			if (count)
				sums.set(name, (sums.get(name) ?? 0) + count);
	return [...sums];
}

function drawQuality() {
	const lacking = missing(), modules = report.modules.filter((module) => module && module.symbols);
	return element("div", {},
		element("h3", {}, t("not_recorded")),
		lacking.length ? element("ul", {}, lacking.map(([name, count]) => element("li", {}, `${formatCount(count)} ${report.meanings[name] ?? name.replaceAll("_", " ")}`)))
			: element("p", {}, t("all_recorded")),
		modules.length ? [element("h3", {}, t("symbols")),
			element("ul", {}, modules.map((module) => element("li", {}, element("code", {}, module.path), ` · ${t(`symbols_${module.symbols}`)}`)))] : null,
		report.suppressions.length ? [element("h3", {}, t("used")),
			element("ul", {}, report.suppressions.map((used) => element("li", {}, element("code", {}, used.name), ` (${used.file ?? "?"}) `,
				t("used_", formatBytes(used.bytes), plural(used.blocks, "block", "blocks_"), plural(used.sites, "site", "sites_")))))] : null);
}
