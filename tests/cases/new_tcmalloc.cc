// C++ with tcmalloc preloaded, whose operator new never passes through malloc: 100 are seen as 100.
// pitfall: P50
// preload: libtcmalloc_minimal.so.4
// expect: state=clean
// expect: site file=lose_hundred.h function=lose line=9 bytes=4800 blocks=100 allocator=operator_new
// expect: nosite file=lose_hundred.h function=keep
#include "parts/lose_hundred.h"
