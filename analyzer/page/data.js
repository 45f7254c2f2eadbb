/*
 * The data of the page (schema leak-page/1), and questions about it: stacks, names, places. A frame is
 * an array [parent, module, flags, offset, then five numbers for each location]; texts are numbers
 * into report.texts.
 */
let report = null;

const FRAME_FIELDS = 4, LOCATION_FIELDS = 5;
const FRAME_TRUNCATED = 2, FRAME_PARTIAL = 4;
const LOCATION_OWN = 1, LOCATION_INLINED = 2;

const classes = ["definite", "indirect", "possible", "unknown", "mapped", "reachable", "suppressed"];

/* Regions have no class of their own in the data; here they do. */
function classOf(site) {
	return site.class === "unknown" && site.kind !== "heap" ? "mapped" : site.class;
}

function className(name) {
	return t(name === "unknown" && !report.classified ? "unfreed" : name);
}

async function unpack() {
	const text = document.getElementById("data").textContent;
	const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
	const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
	report = JSON.parse(await new Response(stream).text());
	report.sites.forEach((site, index) => {
		site.index = index;
		if (site.shares)
			site.shares = sharesOf(site.shares);
	});
}

/* What each process has of a site; the data has distances between their indexes. */
function sharesOf(packed) {
	const shares = new Map();
	for (let at = 0, process = 0; at < packed.length; at += 3) {
		process += packed[at];
		shares.set(process, { bytes: packed[at + 1], blocks: packed[at + 2] });
	}
	return shares;
}

/* The places of a frame, innermost first: several where calls were inlined. */
function placesOf(number) {
	const frame = report.frames[number], module = report.modules[frame[1]], places = [];
	for (let at = FRAME_FIELDS; at < frame.length; at += LOCATION_FIELDS)
		places.push({
			frame: number,
			module,
			function: report.texts[frame[at]],
			file: report.texts[frame[at + 1]],
			line: frame[at + 2],
			directory: report.texts[frame[at + 3]],
			own: (frame[at + 4] & LOCATION_OWN) !== 0,
			inlined: (frame[at + 4] & LOCATION_INLINED) !== 0,
			offset: frame[3],
		});
	if (!places.length)
		places.push({ frame: number, module, function: null, file: null, line: 0, own: false, inlined: false, offset: frame[3] });
	return places;
}

/* The stack of a site, innermost first. */
function stackOf(site) {
	const stack = [];
	for (let number = site.frame; number; number = report.frames[number][0])
		stack.push(...placesOf(number));
	return stack;
}

/* Why a stack ends where it does: a key of words, or null when it is complete. */
function cutOf(site) {
	if (!site.frame)
		return "no_stack";
	let cut = null;
	for (let number = site.frame; number; number = report.frames[number][0]) {
		const flags = report.frames[number][2];
		cut = flags & FRAME_TRUNCATED ? "cut_depth" : flags & FRAME_PARTIAL ? "cut_partial" : cut;
	}
	return cut;
}

/* "app [4711]"; a process that became another program by exec has the same pid. */
function processName(index) {
	const process = report.processes[index];
	return `${process.exe.split("/").pop()} [${process.pid}]`;
}

function nameOf(place) {
	if (place.function)
		return place.function;
	const hex = `0x${place.offset.toString(16)}`;
	return place.module ? `${place.module.name}+${hex}` : `[${hex}]`;
}

/* "file.c:12", "" when it is not known. */
function sourceOf(place) {
	return place.file ? (place.line ? `${place.file}:${place.line}` : place.file) : "";
}

function absoluteSource(place) {
	if (!place.file)
		return null;
	if (place.file.startsWith("/"))
		return place.file;
	return place.directory && place.directory.startsWith("/") ? `${place.directory}/${place.file}` : null;
}

/* Where a developer should look first; null: the site has no stack. */
function focusOf(site) {
	const [frame, location] = site.focus;
	return frame ? placesOf(frame)[location] ?? null : null;
}

function focusName(site) {
	const place = focusOf(site);
	return place ? nameOf(place) : site.allocator;
}
