/* Items, notes and names: what all finders share. */
#include "tools/adopt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/vector.h"

const char *const pn_adopt_kinds[PN_ADOPT_KINDS] = {
    [PN_ADOPT_TCPSERVER] = "tcpserver", [PN_ADOPT_RULES] = "tcprules",
    [PN_ADOPT_IPSVD] = "ipsvd",         [PN_ADOPT_S6] = "s6",
    [PN_ADOPT_INETD] = "inetd",         [PN_ADOPT_XINETD] = "xinetd",
    [PN_ADOPT_HOSTS] = "hosts.allow",   [PN_ADOPT_NGINX] = "nginx",
    [PN_ADOPT_SSHD] = "sshd",
};

const char *const pn_adopt_states[] = {
    [PN_ADOPT_GOES] = "goes",
    [PN_ADOPT_UNREAD] = "unread",
    [PN_ADOPT_STAYS] = "stays",
};

enum { TEXT_MOST = 4096, NAME_MOST = 60, ITEMS_MOST = 1024 };

const char *
pn_adopt_copy(struct pn_adopt *adopt, struct pn_str text)
{
    char *copy = pn_arena_zalloc(adopt->arena, text.len + 1);

    adopt->failed |= !copy;
    if (copy && text.len)
        memcpy(copy, text.ptr, text.len);
    return copy ? copy : "";
}

static const char *
text_make(struct pn_adopt *adopt, const char *format, va_list arguments)
{
    char text[TEXT_MOST]; /* a longer one is cut: no path is as long */

    (void)vsnprintf(text, sizeof(text), format, arguments);
    return pn_adopt_copy(adopt, pn_str_of_text(text));
}

const char *
pn_adopt_text(struct pn_adopt *adopt, const char *format, ...)
{
    const char *text;
    va_list arguments;

    va_start(arguments, format);
    text = text_make(adopt, format, arguments);
    va_end(arguments);
    return text;
}

/* A file that several services have is read for each, and told of once. */
static bool
is_told(struct pn_adopt *adopt, const struct pn_adopt_note *note)
{
    struct pn_buffer key = { 0 };
    size_t before = adopt->told.count;
    uint32_t number;

    pn_buffer_add_format(&key, "%s:%zu:%s", note->file, note->line, note->text);
    adopt->failed |=
        key.failed || !pn_intern_add(&adopt->told, key.bytes, key.size, &number);
    pn_buffer_free(&key);
    return adopt->told.count == before;
}

static void
note_add(struct pn_adopt *adopt, struct pn_adopt_note note)
{
    if (is_told(adopt, &note))
        return;
    note.file = pn_adopt_copy(adopt, pn_str_of_text(note.file));
    adopt->failed |= !pn_vector_add(&adopt->notes, &adopt->note_count,
                                    &adopt->note_capacity, &note, sizeof(note));
}

void
pn_adopt_note(struct pn_adopt *adopt, const char *file, size_t line, const char *format,
              ...)
{
    struct pn_adopt_note note = { .file = file, .line = line };
    va_list arguments;

    va_start(arguments, format);
    note.text = text_make(adopt, format, arguments);
    va_end(arguments);
    note_add(adopt, note);
}

void
pn_adopt_error(struct pn_adopt *adopt, const char *file, size_t line,
               const char *format, ...)
{
    struct pn_adopt_note note = { .file = file, .line = line, .is_error = true };
    va_list arguments;

    va_start(arguments, format);
    note.text = text_make(adopt, format, arguments);
    va_end(arguments);
    note_add(adopt, note);
}

struct pn_adopt_item *
pn_adopt_add(struct pn_adopt *adopt, struct pn_adopt_item item)
{
    const bool full = adopt->item_count >= ITEMS_MOST;

    if (full)
        pn_adopt_error(adopt, item.file, item.line, "more than %d services: left out",
                       ITEMS_MOST);
    if (full || !pn_vector_add(&adopt->items, &adopt->item_count, &adopt->item_capacity,
                               &item, sizeof(item))) {
        pn_buffer_free(&item.policy);
        pn_buffer_free(&item.run);
        adopt->failed |= !full;
        return NULL;
    }
    return &adopt->items[adopt->item_count - 1];
}

static bool
is_taken(const struct pn_adopt *adopt, const char *name)
{
    for (size_t i = 0; i < adopt->item_count; i++)
        if (adopt->items[i].name && strcmp(adopt->items[i].name, name) == 0)
            return true;
    return false;
}

const char *
pn_adopt_name(struct pn_adopt *adopt, const char *wanted)
{
    char base[NAME_MOST + 1] = "";
    const char *name;
    size_t size = 0;

    for (; *wanted && size < NAME_MOST; wanted++) {
        char c = *wanted;
        bool good = pn_is_letter(c) || pn_is_digit(c) || c == '_' ||
                    (size && (c == '.' || c == '-'));

        if (good || (size && base[size - 1] != '-'))
            base[size++] = (char)(good ? c : '-');
    }
    while (size && (base[size - 1] == '-' || base[size - 1] == '.'))
        size--;
    base[size] = '\0';
    name = pn_adopt_text(adopt, "%s", size ? base : "service");
    for (unsigned i = 2; is_taken(adopt, name); i++)
        name = pn_adopt_text(adopt, "%s-%u", size ? base : "service", i);
    return name;
}

void
pn_adopt_clear(struct pn_adopt *adopt)
{
    for (size_t i = 0; i < adopt->item_count; i++) {
        pn_buffer_free(&adopt->items[i].policy);
        pn_buffer_free(&adopt->items[i].run);
        pn_free(adopt->items[i].logs);
    }
    pn_free(adopt->items);
    pn_free(adopt->notes);
    pn_free(adopt->wrapped);
    pn_intern_clear(&adopt->told);
    pn_arena_free(adopt->arena);
}
