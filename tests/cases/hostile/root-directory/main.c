#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tell(const char *call, long result)
{
    printf("%s %s\n", call, result >= 0 ? "done" : strerrorname_np(errno));
}

int main(void)
{
    static char handle[128] = {8, 0, 0, 0, 1};
    int id;
    tell("chroot", chroot("/tmp"));
    tell("open_by_handle_at", syscall(SYS_open_by_handle_at, AT_FDCWD, handle, O_RDONLY));
    tell("name_to_handle_at", syscall(SYS_name_to_handle_at, AT_FDCWD, "/etc/passwd", handle, &id, 0));
    return 0;
}
