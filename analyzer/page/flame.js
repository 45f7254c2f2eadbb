/* The flame graph of the call sites that are shown, by d3-flame-graph. */
const FLAME_DEPTH = 400; /* frames; the library goes through the tree by recursion */
const FLAME_SITES = 20; /* listed of the frame that was clicked; the rest is counted */

function flameChild(node, place, name) {
	const own = place ? place.own : false, key = `${own ? 1 : 0}${name}`;
	node.byName ??= new Map();
	let child = node.byName.get(key);
	if (!child) {
		child = { name, value: 0, own, leaf: !place, children: [], sites: [] };
		node.byName.set(key, child);
		node.children.push(child);
	}
	return child;
}

/* The tree of names, outermost frames first; ret.deep counts the stacks that are cut. */
function flameTree(sites) {
	const root = { name: t("flame_all"), value: 0, own: false, children: [], sites: [] };
	let deep = 0;
	for (const site of sites) {
		const width = choices.flame === "blocks" ? blocksOf(site) : bytesOf(site);
		const places = stackOf(site).reverse();
		let node = root;
		if (!width)
			continue;
		if (places.length > FLAME_DEPTH)
			deep++;
		root.value += width;
		for (const place of places.slice(0, FLAME_DEPTH)) {
			node = flameChild(node, place, nameOf(place));
			node.value += width;
		}
		node = flameChild(node, null, site.allocator);
		node.value += width;
		node.sites.push(site);
	}
	return { root, deep };
}

function flameWidth(value) {
	return choices.flame === "blocks" ? plural(value, "block", "blocks_") : formatBytes(value);
}

/* Own code is warm, libraries are cool, the allocators grey; a name always has the same shade. */
function flameColor(node) {
	const { name, own, leaf } = node.data;
	let hash = 0;
	for (const c of name)
		hash = (hash * 31 + c.codePointAt(0)) >>> 0;
	const shade = (hash % 1000) / 1000;
	if (node.highlight)
		return "#d63aff";
	if (leaf || !node.parent)
		return `hsl(220 8% ${74 + 8 * shade}%)`;
	return own ? `hsl(${14 + 32 * shade} 88% ${62 + 8 * shade}%)` : `hsl(${196 + 22 * shade} 48% ${70 + 8 * shade}%)`;
}

function sitesBelow(node) {
	const found = [], left = [node];
	while (left.length) {
		const next = left.pop();
		found.push(...next.sites);
		left.push(...next.children);
	}
	return found;
}

function drawFlameFoot(foot, data, total) {
	const sites = sitesBelow(data), first = sites.sort((a, b) => bytesOf(b) - bytesOf(a)).slice(0, FLAME_SITES);
	foot.replaceChildren(element("div", {},
		element("p", {}, element("b", {}, data.name), ` · ${flameWidth(data.value)} · ${t("share", formatShare(data.value, total))} · ${plural(sites.length, "site", "sites_")}`),
		element("p.dim", {}, t("flame_hint")),
		element("ul.losses", {}, first.map((site) => element("li", {},
			button(`${formatBytes(bytesOf(site))} · ${focusName(site)}`, () => {
				opened.add(site.index);
				choose({ tab: "sites", text: site.id, group: "site", only: null });
			})))),
		sites.length > first.length ? element("p.dim", {}, `… ${formatCount(sites.length - first.length)}`) : null));
}

function drawFlame() {
	const sites = selected(), { root, deep } = flameTree(sites);
	if (!root.value)
		return element("p.empty", {}, t(report.sites.length ? "nothing" : "nothing_left"));
	const place = element("div.flame", {}), foot = element("div.foot", {}), hover = element("p.hover", {}, " ");
	const chart = flamegraph.default()
		.inverted(choices.direction === "down")
		.cellHeight(20)
		.minFrameSize(1)
		.transitionDuration(matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250)
		.sort((a, b) => b.data.value - a.data.value)
		.setColorMapper(flameColor)
		.setLabelHandler((node) => `${node.data.name}: ${flameWidth(node.data.value)}, ${t("share", formatShare(node.data.value, root.value))}`)
		.setDetailsHandler((label) => (hover.textContent = label || " "))
		.onClick((node) => drawFlameFoot(foot, node.data, root.value));
	const bar = element("div.tools", {},
		choice(t("flame_by"), choices.flame, [["bytes", t("by_bytes")], ["blocks", t("by_blocks")]], (flame) => choose({ flame })),
		choice(t("direction"), choices.direction, [["down", t("down")], ["up", t("up")]], (direction) => choose({ direction })),
		button(t("reset"), () => chart.resetZoom()));
	/* It has a width only when it is in the page. */
	requestAnimationFrame(() => {
		chart.width(Math.max(300, place.clientWidth));
		d3.select(place).datum(root).call(chart);
		drawFlameFoot(foot, root, root.value);
	});
	return element("div", {}, bar, hover, place,
		deep ? element("p.warn", {}, t("flame_cut", FLAME_DEPTH, plural(deep, "site", "sites_"))) : null, foot);
}
