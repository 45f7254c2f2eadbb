#!/bin/bash
# openssl in a row of digests, ciphers and signatures, a context made for each: many short stacks that
# recur, with hand-written assembly in between.
# timeout: 170
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need openssl

differs='out err'
scenario() {
	openssl speed -seconds 1 -bytes 1024 sha256 aes-128-cbc md5 rsa1024 ecdsap256
}
verify_same 'events>=300000' scenario
