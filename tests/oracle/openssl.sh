#!/bin/bash
# openssl: a digest.
. "$(dirname "$0")/valgrind.inc"
need openssl

seq 1 1000 >in
oracle openssl dgst -sha256 in
