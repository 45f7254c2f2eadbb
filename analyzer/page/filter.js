/* What is shown: the reader's choices, and the call sites that they leave. */
const choices = {
	tab: "sites",
	classes: new Set(),
	text: "",
	process: "", /* its index */
	status: "",
	group: "site",
	only: null, /* {group, name}: of a group that was opened */
	sort: "class",
	ascending: false,
	flame: "bytes",
	direction: "down",
};

/* What of the choices is in the page's address, so that a view can be linked to: #tab=flame&text=parse */
const linked = ["tab", "text", "process", "status", "group", "sort", "flame", "direction"];
const initial = { ...choices };

function readAddress() {
	for (const [name, value] of new URLSearchParams(location.hash.slice(1)))
		if (linked.includes(name))
			choices[name] = value;
		else if (name === "language" && words[value])
			language = value;
		else if (name === "site")
			report.sites.filter((site) => site.id.startsWith(value)).forEach((site) => opened.add(site.index));
	if (!tabs[choices.tab])
		choices.tab = initial.tab;
	if (!columns.some((column) => column.key === choices.sort))
		choices.sort = initial.sort;
}

function writeAddress() {
	const address = new URLSearchParams();
	for (const name of linked)
		if (choices[name] !== initial[name])
			address.set(name, choices[name]);
	history.replaceState(null, "", `#${address}`);
}

/* What of a site is one process's (its index as a text; "": all of them), with what is lost through it where that
 * has no rows of its own. Of what several processes lose it is not known whose it is. */
function partOf(site, process) {
	if (process !== "" && site.shares)
		return site.shares.get(Number(process)) ?? { bytes: 0, blocks: 0 };
	const through = site.indirect && !choices.classes.has("indirect") ? site.indirect : { bytes: 0, blocks: 0 };
	return { bytes: site.bytes + through.bytes, blocks: site.blocks + through.blocks };
}

function bytesOf(site) {
	return partOf(site, choices.process).bytes;
}

function blocksOf(site) {
	return partOf(site, choices.process).blocks;
}

/* Whether each frame, or one of its callers, has the text in its names. Callers have smaller numbers. */
function framesWith(text) {
	const found = new Uint8Array(report.frames.length);
	const has = report.texts.map((name) => name !== null && name.toLowerCase().includes(text));
	const modules = report.modules.map((module) => module !== null && module.path.toLowerCase().includes(text));
	report.frames.forEach((frame, number) => {
		if (!frame)
			return;
		let here = found[frame[0]] || modules[frame[1]];
		for (let at = FRAME_FIELDS; at < frame.length && !here; at += LOCATION_FIELDS)
			here = has[frame[at]] || has[frame[at + 1]];
		found[number] = here ? 1 : 0;
	});
	return found;
}

function groupsOf(site, group) {
	const place = focusOf(site);
	switch (group) {
	case "function": return [focusName(site)];
	case "file": return [place && place.file ? place.file : "?"];
	case "module": return [place && place.module ? place.module.path : "?"];
	case "allocator": return [site.allocator];
	case "thread": return [site.threads.join(", ") || "?"];
	case "process": return choices.process !== "" ? [choices.process] : site.processes.map(String);
	default: return [];
	}
}

/* The sites that match everything but the classes. */
function matching() {
	const text = choices.text.trim().toLowerCase();
	const frames = text ? framesWith(text) : null;
	return report.sites.filter((site) =>
		(choices.process === "" || site.processes.includes(Number(choices.process))) &&
		(!choices.status || (site.baseline ?? "known") === choices.status) &&
		(!choices.only || groupsOf(site, choices.only.group)[0] === choices.only.name) &&
		(!text || frames[site.frame] || site.allocator.toLowerCase().includes(text) || site.id.startsWith(text)));
}

function selected() {
	return matching().filter((site) => choices.classes.has(classOf(site)));
}

function sumOf(sites) {
	return sites.reduce((sum, site) => ({ bytes: sum.bytes + bytesOf(site), blocks: sum.blocks + blocksOf(site) }),
		{ bytes: 0, blocks: 0 });
}

/* Sets choices and draws the page again. */
function choose(changes) {
	Object.assign(choices, changes);
	writeAddress();
	draw();
}

function toggleClass(name) {
	if (!choices.classes.delete(name))
		choices.classes.add(name);
	draw();
}
