// C++ with jemalloc linked in, whose operator new never passes through malloc: 100 are seen as 100.
// pitfall: P49 F20
// flags: -Wl,--no-as-needed -l:libjemalloc.so.2
// needs: libjemalloc.so.2
// expect: state=clean
// expect: site file=lose_hundred.h function=lose line=9 bytes=4800 blocks=100 allocator=operator_new
// expect: nosite file=lose_hundred.h function=keep
#include "parts/lose_hundred.h"
