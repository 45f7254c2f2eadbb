#!/bin/bash
# node: generated code has no description. Our walk ends there, marked, and so does libgcc's; libunwind
# goes on by guess. Everything else is whole.
# timeout: 170
# pitfall: P13
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need node

# A hundred certificates, read before any code is generated: most of the events.
unset NODE_OPTIONS
node -e 'console.log(require("tls").rootCertificates.join("\n"))' >"$work/extra.pem" || fail "node has no certificates"
export NODE_EXTRA_CA_CERTS=$work/extra.pem
scenario() {
	node -e '
		const a = []; for (let i = 0; i < 20000; i++) a.push({i, s: "x".repeat(i % 9)});
		const zlib = require("zlib"), { Worker } = require("worker_threads");
		console.log(a.length, zlib.gunzipSync(zlib.gzipSync(JSON.stringify(a))).length);
		console.log(require("crypto").createHash("sha256").update("x").digest("hex"));
		console.log([3, 1, 2].sort((a, b) => a - b).join(), "a1b2".replace(/\d/g, (d) => d * 2));
		new Worker("require(\"fs\").readdirSync(\"/\"); JSON.parse(JSON.stringify([1, 2]))", { eval: true })
			.on("exit", (code) => console.log("worker", code));'
}
verify_same 'events>=100000 partial>=100 libunwind: longer>=1' scenario
