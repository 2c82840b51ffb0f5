/* A bar of fifty marks that is drawn over itself. */
#include "tools/progress.h"

#include <string.h>
#include <sys/stat.h>

enum { MARKS = 50, SMALL = 1 << 22 };

void
pn_progress_begin(struct pn_progress *progress, struct pn_output *output, int input_fd,
                  bool watched)
{
    struct stat st;

    *progress = (struct pn_progress){ 0 };
    if (!watched || fstat(input_fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_size < SMALL)
        return;
    progress->output = output;
    progress->total = (uint64_t)st.st_size;
}

void
pn_progress_add(struct pn_progress *progress, uint64_t size)
{
    char bar[MARKS + 1];
    unsigned percent;

    progress->done += size;
    if (!progress->output)
        return;
    percent = (unsigned)(progress->done * 100 / progress->total);
    if (percent == progress->percent || percent > 100)
        return;
    progress->percent = percent;
    memset(bar, ' ', MARKS);
    memset(bar, '#', percent * MARKS / 100);
    bar[MARKS] = '\0';
    pn_output_format(progress->output, "\r[%s] %u%%", bar, percent);
    (void)pn_output_flush(progress->output); /* a bar that is not seen is no failure */
}

void
pn_progress_end(struct pn_progress *progress)
{
    if (progress->output && progress->percent)
        pn_output_paint(progress->output, "\r\033[K");
}
