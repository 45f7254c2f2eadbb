#!/bin/bash
# openssl counts digests and signatures for a second each, ended by a signal, a context made for each:
# many short stacks that recur, with hand-written assembly in between.
# timeout: 170
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need openssl

differs='out err'
scenario() {
	openssl speed -seconds 1 -bytes 1024 sha256 rsa1024
}
verify_same 'events>=20000' scenario
