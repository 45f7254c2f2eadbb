// With tcmalloc in malloc's place, a lost tree is lost, and nothing else: what the allocator maps for itself keeps
// nothing, and what it made of itself is kept.
// expect: site file=other_tree.h function=grow class=definite bytes=24 blocks=1
// expect: nosite file=other_tree.h function=grow class=reachable
// expect: nosite file=other_tree.h function=grow class=possible
// expect: classes.definite.blocks=1
// preload: libtcmalloc_minimal.so.4
#include "parts/other_tree.h"
