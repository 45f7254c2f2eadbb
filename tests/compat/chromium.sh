#!/bin/bash
# chromium, headless, renders a page with scripts: its DOM, a picture of it, a document.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need chromium
program chromium chromium --version

# browse ARGUMENTS…: what it says on stderr has times, ids, and now and then one more try to reach a bus,
# or a message to a page that is being closed;
# its start script an error with the room that /dev/shm has.
browse() {
	"${chromium[@]}" "$@" "file://$PWD/page.html" 2>said.volatile
	local status=$?
	sed '/dbus\//d; /rejected by interface blink.mojom/d; s/^\[[0-9:/.]*//; s/: \[: [0-9]*: /: [: /' said.volatile | sort -u >&2
	return $status
}

# scenario SANDBOX: root's has none; another user's processes are in namespaces of their own.
scenario() {
	local common=(--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking
		--disable-component-update --disable-sync --user-data-dir="$PWD/profile.volatile"
		'--window-size=400,300' --hide-scrollbars --font-render-hinting=none)
	local chromium=(chromium "${common[@]}" --no-sandbox)
	if [ "$1" = sandbox ]; then
		chromium=("${as_nobody[@]}" chromium "${common[@]}")
	fi
	export HOME=$PWD/home.volatile
	mkdir "$HOME" && chmod 777 "$HOME"
	cat >page.html <<-'END'
		<!doctype html><meta charset=utf-8><title>a page</title>
		<style>body { font: 16px sans-serif } .box { width: 60px; height: 40px; background: #36c;
			transform: rotate(10deg); border-radius: 8px }</style>
		<h1>Rendered</h1><div class=box></div><ul id=list></ul><canvas id=canvas width=100 height=50></canvas>
		<script>
		const list = document.getElementById('list'), map = new Map();
		for (let i = 0; i < 20000; i++) map.set('k' + i % 500, { i, text: 'x'.repeat(i % 40) });
		for (let i = 0; i < 50; i++) {
			const item = document.createElement('li');
			item.textContent = `item ${i} of ${map.size}`;
			list.append(item);
		}
		const pen = document.getElementById('canvas').getContext('2d');
		pen.fillStyle = 'red'; pen.fillRect(10, 10, 50, 30);
		const sum = [...pen.getImageData(0, 0, 100, 50).data].reduce((a, b) => a + b);
		document.body.append(JSON.stringify({ sum, text: JSON.stringify([...map.values()]).length }));
		</script>
	END
	browse --dump-dom && browse --screenshot="$PWD/page.png" || return
	head -c 8 page.png | od -An -c
	browse --no-pdf-header-footer --print-to-pdf="$PWD/page.pdf.volatile" || return
	head -c 5 page.pdf.volatile && echo
}

# It has an allocator of its own, before any that is preloaded: the report must not call it clean.
check() {
	local hidden
	hidden=$(field '[.processes[] | select(.exe | endswith("/chromium")) | .not_recorded.hidden_allocators] | min')
	[ "${hidden:-0}" -ge 1 ] || fail "nothing says that chromium allocates by itself"
}

CHECK=check
same scenario 'no sandbox'
"${as_nobody[@]}" unshare --user true 2>/dev/null || skip 'no user namespaces: no sandbox'
SHARED=1
same scenario sandbox
