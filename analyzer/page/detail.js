/* What is known of one call site: its stack, and the figures beside it. */
const STACK_SHOWN = 40;
const wholeStacks = new Set(); /* sites whose every frame is shown */

function editorLink(place) {
	const path = absoluteSource(place);
	return path && place.own
		? element("a", { href: `vscode://file${encodeURI(path)}${place.line ? `:${place.line}` : ""}`, title: t("open_editor") }, sourceOf(place))
		: sourceOf(place);
}

function stackLine(place, focus) {
	const here = focus && place.frame === focus.frame && place.function === focus.function && place.line === focus.line;
	return element(`li${place.own ? ".own" : ""}${here ? ".focus" : ""}`, {},
		element("span.function", {}, nameOf(place)),
		element("span.source", {}, editorLink(place)),
		element("span.dim", {}, [place.module ? place.module.name : "", place.inlined ? t("inlined") : ""].filter(Boolean).join(", ")));
}

function drawStack(site) {
	const stack = stackOf(site), cut = cutOf(site), focus = focusOf(site), whole = wholeStacks.has(site.index);
	const shown = whole ? stack : stack.slice(0, STACK_SHOWN);
	return element("div.stack", {},
		element("h3", {}, t("stack"), element("span.dim", {}, ` ${t("innermost")}`)),
		element("ol", {}, element("li", {}, element("span.function", {}, site.allocator)), shown.map((place) => stackLine(place, focus))),
		shown.length < stack.length
			? button(t("outer", formatCount(stack.length - shown.length)), () => (wholeStacks.add(site.index), draw()))
			: null,
		cut ? element("p.warn", {}, t(cut)) : null);
}

function fact(name, ...value) {
	return [element("dt", {}, t(name)), element("dd", {}, ...value)];
}

function lossRow(loss) {
	const site = loss.site === null ? null : report.sites[loss.site];
	return element("li", {}, `${formatBytes(loss.bytes)} · ${plural(loss.blocks, "block", "blocks_")} `,
		element("span.function", {}, site ? focusName(site) : "?"),
		site && focusOf(site) ? element("span.source", {}, sourceOf(focusOf(site))) : null);
}

function drawLosses(site) {
	if (!site.loses || !site.loses.length)
		return null;
	return element("div", {}, element("h3", {}, t("loses")), element("ul.losses", {}, site.loses.map(lossRow)));
}

function drawFigures(site) {
	return element("dl", {},
		fact(site.kind === "heap" ? "blocks" : "regions_", `${formatCount(site.bytes)} B · ${formatCount(site.blocks)}`),
		site.indirect && site.indirect.blocks
			? fact("indirect", `${formatCount(site.indirect.bytes)} B · ${formatCount(site.indirect.blocks)}`) : null,
		fact("allocator", site.allocator),
		fact("size", site.size_min === site.size_max ? formatBytes(site.size_min)
			: t("to", formatBytes(site.size_min), formatBytes(site.size_max))),
		fact("ages", site.oldest_seconds === site.newest_seconds ? formatTime(site.oldest_seconds)
			: t("ages_", formatTime(site.newest_seconds), formatTime(site.oldest_seconds), formatTime(site.median_seconds))),
		fact("totals", t("totals_", formatBytes(site.total_bytes), plural(site.total_allocs, "block", "blocks_"))),
		site.threads.length ? fact("threads", site.threads.join(", ")) : null,
		fact("processes", site.processes.length > 5 ? formatCount(site.processes.length) : site.processes.map(processName).join(", ")),
		site.baseline === "grown" ? fact("baseline_had", `${formatCount(site.baseline_bytes)} B · ${formatCount(site.baseline_blocks)}`) : null,
		site.suppression ? fact("suppression", site.suppression, " · ", t("without", className(site.class_without))) : null,
		fact("id", element("code", {}, site.id)));
}

function stackText(site) {
	return [site.allocator, ...stackOf(site).map((place) =>
		[nameOf(place), sourceOf(place), place.module ? place.module.path : ""].filter(Boolean).join("  "))].join("\n");
}

function drawDetail(site) {
	const focus = focusOf(site);
	return element("div.site", {},
		drawStack(site),
		element("div.side", {}, drawFigures(site), drawLosses(site),
			element("p.buttons", {}, copyButton(t("copy_stack"), () => `${stackText(site)}\n`),
				focus && focus.function ? copyButton(t("copy_lsan"), () => `leak:${focus.function}\n`) : null,
				copyButton(t("copy_id"), () => site.id))));
}
