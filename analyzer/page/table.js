/* The table of call sites, or of groups of them. Rows are made as they are asked for. */
const ROWS_AT_ONCE = 100;
let rowsShown = ROWS_AT_ONCE, opened = new Set();

const columns = [
	{ key: "class", label: "class", of: (row) => -classes.indexOf(row.class ?? [...row.classes].sort(byRank)[0]) },
	{ key: "bytes", label: "bytes", of: (row) => row.bytes },
	{ key: "blocks", label: "blocks", of: (row) => row.blocks },
	{ key: "allocated", label: "allocated", of: (row) => row.allocated },
	{ key: "age", label: "age", of: (row) => row.age },
	{ key: "where", label: "where", of: (row) => row.name.toLowerCase() },
];

function byRank(a, b) {
	return classes.indexOf(a) - classes.indexOf(b);
}

function siteRow(site) {
	return { site, sites: 1, class: classOf(site), bytes: bytesOf(site), blocks: blocksOf(site), name: focusName(site),
		allocated: site.total_allocs, age: site.oldest_seconds };
}

function groupRows(sites, group) {
	const rows = new Map();
	for (const site of sites)
		for (const key of groupsOf(site, group)) {
			const part = partOf(site, group === "process" ? key : choices.process);
			const row = rows.get(key) ?? { key, name: group === "process" ? processName(Number(key)) : key, sites: 0, bytes: 0, blocks: 0, age: 0, allocated: null, classes: new Set() };
			row.sites++;
			row.bytes += part.bytes;
			row.blocks += part.blocks;
			row.age = Math.max(row.age, site.oldest_seconds);
			row.classes.add(classOf(site));
			rows.set(key, row);
		}
	return [...rows.values()];
}

function sortRows(rows) {
	const of = columns.find((column) => column.key === choices.sort).of, sign = choices.ascending ? 1 : -1;
	return rows.sort((a, b) => {
		const x = of(a) ?? -1, y = of(b) ?? -1;
		return x === y ? b.bytes - a.bytes : x < y ? -sign : sign;
	});
}

function whereOf(row) {
	if (!row.site)
		return [element("span.function", {}, row.name), element("span.dim", {}, plural(row.sites, "site", "sites_"))];
	const place = focusOf(row.site);
	if (!place)
		return [element("span.function", {}, row.site.allocator), element("span.dim", {}, t("no_stack"))];
	return [element("span.function", {}, nameOf(place)), element("span.source", {}, sourceOf(place)),
		element("span.dim", {}, place.module ? place.module.name : "")];
}

function badges(row) {
	const names = row.site ? [row.class] : classes.filter((name) => row.classes.has(name));
	const made = names.map((name) => element(`span.badge.${name}`, {}, className(name)));
	if (row.site && row.site.baseline && row.site.baseline !== "known")
		made.push(element("span.badge.new", {}, t(`status_${row.site.baseline}`)));
	return made;
}

function bytesCell(row, most) {
	const site = row.site, direct = site && row.bytes !== site.bytes;
	return element("td.number", {},
		element("div.bar", { "aria-hidden": "true" },
			element(`i.${row.class ?? "unknown"}`, { style: `width:${most ? (100 * row.bytes) / most : 0}%` })),
		element("span", { title: formatCount(row.bytes) }, formatBytes(row.bytes)),
		direct ? element("div.dim", {}, t("directly", formatBytes(site.bytes))) : null);
}

function toggleRow(row) {
	if (!row.site && choices.group === "process")
		return choose({ process: row.key, group: "site" });
	if (!row.site)
		return choose({ only: { group: choices.group, name: row.key }, group: "site" });
	if (!opened.delete(row.site.index))
		opened.add(row.site.index);
	draw();
}

function drawRow(row, most) {
	const open = row.site && opened.has(row.site.index);
	const line = element("tr.row", { tabindex: "0", "aria-expanded": row.site ? String(Boolean(open)) : null,
		onclick: () => toggleRow(row),
		onkeydown: (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), toggleRow(row)) },
	element("td.class", {}, badges(row)), bytesCell(row, most),
	element("td.number.wide", {}, formatCount(row.blocks)),
	element("td.number.wide", {}, row.allocated === null ? "" : formatCount(row.allocated)),
	element("td.number.wide", {}, formatTime(row.age)),
	element("td.where", {}, whereOf(row)));
	return open ? [line, element("tr.detail", {}, element("td", { colspan: 6 }, drawDetail(row.site)))] : [line];
}

function heading(column) {
	const sorted = choices.sort === column.key;
	const wide = ["blocks", "allocated", "age"].includes(column.key) ? ".wide" : "";
	const text = column.key === "class" || column.key === "where";
	return element(`th${text ? "" : ".number"}${wide}`,
		{ scope: "col", "aria-sort": sorted ? (choices.ascending ? "ascending" : "descending") : null },
		button(`${t(column.label)}${sorted ? (choices.ascending ? " ▲" : " ▼") : ""}`, () =>
			choose({ sort: column.key, ascending: sorted ? !choices.ascending : column.key === "where" })));
}

function moreRows(count) {
	if (count <= rowsShown)
		return null;
	const show = (n) => () => {
		rowsShown = n;
		draw();
	};
	return element("p.more", {}, button(t("more", formatCount(Math.min(ROWS_AT_ONCE, count - rowsShown)), formatCount(count)),
		show(rowsShown + ROWS_AT_ONCE)), " ", button(t("all", formatCount(count)), show(count)));
}

function drawSites() {
	const sites = selected();
	const rows = sortRows(choices.group === "site" ? sites.map(siteRow) : groupRows(sites, choices.group));
	if (!rows.length)
		return element("p.empty", {}, t(report.sites.length ? "nothing" : "nothing_left"));
	const most = rows.reduce((max, row) => Math.max(max, row.bytes), 0), sum = sumOf(sites);
	return element("div", {},
		element("p.sum", {}, t("sum", formatBytes(sum.bytes), plural(sum.blocks, "block", "blocks_"),
			plural(sites.length, "site", "sites_"))),
		element("table.sites", {}, element("thead", {}, element("tr", {}, columns.map(heading))),
			element("tbody", {}, rows.slice(0, rowsShown).flatMap((row) => drawRow(row, most)))),
		moreRows(rows.length));
}
