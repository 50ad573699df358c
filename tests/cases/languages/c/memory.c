#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void hold(size_t kb, size_t piece_kb) {
    for (size_t held = 0; held < kb; held += piece_kb) {
        char *piece = malloc(piece_kb << 10);
        memset(piece, 1, piece_kb << 10);
    }
}

int main(void) {
    char shape[16];
    size_t kb;
    if (scanf("%15s %zu", shape, &kb) != 2) return 1;
    if (!strcmp(shape, "one")) hold(kb, kb);
    if (!strcmp(shape, "many")) hold(kb, 1);
    if (!strcmp(shape, "children")) {
        for (int i = 0; i < 4; i++) {
            if (fork() == 0) {
                hold(kb / 4, 64);
                usleep(400000);
                _exit(0);
            }
        }
        for (int i = 0; i < 4; i++) wait(NULL);
    }
    puts("held");
}
