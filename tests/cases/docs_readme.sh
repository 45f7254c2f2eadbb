#!/bin/bash
# The outputs in README.md are what the commands print now.
. "$(dirname "$0")/../lib.sh"

need gcc jq
"$tests/readme" --check || fail "README.md is stale: run tests/readme"
