#!/bin/bash
# npm packs packages and installs them from a registry on loopback, one with a script of its own: the same tree.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need node npm
program npm npm --version

rounds=$(by_length 1 30)
scenario() {
	local port round name
	export HOME=$PWD/home.volatile npm_config_cache=$PWD/cache.volatile npm_config_update_notifier=false \
		npm_config_fund=false npm_config_audit=false
	mkdir -p packages.volatile "$HOME"
	for name in lower upper; do
		mkdir $name.volatile
		echo "module.exports = text => text + ' by $name';" >$name.volatile/index.js
	done
	cat >lower.volatile/package.json <<-'END'
		{"name": "lower", "version": "1.2.3", "scripts": {"install": "node -p 1+1 >installed"}}
	END
	cat >upper.volatile/package.json <<-'END'
		{"name": "upper", "version": "2.0.0", "dependencies": {"lower": "^1.0.0"}, "bin": {"upper": "bin.js"}}
	END
	printf '#!/usr/bin/env node\nconsole.log(require("./index.js")("run"), require("lower")("used"));\n' >upper.volatile/bin.js
	for name in lower upper; do
		(cd $name.volatile && npm pack --silent --pack-destination ../packages.volatile) || return
	done
	cat >registry.js <<-'END'
		const http = require('http'), fs = require('fs'), crypto = require('crypto');
		const versions = { lower: '1.2.3', upper: '2.0.0' };
		const server = http.createServer((request, response) => {
			const name = request.url.slice(1);
			if (name.endsWith('.tgz')) return fs.createReadStream('packages.volatile/' + name).pipe(response);
			if (!(name in versions)) { response.statusCode = 404; return response.end('{}'); }
			const version = versions[name], file = name + '-' + version + '.tgz';
			const hash = crypto.createHash('sha512').update(fs.readFileSync('packages.volatile/' + file));
			response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: {
				...JSON.parse(fs.readFileSync(name + '.volatile/package.json')), hasInstallScript: name === 'lower',
				dist: { integrity: 'sha512-' + hash.digest('base64'),
					tarball: 'http://' + request.headers.host + '/' + file } } } }));
		});
		process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); console.log('closed'); });
		server.listen(0, '127.0.0.1', () => fs.writeFileSync('port.volatile', String(server.address().port)));
	END
	node registry.js &
	local server=$!
	wait_for 20 test -s port.volatile && port=$(cat port.volatile) || return 1
	export npm_config_registry=http://127.0.0.1:$port/
	for round in $(seq "$rounds"); do
		mkdir app && cd app || return
		echo '{"name": "app", "version": "1.0.0"}' >package.json
		npm install upper | sed 's/ in [0-9.]*m\{0,1\}s$//'
		npm ls --all && npx --no-install upper
		npm install nosuch 2>&1 | sed "s/$port/PORT/; /A complete log/d; /_logs/d" # its name is a date
		npm uninstall upper | sed 's/ in [0-9.]*m\{0,1\}s$//'
		npm ls --all && npm ci --offline >/dev/null && npm install --prefer-offline --silent lower@1.2.3; echo "status $?"
		# They have the port in them.
		sed -i "s/:$port/:PORT/" package-lock.json node_modules/.package-lock.json
		cd ..
		[ "$round" = "$rounds" ] || rm -r app
	done
	kill $server
	wait $server
	echo "ended with $?"
}
RECORDED=node
same scenario
