/* memfd_create(2): the one Linux call of this folder. */
#define _GNU_SOURCE
#include "compiler/memory_file.h"

#include <sys/mman.h>

int
pn_memory_file(void)
{
    return memfd_create("postern", MFD_CLOEXEC);
}
