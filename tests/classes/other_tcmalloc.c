// With tcmalloc in malloc's place, no block that is kept is said to be lost; its tables and its free memory may
// hide some that are.
// expect: site file=other_allocator.h function=keep class=reachable blocks=901
// expect: nosite file=other_allocator.h function=keep class=definite
// expect: nosite file=other_allocator.h function=keep class=indirect
// expect: site file=other_allocator.h function=lose class=definite blocks>=100
// preload: libtcmalloc_minimal.so.4
#include "parts/other_allocator.h"
