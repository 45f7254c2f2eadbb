#!/bin/bash
# curl on file://, a missing file, and a refused connection.
. "$(dirname "$0")/../lib.sh"
need curl
program curl curl --version

scenario() {
	seq 1 50000 >text
	curl -s "file://$PWD/text" | sha256sum
	curl -sS -o copy "file://$PWD/text" && cmp text copy && echo same
	curl -s "file://$PWD/nothing"
	echo $?
	curl -s http://127.0.0.1:1/
}
STATUS=7
same scenario
