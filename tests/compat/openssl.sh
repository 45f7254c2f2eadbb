#!/bin/bash
# openssl: digests, encryption, prime test, a certificate request parsed.
. "$(dirname "$0")/../lib.sh"
need openssl
program openssl openssl version

scenario() {
	seq 1 10000 >text
	openssl dgst -sha256 text && openssl enc -aes-256-cbc -pbkdf2 -S 0011223344556677 -pass pass:x -in text -out cipher &&
		openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in cipher | tail -1
	openssl prime 1000003 && openssl rand 16 | wc -c
	openssl genrsa -out key.volatile 2048 2>/dev/null && openssl rsa -in key.volatile -check -noout
}
same scenario
