#!/bin/bash
# node ends while its threads compile, collect, encrypt and run a worker: nothing is lost.
# timeout: 400
. "$(dirname "$0")/definite.inc"
need node

cat >"$work/a.js" <<'END'
const { Worker, isMainThread, parentPort } = require('worker_threads');
if (isMainThread) {
	const m = new Map();
	for (let i = 0; i < 5000; i++) m.set('k' + i % 1000, { i, s: 'x'.repeat(i % 50) });
	for (let i = 0; i < 2; i++) require('crypto').pbkdf2('a', 'b', 2000, 64, 'sha512', () => {});
	setInterval(() => {}, 1000);
	new Worker(__filename).on('message', v => process.exit(v));
} else {
	const kept = Array.from({ length: 1000 }, (_, i) => Buffer.alloc(i));
	parentPort.postMessage(8);
	for (;;) kept[5] = Buffer.alloc(100);
}
END
scenario() {
	recorded node "$work/a.js"
}
STATUS=8
fifty scenario
expect_eq "processes" $runs "$(checked node)"
none_lost
