/* Only what stands before the first colon of a line, joined lines included. */
#include "interop/hosts_names.h"

#include "interop/import_hosts_words.h"

struct pn_hosts_names
pn_hosts_names_begin(const struct pn_source *file)
{
    return (struct pn_hosts_names){ .rest = { file->text, file->size } };
}

/* The list of the next line; false at the end. */
static bool
list_take(struct pn_hosts_names *names)
{
    struct pn_str line;
    bool before = names->joined;

    if (!names->rest.len)
        return false;
    line = pn_str_cut(&names->rest, '\n');
    names->line++;
    names->joined = line.len && line.ptr[line.len - 1] == '\\';
    if (names->joined)
        line.len--;
    names->list = pn_str_to(line, 0);
    if (!before && line.len && *line.ptr == '#')
        return true;
    names->joined &= !pn_str_has(line, ':');
    names->list = pn_str_cut(&line, ':');
    return true;
}

bool
pn_hosts_names_next(struct pn_hosts_names *names, struct pn_str *out)
{
    struct pn_str word;

    for (;;) {
        while (!(word = pn_hosts_word(&names->list)).len)
            if (!list_take(names))
                return false;
        *out = pn_str_cut(&word, '@');
        if (out->len && !pn_import_is(*out, "EXCEPT"))
            return true;
    }
}
