/* delcr: no carriage return before a newline. */
#include "server/companions/stream.h"

int
main(void)
{
    return srv_stream(srv_filter_delcr);
}
