/*
 * Following what is marked, to the end; and the lost, one leader after the other.
 */
#ifndef LEAK_REACH_FOLLOW_H
#define LEAK_REACH_FOLLOW_H

#include "preload/reach_scan.h"

/* Looks up what words were taken and follows what they mark. */
void reach_follow(struct reach *reach);

/* Makes leaders of blocks that are not classed, in the order of addresses, and gathers their
 * cliques. */
void reach_follow_lost(struct reach *reach);

#endif
