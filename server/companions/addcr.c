/* addcr: a carriage return before each newline. */
#include "server/companions/stream.h"

int
main(void)
{
    return srv_stream(srv_filter_addcr);
}
