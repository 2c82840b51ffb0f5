/* delcr: no carriage return before a newline. */
#include "server/stream.h"

int
main(void)
{
    return srv_stream(srv_filter_delcr);
}
