#!/bin/bash
# node serves requests under load from a cluster: files, JSON, compression, uploads, threads of its pool; a worker crashes.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need node curl
program node node --version

requests=$(by_length 300 20000)
scenario() {
	seq 1 20000 >numbers && head -c 300000 /dev/zero | tr '\0' x >upload
	cat >server.js <<-'END'
		const cluster = require('cluster'), http = require('http'), fs = require('fs'), zlib = require('zlib');
		const crypto = require('crypto'), { Worker } = require('worker_threads');
		if (cluster.isPrimary) {
			let stopping = false;
			cluster.on('exit', (worker, code, signal) => {
				console.log('worker ended with', code, signal);
				if (!stopping) cluster.fork();
			});
			cluster.on('message', (worker, message) => {
				if (message !== 'stop') return;
				stopping = true;
				cluster.disconnect();
			});
			cluster.once('listening', (worker, address) => fs.writeFileSync('port.volatile', String(address.port)));
			for (let i = 0; i < 2; i++) cluster.fork();
		} else {
			const thread = 'const { parentPort } = require("worker_threads"); let s = 0; '
				+ 'for (let i = 0; i < 1e5; i++) s += i % 7; parentPort.postMessage(s)';
			const server = http.createServer((request, response) => {
				switch (request.url.split('?')[0]) {
				case '/json': return response.end(JSON.stringify(Array.from({ length: 200 }, (_, i) => ({ i }))));
				case '/file': return fs.createReadStream('numbers').pipe(response);
				case '/gzip':
					response.setHeader('Content-Encoding', 'gzip');
					return fs.createReadStream('numbers').pipe(zlib.createGzip()).pipe(response);
				case '/upload': {
					const hash = crypto.createHash('sha256');
					request.on('data', data => hash.update(data)).on('end', () => response.end(hash.digest('hex') + '\n'));
					return;
				}
				case '/pool': return crypto.pbkdf2('p', 's', 2000, 32, 'sha256',
					(error, key) => response.end(key.toString('hex') + '\n'));
				case '/thread': return new Worker(thread, { eval: true }).on('message', sum => response.end(sum + '\n'));
				case '/crash': return process.kill(process.pid, 'SIGSEGV');
				case '/stop': return response.end('bye\n', () => process.send('stop'));
				}
				response.statusCode = 404;
				response.end('none\n');
			});
			server.listen(0, '127.0.0.1');
		}
	END
	node server.js >server.volatile &
	local server=$! url part load i
	wait_for 20 test -s port.volatile || return 1
	url=http://127.0.0.1:$(cat port.volatile)
	load() { # PATH NUMBER ARGUMENTS…: how many answers there are of each kind
		curl --no-progress-meter --parallel --parallel-max 8 -w '%{http_code} %{size_download}\n' -o /dev/null "${@:3}" "$url/$1?[1-$2]" |
			sort | uniq -c
	}
	for part in json file gzip none; do
		load $part "$requests" >$part.volatile &
		load=$!
		for i in 1 2 3; do curl -s --data-binary @upload "$url/upload"; done
		curl -s "$url/pool"
		wait $load
		cat $part.volatile
	done
	load pool $((requests / 10))
	load thread $((requests / 10))
	load upload $((requests / 10)) --data-binary @upload
	curl -s "$url/crash" || echo crashed
	curl -s --retry 9 --retry-all-errors "$url/gzip" | gzip -dc | sha256sum
	load json "$requests"
	curl -s "$url/stop"
	wait $server
	echo "ended with $?"
	cat server.volatile
}
RECORDED=node
same scenario
