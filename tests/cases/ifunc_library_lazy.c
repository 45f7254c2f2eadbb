// A library's IFUNC resolver allocates while the loader relocates, in a program that binds lazily.
// pitfall: P8
// lib: early parts/early.c -Wl,-z,lazy
// flags: -L. -learly -Wl,-rpath,$PWD -Wl,-z,lazy
// expect: state=clean
#include "ifunc_library.c"
