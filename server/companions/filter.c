/* The filters: from newline to newline, copying what lies between in one go. */
#include "server/companions/filter.h"

#include <string.h>

/* Copies up to and without the next newline; returns how many bytes that were. */
static size_t
copy_line(const char *in, size_t size, char *out)
{
    const char *newline = memchr(in, '\n', size);
    size_t len = newline ? (size_t)(newline - in) : size;

    memcpy(out, in, len);
    return len;
}

size_t
srv_filter_none(struct srv_filter *filter, const char *in, size_t size, char *out)
{
    (void)filter;
    memcpy(out, in, size);
    return size;
}

size_t
srv_filter_addcr(struct srv_filter *filter, const char *in, size_t size, char *out)
{
    char *to = out;
    size_t at = 0;

    (void)filter;
    while (at < size) {
        size_t len = copy_line(in + at, size - at, to);

        at += len;
        to += len;
        if (at < size) {
            *to++ = '\r';
            *to++ = in[at++];
        }
    }
    return (size_t)(to - out);
}

size_t
srv_filter_fixcr(struct srv_filter *filter, const char *in, size_t size, char *out)
{
    char *to = out;
    size_t at = 0;

    while (at < size) {
        size_t len = copy_line(in + at, size - at, to);

        at += len;
        to += len;
        if (len)
            filter->last = in[at - 1] == '\r';
        if (at < size) {
            if (!filter->last)
                *to++ = '\r';
            *to++ = in[at++];
            filter->last = false;
        }
    }
    return (size_t)(to - out);
}

size_t
srv_filter_delcr(struct srv_filter *filter, const char *in, size_t size, char *out)
{
    char *to = out;
    size_t at = 0;

    while (at < size) {
        size_t len;

        if (filter->held && in[at] != '\n')
            *to++ = '\r';
        filter->held = false;
        len = copy_line(in + at, size - at, to);
        at += len;
        to += len;
        if (len && to[-1] == '\r') {
            filter->held = true;
            to--;
        }
        if (at < size) {
            filter->held = false;
            *to++ = in[at++];
        }
    }
    return (size_t)(to - out);
}

size_t
srv_filter_end(struct srv_filter *filter, char *out)
{
    if (!filter->held)
        return 0;
    filter->held = false;
    *out = '\r';
    return 1;
}
