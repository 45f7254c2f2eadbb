/* The workers: threads that do random operations, end, and are followed by others. */
#ifndef LEAK_TESTS_MODEL_THREADS_H
#define LEAK_TESTS_MODEL_THREADS_H

/* Gives each worker its random numbers and its blocks. */
void threads_prepare(void);

/* Starts them, and returns when there were as many as the knobs say and all have ended. */
void threads_run(void);

/* Puts the address of a thread's function into the log. */
void threads_tell(void);

#endif
