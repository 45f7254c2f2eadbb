#!/bin/bash
# A thread makes 102,400 sites while others allocate: every site is there once, every count exact, and
# leak report reads them soon.
makers=1 each=1
. "$(dirname "$0")/../cases/parts/make_sites.inc"
