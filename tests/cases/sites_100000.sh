#!/bin/bash
# A thread makes 102,400 sites while others allocate: every site is there once, every count exact, and
# leak report reads them soon.
. "$(dirname "$0")/../lib.sh"
makers=1 each=1
. "$tests/cases/parts/make_sites.inc"
