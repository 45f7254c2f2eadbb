/* Numbers for people, as the terminal's report writes them, and elements of the page. */
function formatCount(n) {
	return n.toLocaleString("en-US");
}

function formatBytes(n) {
	const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
	let unit = 0, value = n / 1024;
	while (value >= 1024 && unit < units.length - 1) {
		value /= 1024;
		unit++;
	}
	return n < 10000 ? `${formatCount(n)} B` : `${value.toFixed(1)} ${units[unit]}`;
}

function formatTime(seconds) {
	if (seconds < 1)
		return `${Math.round(seconds * 1000)} ms`;
	if (seconds < 120)
		return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
	const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
	if (days >= 2)
		return `${days} d ${hours % 24} h`;
	return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}

function formatMicroseconds(us) {
	return us < 1000 ? `${us} µs` : us < 1e6 ? `${(us / 1000).toFixed(1)} ms` : `${(us / 1e6).toFixed(2)} s`;
}

function formatShare(part, whole) {
	return whole ? `${Math.round((100 * part) / whole)}%` : "";
}

function plural(n, one, many) {
	return `${formatCount(n)} ${t(n === 1 ? one : many)}`;
}

/* element("td.number", {title: "…", onclick: f}, child…): text is never taken for markup. */
function element(kind, attributes, ...children) {
	const [tag, ...classes] = kind.split(".");
	const made = document.createElement(tag);
	if (classes.length)
		made.className = classes.join(" ");
	for (const [name, value] of Object.entries(attributes || {})) {
		if (name.startsWith("on"))
			made.addEventListener(name.slice(2), value);
		else if (value !== null && value !== undefined && value !== false)
			made.setAttribute(name, value === true ? "" : value);
	}
	made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
	return made;
}

function button(label, onclick, attributes) {
	return element("button", { type: "button", ...attributes, onclick }, label);
}

/* A button that puts text into the clipboard, and says so. */
function copyButton(label, text) {
	const made = button(label, async () => {
		await copyText(text());
		made.textContent = t("copied");
		setTimeout(() => (made.textContent = label), 1200);
	});
	return made;
}

/* Pages from files may not use the clipboard's own interface everywhere. */
async function copyText(text) {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		const area = element("textarea", {});
		area.value = text;
		document.body.append(area);
		area.select();
		document.execCommand("copy");
		area.remove();
	}
}

/* A <select> of [value, label] pairs. */
function choice(label, value, pairs, onchange) {
	const select = element("select", { "aria-label": label, onchange: () => onchange(select.value) },
		pairs.map(([key, text]) => element("option", { value: key, selected: key === value }, text)));
	return element("label", {}, `${label} `, select);
}
