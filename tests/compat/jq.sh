#!/bin/bash
# jq: parse, transform, group, error.
. "$(dirname "$0")/../lib.sh"
need jq
program jq jq --version

scenario() {
	jq -n '[range(2000) | {id: ., name: "n\(. % 17)", list: [range(. % 5)]}]' >in.json
	jq -c 'group_by(.name) | map({n: .[0].name, c: length, s: (map(.list | add // 0) | add)})' in.json
	jq -r '.[] | select(.id % 500 == 0) | @csv "\([.id, .name])"' in.json
	echo '{"broken": ' | jq . || echo refused
}
same scenario
