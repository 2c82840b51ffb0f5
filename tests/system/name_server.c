/*
 * A name server for tests, which takes its socket from descriptor 0: answers every
 * question with the address 192.0.2.1, and whatever is no question with itself. An
 * argument is the number of datagrams after which it ends.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { HEADER = 12, ROOM = 65536 };

static const unsigned char answer[] = { 0xc0, HEADER, 0, 1, 0,   1, 0, 0,
                                        0,    60,     0, 4, 192, 0, 2, 1 };

/* The size of the answer, which takes the place of the question. */
static size_t
reply(unsigned char *bytes, size_t size)
{
    if (size < HEADER + 5 || bytes[2] & 0x80)
        return size;
    bytes[2] |= 0x80;
    bytes[6] = 0;
    bytes[7] = 1;
    memcpy(bytes + size, answer, sizeof(answer));
    return size + sizeof(answer);
}

int
main(int argc, char **argv)
{
    static unsigned char bytes[ROOM + sizeof(answer)];
    long left = argc > 1 ? strtol(argv[1], NULL, 10) : -1;

    while (left--) {
        struct sockaddr_storage from;
        socklen_t size = sizeof(from);
        ssize_t got = recvfrom(0, bytes, ROOM, 0, (struct sockaddr *)&from, &size);

        if (got < 0)
            return 1;
        (void)sendto(1, bytes, reply(bytes, (size_t)got), 0,
                     size ? (struct sockaddr *)&from : NULL, size);
    }
    return 0;
}
