/* Paths are exchanged where they are whole words, so that the rest stays as it was. */
#include "tools/adopt_script.h"

#include "base/ascii.h"

/* A byte that a path goes on with. */
static bool
is_path_byte(char c)
{
    return pn_is_letter(c) || pn_is_digit(c) || (c && strchr("_./-+", c));
}

/* Is the text at `at` this word, with an end behind it? */
static bool
is_at(struct pn_str text, size_t at, const char *word)
{
    size_t size = strlen(word);

    return text.len - at >= size && memcmp(text.ptr + at, word, size) == 0 &&
           (text.len - at == size || !is_path_byte(text.ptr[at + size]));
}

/* The size of a path that ends in "/NAME", or is it, at the beginning of a word. */
static size_t
program_size(struct pn_str text, size_t at, const char *name)
{
    size_t size = 0, last = 0;

    for (; at + size < text.len && is_path_byte(text.ptr[at + size]); size++)
        if (text.ptr[at + size] == '/')
            last = size + 1;
    return size - last == strlen(name) &&
                   memcmp(text.ptr + at + last, name, size - last) == 0
               ? size
               : 0;
}

/* The end of a remark that begins a line, or where it stands already. */
static size_t
remark_end(struct pn_str text, size_t at)
{
    size_t look = at;

    while (look < text.len && (text.ptr[look] == ' ' || text.ptr[look] == '\t'))
        look++;
    if (look == text.len || text.ptr[look] != '#')
        return at;
    while (look < text.len && text.ptr[look] != '\n')
        look++;
    return look;
}

bool
pn_script_edit(struct pn_str text, const struct pn_script_edit *edit,
               struct pn_buffer *out)
{
    size_t before = out->size, at = 0;
    bool found = false, inside = false; /* inside: of a word's bytes */

    while (at < text.len) {
        size_t size = at && text.ptr[at - 1] != '\n' ? at : remark_end(text, at);

        if (size > at) {
            pn_buffer_add(out, text.ptr + at, size - at);
            at = size;
            inside = false;
            continue;
        }
        size = inside ? 0 : program_size(text, at, edit->program);
        if (!inside && *edit->rules && is_at(text, at, edit->rules)) {
            pn_buffer_add_text(out, edit->new_rules);
            at += strlen(edit->rules);
            found = true;
        } else if (size) {
            pn_buffer_add_text(out, edit->new_server);
            at += size;
        } else {
            pn_buffer_add(out, text.ptr + at, 1);
            inside = is_path_byte(text.ptr[at]);
            at++;
        }
    }
    if (!found)
        out->size = before;
    return found;
}

bool
pn_script_moves(struct pn_str text)
{
    struct pn_str rest = text;

    while (rest.len) {
        struct pn_str line = pn_str_cut(&rest, '\n');

        for (size_t i = 0; i + 2 < line.len; i++) {
            bool front =
                !i || strchr(" \t;&|(", line.ptr[i - 1] ? line.ptr[i - 1] : 'x');

            if (line.ptr[i] == '#' && front)
                break;
            if (front && memcmp(line.ptr + i, "cd", 2) == 0 &&
                (line.ptr[i + 2] == ' ' || line.ptr[i + 2] == '\t'))
                return true;
        }
    }
    return false;
}

bool
pn_script_word_add(struct pn_buffer *out, struct pn_str word)
{
    bool plain = word.len != 0;

    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        if ((unsigned char)c < ' ' || c == 0x7f)
            return false;
        plain &= is_path_byte(c) || (c && strchr(":,=@%", c));
    }
    if (plain) {
        pn_buffer_add_str(out, word);
        return true;
    }
    pn_buffer_add_text(out, "'");
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] == '\'')
            pn_buffer_add_text(out, "'\\''");
        else
            pn_buffer_add(out, word.ptr + i, 1);
    pn_buffer_add_text(out, "'");
    return true;
}
