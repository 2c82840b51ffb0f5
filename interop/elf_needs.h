/* Which libraries a program names, read of its file: nothing is run or loaded. */
#ifndef PN_INTEROP_ELF_NEEDS_H
#define PN_INTEROP_ELF_NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a file at a place: all of `size`, or false. */
struct pn_elf_file {
    bool (*read)(void *payload, uint64_t at, void *out, size_t size);
    void *payload;
};

/*
 * Does an ELF file of either width and order need a library whose name begins so, as
 * "libwrap.so"? False for any other file and a damaged one too. At most a few hundred
 * small reads.
 */
bool
pn_elf_needs(const struct pn_elf_file *file, const char *front);

#endif
