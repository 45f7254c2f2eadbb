#!/bin/bash
# node runs a script: objects, JSON, promises, a worker thread, a child process.
# pitfall: P13
. "$(dirname "$0")/../lib.sh"
need node
program node node --version

scenario() {
	cat >a.js <<-'END'
		const { Worker, isMainThread, parentPort } = require('worker_threads');
		if (isMainThread) {
			const m = new Map();
			for (let i = 0; i < 50000; i++) m.set('k' + i % 1000, { i, s: 'x'.repeat(i % 50) });
			console.log(m.size, JSON.stringify([...m.values()]).length);
			console.log(require('zlib').inflateSync(require('zlib').deflateSync(Buffer.alloc(100000))).length);
			const w = new Worker(__filename);
			w.on('message', v => {
				console.log('worker', v);
				console.log(require('child_process').execSync('echo from a shell').toString().trim());
				process.exitCode = 8;
			});
		} else {
			parentPort.postMessage(Array.from({ length: 1000 }, (_, i) => i).reduce((a, b) => a + b));
		}
	END
	node a.js
}
STATUS=8
same scenario
