/* A filter from standard input to standard output. */
#ifndef SRV_COMPANIONS_STREAM_H
#define SRV_COMPANIONS_STREAM_H

#include "server/companions/filter.h"

/* What main() of addcr and delcr does: 0, or 111 when reading or writing fails. */
int
srv_stream(srv_filter_fn filter);

#endif
