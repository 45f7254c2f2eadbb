#!/bin/bash
# The words of the HTML page: both languages have the same, each is used, and each that is used is there.
. "$(dirname "$0")/../lib.sh"
need node

cat >words.js <<'END'
const fs = require("fs"), directory = process.argv[2];
const words = new Function("navigator", fs.readFileSync(`${directory}/words.js`, "utf8") + "return words")({});
const code = fs.readdirSync(directory).filter((name) => name.endsWith(".js") && name !== "words.js")
	.map((name) => fs.readFileSync(`${directory}/${name}`, "utf8")).join("\n");
const all = (pattern) => [...code.matchAll(pattern)].map((match) => match[1]);
const used = new Set([...all(/\bt\("(\w+)"/g), ...all(/\bfact\("(\w+)"/g), ...all(/\blabel: "(\w+)"/g),
	...all(/tableOf\(\[([^\]]*)\]/g).flatMap((list) => list.match(/\w+/g))]);
const made = /^(tab|group|status|state|symbols)_/; // t(`tab_${name}`)
const [en, zh] = [words.en, words.zh].map((table) => Object.keys(table));
const wrong = [
	...en.filter((key) => !(key in words.zh)).map((key) => `not in Chinese: ${key}`),
	...zh.filter((key) => !(key in words.en)).map((key) => `not in English: ${key}`),
	...[...used].filter((key) => !(key in words.en)).map((key) => `no words: ${key}`),
	...en.filter((key) => !made.test(key) && !new RegExp("[\"`]" + key + "[\"`]").test(code)).map((key) => `not used: ${key}`),
	...en.filter((key) => [1, 2, 3, 4, 5].some((n) => words.en[key].includes(`%${n}`) !== words.zh[key].includes(`%${n}`)))
		.map((key) => `other values: ${key}`),
];
console.log(`counted: ${en.length} words${wrong.length ? `\n${wrong.join("\n")}` : ""}`);
process.exit(wrong.length || en.length < 100 || used.size < 50 ? 1 : 0);
END
node words.js "$root/analyzer/page" || fail "the words are not as they should be"
