/*
 * The cliques of lost blocks, see reach_cliques.h.
 */
#include "preload/reach_cliques.h"

#define PIECE_SHIFT 12 /* cliques in a piece */
#define PIECES_SHIFT 10

/* A clique is its leader's site, or with this bit the number of the clique that took it in. */
#define JOINED (1u << 31)

/* The clique of a number that was given. They are in pieces, and so are the pieces' addresses. */
static uint32_t *clique_at(const struct reach *reach, uint32_t number)
{
	uint32_t **pieces = reach->clique_pieces[number >> (PIECE_SHIFT + PIECES_SHIFT)];

	return &pieces[number >> PIECE_SHIFT & ((1u << PIECES_SHIFT) - 1)]
		      [number & ((1u << PIECE_SHIFT) - 1)];
}

/* A new one for a leader's site; 0 when there is no memory. */
static uint32_t new_clique(struct reach *reach, uint32_t site)
{
	uint32_t number = reach->cliques + 1;
	uint32_t ***pieces = &reach->clique_pieces[number >> (PIECE_SHIFT + PIECES_SHIFT)];
	uint32_t **piece;

	if (number >= JOINED)
		return 0;
	if (!*pieces)
		*pieces = reach_memory_take(
			&reach->map.memory, sizeof(**pieces) << PIECES_SHIFT, sizeof(**pieces));
	if (!*pieces)
		return 0;
	piece = &(*pieces)[number >> PIECE_SHIFT & ((1u << PIECES_SHIFT) - 1)];
	if (!*piece)
		*piece = reach_memory_take(&reach->map.memory, sizeof(**piece) << PIECE_SHIFT, 8);
	if (!*piece)
		return 0;
	(*piece)[number & ((1u << PIECE_SHIFT) - 1)] = site;
	return reach->cliques = number;
}

/* The note of a block; NULL when its page has none yet and cannot have. */
static uint32_t *note_of(struct reach *reach, const struct reach_hit *block)
{
	unsigned page = reach_page_number(block->start);
	struct reach_page_more *more = &block->unit->more[page];

	if (!more->leaders)
		more->leaders = reach_memory_take(
			&reach->map.memory, more->count * sizeof(*more->leaders), 8);
	return more->leaders ? &more->leaders[block->record - block->unit->pages[page].records]
			     : NULL;
}

void reach_cliques_join(struct reach *reach, const struct reach_hit *block, bool leader)
{
	uint32_t *note = note_of(reach, block);

	if (!reach->leader_clique) {
		uint32_t *leader_note = note_of(reach, &reach->leader);

		if (leader_note)
			*leader_note = reach->leader_clique =
				new_clique(reach, reach_record_site(*reach->leader.record));
	}
	if (!reach->leader_clique || !note)
		return;
	if (leader && *note)
		*clique_at(reach, *note) = JOINED | reach->leader_clique;
	else
		*note = reach->leader_clique;
}

void reach_cliques_settle(struct reach *reach)
{
	/* Later leaders have higher numbers, so what a clique joined is settled before it. */
	for (uint32_t number = reach->cliques; number; number--) {
		uint32_t *clique = clique_at(reach, number);

		if (*clique & JOINED)
			*clique = *clique_at(reach, *clique & ~JOINED);
	}
}

uint32_t reach_cliques_site(const struct reach *reach, const struct reach_hit *block)
{
	unsigned page = reach_page_number(block->start);
	const uint32_t *notes = block->unit->more[page].leaders;
	uint32_t number = notes ? notes[block->record - block->unit->pages[page].records] : 0;

	return number ? *clique_at(reach, number) : 0;
}
