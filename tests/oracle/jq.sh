#!/bin/bash
# jq: parse and transform.
. "$(dirname "$0")/valgrind.inc"
need jq

oracle jq -n -c '[range(200) | {id: ., name: "n\(. % 17)"}] | group_by(.name) | map(length)'
