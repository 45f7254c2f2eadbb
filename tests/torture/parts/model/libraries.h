/* A thread that loads and unloads libraries (model_plugin.c), whose blocks outlive them. */
#ifndef LEAK_TESTS_MODEL_LIBRARIES_H
#define LEAK_TESTS_MODEL_LIBRARIES_H

/* If the knobs say so. */
void libraries_start(void);

/* Ends it: not before there are no more workers. */
void libraries_end(void);

#endif
