/* Words are apart by white space; quotes and a backslash keep what is in them. */
#include "interop/nginx_words.h"

static void
step(struct pn_nginx_reader *r)
{
    r->line += *r->rest.ptr == '\n';
    r->rest = pn_str_from(r->rest, 1);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* White space and remarks. */
static void
space_pass(struct pn_nginx_reader *r)
{
    while (r->rest.len && (is_space(*r->rest.ptr) || *r->rest.ptr == '#')) {
        if (*r->rest.ptr == '#')
            while (r->rest.len && *r->rest.ptr != '\n')
                step(r);
        else
            step(r);
    }
}

/* A word in quotes; false when they do not end. */
static bool
quoted_read(struct pn_nginx_reader *r, struct pn_str *out)
{
    char quote = *r->rest.ptr;

    step(r);
    *out = (struct pn_str){ r->rest.ptr, 0 };
    while (r->rest.len && *r->rest.ptr != quote) {
        if (*r->rest.ptr == '\\' && r->rest.len > 1)
            step(r);
        step(r);
    }
    out->len = (size_t)(r->rest.ptr - out->ptr);
    if (!r->rest.len)
        return false;
    step(r);
    return true;
}

/* A brace begins a block, but not behind a dollar, where it is a variable's. */
static void
plain_read(struct pn_nginx_reader *r, struct pn_str *out)
{
    char before = '\0';

    *out = (struct pn_str){ r->rest.ptr, 0 };
    while (r->rest.len && !is_space(*r->rest.ptr) && *r->rest.ptr != ';' &&
           (*r->rest.ptr != '{' || before == '$')) {
        if (*r->rest.ptr == '\\' && r->rest.len > 1)
            step(r);
        before = *r->rest.ptr;
        step(r);
    }
    out->len = (size_t)(r->rest.ptr - out->ptr);
}

/* What ends a directive, at the reader's place; false for a word. */
static bool
end_read(struct pn_nginx_reader *r, struct pn_nginx_directive *out)
{
    bool is_empty = !out->count;

    switch (r->rest.len ? *r->rest.ptr : '\0') {
    case '\0':
        out->end = is_empty && !r->rest.len ? PN_NGINX_END : PN_NGINX_FAULT;
        return true;
    case ';':
        out->end = is_empty ? PN_NGINX_FAULT : PN_NGINX_SEMICOLON;
        break;
    case '{':
        out->end = is_empty ? PN_NGINX_FAULT : PN_NGINX_OPEN;
        break;
    case '}':
        out->end = is_empty ? PN_NGINX_CLOSE : PN_NGINX_FAULT;
        break;
    default:
        return false;
    }
    step(r);
    return true;
}

void
pn_nginx_next(struct pn_nginx_reader *r, struct pn_nginx_directive *out)
{
    struct pn_str word;

    *out = (struct pn_nginx_directive){ .count = 0 };
    space_pass(r);
    out->line = r->line;
    while (!end_read(r, out)) {
        if (*r->rest.ptr != '"' && *r->rest.ptr != '\'') {
            plain_read(r, &word);
        } else if (!quoted_read(r, &word)) {
            out->end = PN_NGINX_FAULT;
            return;
        }
        if (out->count < PN_NGINX_WORDS)
            out->words[out->count] = word;
        out->count++;
        space_pass(r);
    }
}
