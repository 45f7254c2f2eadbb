#!/bin/bash
# A baseline holds when gcc compiles the program in another way, and each of ten new leaks is seen.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/baseline.inc"

need gcc g++ jq
builds gcc g++
