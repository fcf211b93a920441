// Reads where nothing is, from a function that a function of main calls: `crash framed` with frame pointers in these
// functions, `crash plain` without, as C compilers leave them out.

#include <string.h>

static volatile int *volatile nowhere;

#define FRAMED __attribute__((noinline, noclone, optimize("no-omit-frame-pointer")))
#define PLAIN __attribute__((noinline, noclone, optimize("omit-frame-pointer")))

FRAMED int framed_inner(int value) { return *nowhere + value; }
FRAMED int framed_outer(int value) { return framed_inner(value + 1) + 1; }

PLAIN int plain_inner(int value) { return *nowhere + value; }
PLAIN int plain_outer(int value) { return plain_inner(value + 1) + 1; }

FRAMED int main(int count, char **words) {
    if (count > 1 && strcmp(words[1], "plain") == 0)
        return plain_outer(count) + 1;
    return framed_outer(count) + 1;
}
