// With an auditing library, which the loader asks about every object and which has a namespace and a libc of its
// own, a resolver that allocates and all else goes on as without us.
// pitfall: P58
// lib: audit parts/audit.c
// lib: early parts/early.c
// env: LD_AUDIT=./libaudit.so
// flags: -L. -learly -Wl,-rpath,$PWD
// expect: state=clean not_recorded.namespaces=1
#include "ifunc_library.c"
