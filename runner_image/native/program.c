#define _GNU_SOURCE

#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int write_oom_score(void);

ssize_t receive_request(int agent, char *words, int streams[3])
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = words, .iov_len = MAX_REQUEST};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length;

    do
        length = recvmsg(agent, &message, MSG_CMSG_CLOEXEC);
    while (length < 0 && errno == EINTR);
    if (length <= 0)
        return 0;

    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_len != CMSG_LEN(3 * sizeof(int)) || (message.msg_flags & MSG_TRUNC) ||
        words[length - 1] != '\0')
        exit(2); /* not our agent's way of asking */
    memcpy(streams, CMSG_DATA(header), 3 * sizeof(int));
    return length;
}

void close_streams(const int streams[3])
{
    for (int number = 0; number < 3; number++)
        close(streams[number]);
}

void send_answer(int agent, const struct answer *answer)
{
    if (send(agent, answer, sizeof *answer, MSG_NOSIGNAL) != sizeof *answer)
        exit(1);
}

int become_program(uid_t user, const int streams[3])
{
    for (int number = 0; number < 3; number++)
        if (dup2(streams[number], number) < 0)
            return errno;
    if (write_oom_score() < 0 ||                    /* it goes first when memory runs out, not the agent */
        setpriority(PRIO_PROCESS, 0, 19) < 0 ||     /* under a fork bomb the agent still gets its turn */
        setsid() < 0 || setresgid(user, user, user) < 0 || setresuid(user, user, user) < 0 ||
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0) /* its own /proc/self is its own, as in any program */
        return errno;
    return 0;
}

int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int write_oom_score(void)
{
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t written = write(file, "1000", 4);
    close(file);
    return written == 4 ? 0 : -1;
}
