/* What starter.c and fork_server.c share: requests from the agent, and becoming a program. */

#ifndef VERDICT_PROGRAM_H
#define VERDICT_PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

#define MAX_REQUEST (64 * 1024)

/* The answer to a request, as runner_image/starter.py unpacks it. */
struct answer {
    int32_t pid;
    int32_t error;    /* errno; 0 if the program runs */
    int64_t setup_ns; /* CPU time that starting it took */
};

/* Waits for a request: a packet of words, each with a NUL after it, and the program's three streams.
   Returns the packet's length; 0 when the agent is gone. */
ssize_t receive_request(int agent, char *words, int streams[3]);

void close_streams(const int streams[3]);

/* Tells the agent. Exits when it is gone. */
void send_answer(int agent, const struct answer *answer);

/* Gives up every right, for good, and takes the streams. To be called in the new process. Returns errno, or 0. */
int become_program(uid_t user, const int streams[3]);

/* CPU time of this process so far: nanoseconds. */
int64_t cpu_ns(void);

#endif
