/**
 * @file
 * A rule file that may be replaced while the program runs.
 */
#ifndef POSTERN_WATCH_H
#define POSTERN_WATCH_H

#include "postern/rules.h"

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A path, and the rules that were last read from it. */
struct postern_watch;

/**
 * Reads the file at `path` and remembers its identity: device, inode, size, and the
 * times of change in nanoseconds. The path is copied. Nothing runs in the background.
 *
 * A path that has no usable file now is no error of this call: acquire will say so, and
 * will find the file when it comes.
 *
 * @param flags  Of enum postern_open_flag. Without POSTERN_OPEN_COPY the file is
 *               mapped: only for files that are replaced by rename alone.
 * @retval POSTERN_OK       *out is the caller's, for postern_watch_close().
 * @retval POSTERN_E_ARG    Unknown flags.
 * @retval POSTERN_E_NOMEM  Out of memory.
 */
enum postern_status
postern_watch_open(const char *path, uint32_t flags, struct postern_watch **out);

/**
 * The rules of the file as it is now. Costs one stat(2) while it has not changed, and a
 * load when it has. A file that was changed so shortly before it was read that a
 * further change might bear the same times is compared with what was read of it, 20 ms
 * later at the earliest, and again until its times would tell: for two seconds where
 * they are kept in seconds. Where the content is the same, *out is what it was. What
 * could not be used, or is mapped, is read again instead.
 *
 * Rules that nobody holds are given up before others are read in their place.
 *
 * Threads   Any. Loads are made one after the other; the lock is held during a load.
 * Lifetime  *out is valid until it is given to postern_watch_release(), also when the
 *           file is replaced meanwhile.
 *
 * @retval POSTERN_OK       *out is filled in.
 * @retval POSTERN_E_BUSY   The file kept changing for a second while it was read.
 * @retval others           As postern_rules_open(): the file that is there now cannot
 * be used. Deny; the next call tries again when it has changed, and after a shortage
 * (of memory, of descriptors) 20 ms later, and again up to a second apart.
 */
enum postern_status
postern_watch_acquire(struct postern_watch *watch, const struct postern_rules **out);

/**
 * Whether the next postern_watch_acquire() would read the file, be it to compare it.
 * Costs one stat(2). For servers that hold what they acquired, and look before each
 * decision: false means that it is the file as it is now, and that acquire would end as
 * it did last.
 *
 * Threads   Any.
 */
bool
postern_watch_changed(struct postern_watch *watch);

/**
 * In how many milliseconds postern_watch_changed() will be true though the file may not
 * have changed: when it is to be compared once more. -1 when it is not. For servers
 * that want no client to be the one who finds out: call acquire then.
 *
 * Threads   Any.
 */
int64_t
postern_watch_due_ms(struct postern_watch *watch);

/** Gives back what acquire gave. */
void
postern_watch_release(struct postern_watch *watch, const struct postern_rules *rules);

/** Reads the file again now, changed or not. Statuses as of postern_watch_acquire(). */
enum postern_status
postern_watch_reload(struct postern_watch *watch);

/** Ends a watch that nobody holds rules of any more. NULL is fine. errno is kept. */
void
postern_watch_close(struct postern_watch *watch);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
