/* One compiled file: opened beneath a folder, read into memory, known again. */
#ifndef PN_SQL_IMAGE_H
#define PN_SQL_IMAGE_H

#include <sys/stat.h>

#include "bindings/sql/cache.h"

/* A file that is open for reading. */
struct pn_opened {
    int fd; /* -1: none */
    struct stat st;
    size_t size;
};

/* pn_opened_close() is due in any case. errno is set for PN_FAULT_IO. */
enum pn_fault
pn_opened_open(struct pn_opened *opened, const char *folder, const char *name);

/* errno is kept. */
void
pn_opened_close(struct pn_opened *opened);

/* What was read of one. */
struct pn_image {
    char *bytes;
    size_t size;
    struct postern_rules *rules; /* of `bytes` */
    struct stat st;              /* of the file */
    bool may_hide;               /* so new then that its times may hide a change */
};

/* Reads all of it, and checks every record. The image is empty before. */
enum pn_fault
pn_image_read(struct pn_image *image, const struct pn_opened *opened,
              const struct pn_engine *engine);

/* Is this the file that was read, unchanged? */
bool
pn_image_is(struct pn_image *image, const struct pn_opened *opened);

void
pn_image_clear(struct pn_image *image, const struct pn_engine *engine);

#endif
