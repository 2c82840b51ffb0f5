/**
 * @file
 * The version of these headers. postern_version() tells that of the library that runs,
 * which may be newer.
 */
#ifndef POSTERN_VERSION_H
#define POSTERN_VERSION_H

#define POSTERN_VERSION_MAJOR 0
#define POSTERN_VERSION_MINOR 1
#define POSTERN_VERSION_PATCH 0

/** As text: "0.1.0". */
#define POSTERN_VERSION "0.1.0"

/** To compare with: #if POSTERN_VERSION_NUMBER >= POSTERN_VERSION_OF(0, 2, 0) */
#define POSTERN_VERSION_OF(major, minor, patch) \
    ((major)*1000000 + (minor)*1000 + (patch))
#define POSTERN_VERSION_NUMBER                                       \
    POSTERN_VERSION_OF(POSTERN_VERSION_MAJOR, POSTERN_VERSION_MINOR, \
                       POSTERN_VERSION_PATCH)

#endif
