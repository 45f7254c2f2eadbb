/* The page as a whole: its head, its tabs, and what is in them. */
const tabs = { sites: drawSites, flame: drawFlame, processes: drawProcesses, quality: drawQuality, text: () => null };

function classTotals() {
	const totals = Object.fromEntries(classes.map((name) => [name, { bytes: 0, blocks: 0 }]));
	for (const site of matching()) {
		const total = totals[classOf(site)];
		const part = choices.process !== "" && site.shares ? partOf(site, choices.process) : site;
		total.bytes += part.bytes;
		total.blocks += part.blocks;
	}
	return totals;
}

function drawClass(name, total) {
	const on = choices.classes.has(name);
	return element(`button.card.${name}`, { type: "button", "aria-pressed": String(on), onclick: () => toggleClass(name) },
		element("span.label", {}, className(name)),
		element("span.value", {}, formatBytes(total.bytes)),
		element("span.dim", {}, plural(total.blocks, name === "mapped" ? "region" : "block", name === "mapped" ? "regions" : "blocks_")));
}

function level() {
	const has = (name) => report.sites.some((site) => classOf(site) === name);
	return has("definite") ? "definite" : has("possible") || has("unknown") || has("mapped") ? "possible" : "fine";
}

function programs() {
	const names = [...new Set(report.processes.map((process) => process.exe.split("/").pop()))];
	return names.length > 3 ? `${names.slice(0, 3).join(", ")} …` : names.join(", ");
}

function drawHead() {
	const totals = classTotals(), process = report.processes[0];
	document.getElementById("head").replaceChildren(
		element("div.top", {}, element("b", {}, "leak"), " ", element("span", {}, programs()),
			element("span.dim", {}, report.processes.length === 1 ? ` [${process.pid}] ${stateOf(process)}` : ` ${formatCount(report.processes.length)}`),
			element("span.space", {}), button(t("language"), () => setLanguage(language === "en" ? "zh" : "en"))),
		element(`h1.${level()}`, {}, report.verdict),
		element("div.cards", {}, classes.filter((name) => totals[name].blocks || choices.classes.has(name) && report.sites.some((site) => classOf(site) === name))
			.map((name) => drawClass(name, totals[name]))));
}

function drawTools() {
	const search = element("input", { type: "search", id: "search", placeholder: t("search"), "aria-label": t("search"), value: choices.text,
		oninput: () => choose({ text: search.value }) });
	return element("div.tools", {}, search,
		choices.tab === "sites" ? choice(t("group"), choices.group,
			["site", "function", "file", "module", "allocator", "thread", "process"].map((name) => [name, t(`group_${name}`)]),
			(group) => choose({ group, only: null })) : null,
		report.processes.length > 1 ? choice(t("process"), choices.process, [["", t("all_processes")],
			...report.processes.map((process, index) => [String(index), processName(index)])], (process) => choose({ process })) : null,
		report.compared ? choice(t("status"), choices.status, ["", "new", "grown", "known"].map((name) => [name, t(`status_${name || "any"}`)]),
			(status) => choose({ status })) : null,
		choices.only ? button(`${t(`group_${choices.only.group}`)}: ${choices.only.name} ✕`, () => choose({ group: choices.only.group, only: null })) : null);
}

function drawTabs() {
	document.getElementById("tabs").replaceChildren(...Object.keys(tabs).map((name) =>
		button(t(`tab_${name}`), () => choose({ tab: name }), { "aria-current": name === choices.tab ? "page" : null })));
}

/* The search box stays in the page while it is typed into. */
function draw() {
	const view = document.getElementById("view"), active = document.activeElement;
	const cursor = active && active.id === "search" ? active.selectionStart : null;
	const filtered = choices.tab === "sites" || choices.tab === "flame";
	document.documentElement.lang = language;
	drawHead();
	drawTabs();
	document.getElementById("report").hidden = choices.tab !== "text";
	view.replaceChildren(...[filtered ? drawTools() : null, tabs[choices.tab](), choices.tab === "text" ? drawDownload() : null].filter(Boolean));
	if (cursor !== null) {
		const search = document.getElementById("search");
		search.focus();
		search.setSelectionRange(cursor, cursor);
	}
}

function drawDownload() {
	return element("p", {}, button(t("data"), () => {
		const link = element("a", { href: URL.createObjectURL(new Blob([JSON.stringify(report)], { type: "application/json" })), download: "leak-page.json" });
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 10000);
	}));
}

function setLanguage(name) {
	language = name;
	draw();
}

async function start() {
	try {
		await unpack();
	} catch (error) {
		const key = typeof DecompressionStream === "undefined" ? "no_script" : "broken";
		document.getElementById("head").replaceChildren(element("p.warn", {}, t(key, error.message)));
		return;
	}
	const there = new Set(report.sites.map(classOf));
	for (const kind of report.kinds)
		choices.classes.add(kind);
	if (report.kinds.includes("unknown"))
		choices.classes.add("mapped");
	choices.classes.delete("suppressed");
	if (![...choices.classes].some((name) => there.has(name)))
		there.forEach((name) => choices.classes.add(name));
	readAddress();
	addEventListener("keydown", (event) => {
		if (event.key === "/" && document.activeElement.tagName !== "INPUT") {
			event.preventDefault();
			document.getElementById("search")?.focus();
		}
	});
	let width = innerWidth;
	addEventListener("resize", () => {
		if (choices.tab === "flame" && innerWidth !== width)
			draw();
		width = innerWidth;
	});
	draw();
}

start();
