/* Starts programs for the agent: starter USER <3 the agent's socket>

   A process starts with the peak memory of the one that it was forked from, and pays for copying its page tables: so
   programs are started from this small one, not from the agent. They are the agent's children nevertheless
   (CLONE_PARENT), which waits for them itself. They run in this process's directory, with its environment. */

#define _GNU_SOURCE

#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGENT 3
#define MAX_WORDS 4096

/* Shared with the new process until it executes its program. */
struct start {
    uid_t user;
    char **words;
    const int *streams;
    int error;
    int64_t setup_ns;
};

static int run(void *given)
{
    struct start *start = given;
    start->error = become_program(start->user, start->streams);
    if (start->error == 0) {
        start->setup_ns = cpu_ns();
        execvp(start->words[0], start->words);
        dprintf(STDERR_FILENO, "%s: %s\n", start->words[0], strerror(errno)); /* what a compiler made may be no program */
    }
    _exit(127);
}

/* Points to each of the words in the packet, and ends the list; 0 or E2BIG. */
static int split(char *packet, ssize_t length, char **words)
{
    int count = 0;
    for (char *word = packet; word < packet + length; word += strlen(word) + 1) {
        if (count == MAX_WORDS)
            return E2BIG;
        words[count++] = word;
    }
    words[count] = NULL;
    return 0;
}

/* The new process, or -1 and an error in `start`. */
static int start_program(struct start *start, char *stack_end)
{
    /* This process stands still until the other executes its program or ends: they share their memory so long. */
    int pid = clone(run, stack_end, CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD, start);
    if (pid < 0)
        start->error = errno;
    return pid;
}

int main(int argc, char **argv)
{
    static char packet[MAX_REQUEST], stack[64 * 1024] __attribute__((aligned(16)));
    static char *words[MAX_WORDS + 1];
    int streams[3];
    ssize_t length;

    if (argc != 2)
        return 2;
    struct start start = {.user = (uid_t)atoi(argv[1]), .words = words, .streams = streams};
    fcntl(AGENT, F_SETFD, FD_CLOEXEC);
    send_answer(AGENT, &(struct answer){0}); /* ready */
    while ((length = receive_request(AGENT, packet, streams)) > 0) {
        int64_t began = cpu_ns();
        start.setup_ns = 0;
        start.error = split(packet, length, words);
        int pid = start.error ? -1 : start_program(&start, stack + sizeof stack);
        struct answer answer = {.pid = pid, .error = start.error};
        close_streams(streams);
        answer.setup_ns = start.setup_ns + cpu_ns() - began;
        send_answer(AGENT, &answer);
    }
    return 0;
}
