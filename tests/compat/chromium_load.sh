#!/bin/bash
# chromium, headless, is driven through page after page by its debugging pipe: navigation, scripts, workers, pictures.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need chromium node
program chromium chromium --version

pages=$(by_length 6 300)
scenario() {
	mkdir home.volatile
	cat >drive.js <<-'END'
		const { spawn } = require('child_process'), crypto = require('crypto');
		const [pages, directory] = [Number(process.argv[2]), process.argv[3]];
		const chromium = spawn('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
			'--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
			'--remote-debugging-pipe', '--user-data-dir=' + directory + '/profile.volatile',
			'--window-size=300,200', 'about:blank'],
			{ stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
				env: { ...process.env, HOME: directory + '/home.volatile' } });
		const waiting = new Map(), loaded = [];
		let rest = '', last = 0;
		chromium.stdio[4].on('data', data => {
			const parts = (rest + data).split('\0');
			rest = parts.pop();
			for (const part of parts) {
				const message = JSON.parse(part);
				if (message.id) { waiting.get(message.id)(message); waiting.delete(message.id); }
				else if (message.method === 'Page.loadEventFired' && loaded.length) loaded.shift()();
			}
		});
		const call = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
			const id = ++last;
			waiting.set(id, m => m.error ? reject(new Error(method + ': ' + m.error.message)) : resolve(m.result));
			chromium.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
		});
		const page = n => `<!doctype html><title>page ${n}</title><body><script>
			for (let i = 0; i < 2000; i++) {
				const row = document.createElement('p');
				row.textContent = 'row ' + i * ${n};
				document.body.append(row);
			}
			const worker = new Worker(URL.createObjectURL(new Blob([
				'let s = 0; for (let i = 0; i < 1e6; i++) s += i % ${n + 2}; postMessage(s)'])));
			window.answer = new Promise(resolve => { worker.onmessage = e => resolve(e.data); });
			<` + '/script>';
		(async () => {
			const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
			const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
			await call('Page.enable', {}, sessionId);
			for (let n = 0; n < pages; n++) {
				const done = new Promise(resolve => loaded.push(resolve));
				await call('Page.navigate',
					{ url: 'data:text/html;base64,' + Buffer.from(page(n)).toString('base64') }, sessionId);
				await done;
				const { result } = await call('Runtime.evaluate', { returnByValue: true, awaitPromise: true,
					expression: 'answer.then(a => [document.title, a, document.body.innerText.length].join(" "))' },
				sessionId);
				const { data } = await call('Page.captureScreenshot', { format: 'png' }, sessionId);
				console.log(result.value, crypto.createHash('sha256').update(data).digest('hex'));
			}
			chromium.on('exit', (code, signal) => console.log('chromium ended with', code, signal));
			await call('Browser.close');
		})().catch(error => { console.log(String(error)); chromium.kill('SIGKILL'); process.exitCode = 1; });
	END
	node drive.js "$pages" "$PWD"
}
RECORDED=chromium
same scenario
