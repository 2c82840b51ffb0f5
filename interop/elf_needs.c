/* DT_NEEDED of the dynamic section, found by the program headers alone. */
#include "interop/elf_needs.h"

#include <elf.h>
#include <string.h>

enum {
    HEADERS_MOST = 64,   /* program headers that are looked at */
    ENTRIES_MOST = 1024, /* of the dynamic section */
    NEEDED_MOST = 256,
    FRONT_MOST = 64
};

struct elf {
    const struct pn_elf_file *file;
    bool is_64, is_big;
};

/* A number of the file's order. */
static uint64_t
number(const struct elf *elf, const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[elf->is_big ? i : size - 1 - i];
    return value;
}

/* What is needed of a program header. */
struct segment {
    uint64_t type, offset, address, size;
};

/* Where the fields are, by width: offset and size of each. */
struct place {
    unsigned char at, size;
};

static const struct {
    struct place head_at, head_size, head_count;
    struct place type, offset, address, file_size;
} places[2] = {
    { { 28, 4 }, { 42, 2 }, { 44, 2 }, { 0, 4 }, { 4, 4 }, { 8, 4 }, { 16, 4 } },
    { { 32, 8 }, { 54, 2 }, { 56, 2 }, { 0, 4 }, { 8, 8 }, { 16, 8 }, { 32, 8 } },
};

static uint64_t
field(const struct elf *elf, const unsigned char *bytes, struct place place)
{
    return number(elf, bytes + place.at, place.size);
}

/* The program headers; how many were read. */
static size_t
segments_read(const struct elf *elf, const unsigned char *header, struct segment *out)
{
    uint64_t at = field(elf, header, places[elf->is_64].head_at);
    uint64_t size = field(elf, header, places[elf->is_64].head_size);
    uint64_t count = field(elf, header, places[elf->is_64].head_count);
    unsigned char bytes[sizeof(Elf64_Phdr)];
    size_t want = elf->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), read = 0;

    if (size < want)
        return 0;
    for (; read < count && read < HEADERS_MOST; read++) {
        if (!elf->file->read(elf->file->payload, at + read * size, bytes, want))
            return read;
        out[read] = (struct segment){
            field(elf, bytes, places[elf->is_64].type),
            field(elf, bytes, places[elf->is_64].offset),
            field(elf, bytes, places[elf->is_64].address),
            field(elf, bytes, places[elf->is_64].file_size),
        };
    }
    return read;
}

/* Where in the file an address is. */
static bool
address_find(const struct segment *segments, size_t count, uint64_t address,
             uint64_t *at)
{
    for (size_t i = 0; i < count; i++)
        if (segments[i].type == PT_LOAD && address >= segments[i].address &&
            address - segments[i].address < segments[i].size) {
            *at = segments[i].offset + (address - segments[i].address);
            return true;
        }
    return false;
}

/* The names of libraries, as offsets into the strings, and where those are. */
struct dynamic {
    uint64_t needed[NEEDED_MOST];
    size_t count;
    uint64_t strings;
    bool has_strings;
};

static void
dynamic_read(const struct elf *elf, const struct segment *section, struct dynamic *out)
{
    size_t half = elf->is_64 ? 8 : 4;
    unsigned char bytes[16];

    for (size_t i = 0; i < ENTRIES_MOST && (i + 1) * 2 * half <= section->size; i++) {
        uint64_t tag, value;

        if (!elf->file->read(elf->file->payload, section->offset + i * 2 * half, bytes,
                             2 * half))
            return;
        tag = number(elf, bytes, half);
        value = number(elf, bytes + half, half);
        if (tag == DT_NULL)
            return;
        if (tag == DT_NEEDED && out->count < NEEDED_MOST)
            out->needed[out->count++] = value;
        if (tag == DT_STRTAB) {
            out->strings = value;
            out->has_strings = true;
        }
    }
}

static bool
name_begins(const struct elf *elf, uint64_t at, const char *front)
{
    char name[FRONT_MOST];
    size_t size = strlen(front);

    return size <= sizeof(name) &&
           elf->file->read(elf->file->payload, at, name, size) &&
           memcmp(name, front, size) == 0;
}

bool
pn_elf_needs(const struct pn_elf_file *file, const char *front)
{
    unsigned char header[sizeof(Elf64_Ehdr)];
    struct segment segments[HEADERS_MOST];
    struct dynamic dynamic = { .count = 0 };
    struct elf elf = { .file = file };
    uint64_t strings;
    size_t count;

    if (!file->read(file->payload, 0, header, sizeof(Elf32_Ehdr)) ||
        memcmp(header, ELFMAG, SELFMAG) != 0)
        return false;
    elf.is_64 = header[EI_CLASS] == ELFCLASS64;
    elf.is_big = header[EI_DATA] == ELFDATA2MSB;
    if (elf.is_64 && !file->read(file->payload, 0, header, sizeof(header)))
        return false;
    count = segments_read(&elf, header, segments);
    for (size_t i = 0; i < count; i++)
        if (segments[i].type == PT_DYNAMIC) {
            dynamic_read(&elf, &segments[i], &dynamic);
            break;
        }
    if (!dynamic.has_strings ||
        !address_find(segments, count, dynamic.strings, &strings))
        return false;
    for (size_t i = 0; i < dynamic.count; i++)
        if (name_begins(&elf, strings + dynamic.needed[i], front))
            return true;
    return false;
}
