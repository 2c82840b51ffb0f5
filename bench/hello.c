/* An ordinary small program: dynamic, with libc. */
#include <unistd.h>

int
main(void)
{
    return write(STDOUT_FILENO, "a\n", 2) != 2;
}
