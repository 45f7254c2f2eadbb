// With mimalloc in malloc's place, a lost tree is lost: what the allocator maps for itself keeps nothing.
// expect: site file=other_tree.h function=grow class=definite bytes=24 blocks=1
// expect: nosite file=other_tree.h function=grow class=reachable
// expect: nosite file=other_tree.h function=grow class=possible
// preload: libmimalloc.so.2.0
#include "parts/other_tree.h"
