/* The page itself, see hot.h. */
#include "preload/hot.h"

union hot_page hot __attribute__((aligned(ARCH_PAGE_MAX)));
