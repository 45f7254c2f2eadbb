/* Telling roots apart, see root_place.h. */
#include "preload/root_place.h"

bool root_places_begin(struct root_places *places)
{
	const struct roots *roots = places->roots;

	places->areas = roots->view->allocate(
		roots->view->context, (roots->thread_count + 1) * sizeof(*places->areas));
	if (!places->areas)
		return false;
	for (size_t i = 0; i < roots->thread_count; i++)
		roots_find_area(roots, &roots->threads[i], &places->areas[i]);
	return true;
}

static void find_at_hand(const struct root_places *places, uint64_t number, struct root_place *ret)
{
	const struct roots *roots = places->roots;
	bool registers = !(roots->left_out & CHECK_WITHOUT_REGISTERS);

	if (number < places->words_ignored) {
		ret->kind = ROOT_IGNORED;
	} else if (number < places->words_before) {
		ret->kind = ROOT_HEAP;
	} else if (registers && number - places->words_before < roots->register_words) {
		ret->kind = ROOT_REGISTER;
		ret->word = number - places->words_before;
	} else {
		ret->kind = ROOT_DTV;
	}
}

/* libc's table has a thread's blocks of thread-local storage by the number of the module. */
static void find_module(const struct root_places *places, uint64_t at, struct root_place *ret)
{
	const struct reach_view *view = places->roots->view;
	struct range dtv;

	if (!glibc_find_dtv(view, places->roots->layout,
		    places->roots->threads[ret->thread].thread_pointer, &dtv))
		return;
	/* Its first two pairs are for libc. */
	for (size_t i = 0; i < places->tls_count && dtv.end - dtv.start >= 16 * (i + 3); i++) {
		uint64_t size = 8, start = 0;
		const void *word = view->read(view->context, dtv.start + 16 * (i + 2), &size);

		if (!word || size < 8)
			return;
		__builtin_memcpy(&start, word, 8);
		if (at - start < places->tls[i].bytes) {
			ret->module = places->tls[i].module;
			ret->offset = at - start;
			return;
		}
	}
}

/* Is the word in the thread-local storage of this thread, or its control block? */
static bool is_tls(const struct roots *roots, const struct roots_thread *thread, uint64_t at)
{
	uint64_t tcb = thread->thread_pointer;
	struct range tls;

	if (!tcb)
		return false;
	tls = glibc_storage(roots->view, roots->layout, tcb, roots->tls_bytes);
	return at < tls.end && at >= tls.start;
}

static bool find_thread(const struct root_places *places, uint64_t at, struct root_place *ret)
{
	const struct roots *roots = places->roots;

	for (size_t i = 0; i < roots->thread_count; i++) {
		const struct roots_thread *thread = &roots->threads[i];
		const struct roots_area *area = &places->areas[i];
		uint64_t in_use = thread->stack_pointer - roots->red_zone;
		/* On a stack of its own choice. */
		bool elsewhere = !area->end && ret->map && ret->map->start <= in_use &&
				 in_use < ret->map->end;

		ret->thread = i;
		if (is_tls(roots, thread, at)) {
			ret->kind = ROOT_TLS;
			find_module(places, at, ret);
			return true;
		}
		if (elsewhere ? at >= in_use : at >= area->start && at < area->end) {
			ret->kind = ROOT_STACK;
			ret->in_frames = at >= in_use;
			return true;
		}
	}
	ret->thread = ROOT_NO_THREAD;
	return false;
}

/* Memory whose owner is known by the kind of its mapping alone, or not at all. */
static void find_sort(const struct roots *roots, uint64_t at, struct root_place *ret)
{
	for (size_t i = 0; i < roots->program.count; i++) {
		if (at >= roots->program.rows[i].start && at < roots->program.rows[i].end) {
			ret->kind = ROOT_NAMED;
			return;
		}
	}
	if (!ret->map)
		return;
	if (ret->map->sort == SORT_STACK)
		ret->kind = ROOT_STACK;
	else if (ret->map->sort == SORT_MALLOC && at >= roots->program_end)
		ret->kind = ROOT_HEAP;
	else if (ret->map->sort == SORT_SHARED)
		ret->kind = ROOT_SHARED;
}

void root_places_find(
	const struct root_places *places, const struct reach_step *word, struct root_place *ret)
{
	*ret = (struct root_place){.kind = ROOT_OTHER, .thread = ROOT_NO_THREAD};
	if (word->at_hand) {
		find_at_hand(places, word->word, ret);
		return;
	}
	ret->map = roots_map_at(places->roots, word->word);
	if (!find_thread(places, word->word, ret))
		find_sort(places->roots, word->word, ret);
}
