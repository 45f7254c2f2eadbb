#!/bin/bash
# Built again at another time in another directory, libleak.so has the same bytes, and so have objects of leak.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need make gcc
[ "$(basename "$build")" = build ] || skip "not the plain build"
mkdir -p elsewhere/deeper && cd elsewhere/deeper || fail "no directory"
copy_sources
objects=(analyzer/main.o analyzer/error.o analyzer/render_pprof.o analyzer/preload/glibc.o analyzer/build/generated/pprof.pb-c.o)
make -s -j2 build/libleak.so "${objects[@]/#/build/}" >make.log 2>&1 || { tail make.log; fail "it does not build"; }
for file in libleak.so "${objects[@]}"; do
	cmp "$build/$file" "build/$file" || fail "$file has other bytes when built elsewhere, unless the build here is an old one (make clean)"
done
readelf --debug-dump=info build/libleak.so 2>/dev/null | grep 'DW_AT_name.*preload/regions.c' >/dev/null ||
	fail "the debug information does not name the sources"
