/*
 * The compiler from .eh_frame to steps. Runs once per return address, on the slow path of an event,
 * in any thread and in signal handlers: no allocation, no lock, less than a KiB of stack.
 *
 * A step holds what a walk needs and nothing else: the CFA, where the caller's frame pointer is and
 * the return address. Other registers only matter as the base of a CFA. Compilers use the frame
 * pointer, so that is what a step can say; assembly uses what it likes. For its sake the same rules
 * can also be interpreted with all registers (cfi_step.c).
 */
#include "preload/cfi.h"
#include "preload/cfi_row.h"

uint64_t cfi_compile(uintptr_t pc, const struct loaded *object)
{
	struct cfi_row row;
	enum step_kind kind = cfi_row_find(pc, object, &row);

	return kind == STEP_NORMAL ? step_of_row(&row) : kind;
}
