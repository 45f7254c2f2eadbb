#!/bin/bash
# timeout: 300
# Eight threads make 102,400 sites, each site two of them at about the same time, while others allocate:
# tables grow, every site is there once, every count is exact.
makers=8 each=2
. "$(dirname "$0")/../cases/parts/make_sites.inc"
