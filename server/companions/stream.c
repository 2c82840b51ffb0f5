/* The loop of addcr and delcr. */
#include "server/companions/stream.h"

#include <errno.h>
#include <unistd.h>

#include "base/output.h"
#include "server/fatal.h"

enum { PIECE = 65536 };

int
srv_stream(srv_filter_fn filter)
{
    char in[PIECE], out[PIECE * 2 + 1]; /* no limit on data counts the stack */
    struct srv_filter state = { .held = false };

    for (;;) {
        ssize_t got = read(STDIN_FILENO, in, sizeof(in));
        size_t size;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return SRV_EXIT_TEMPORARY;
        size = got ? filter(&state, in, (size_t)got, out) : srv_filter_end(&state, out);
        if (!pn_write_all(STDOUT_FILENO, out, size))
            return SRV_EXIT_TEMPORARY;
        if (!got)
            return 0;
    }
}
