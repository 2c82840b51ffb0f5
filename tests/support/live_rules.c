/* The folder and its file. */
#include "tests/support/live_rules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/harness.h"

static char folder[] = "/tmp/postern-live-XXXXXX";
static char other[64];

char pn_live_path[64];

int
pn_live_setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(pn_live_path, sizeof(pn_live_path), "%s/rules.cdb", folder);
    snprintf(other, sizeof(other), "%s/rules.new", folder);
    return 0;
}

int
pn_live_teardown(void **state)
{
    (void)state;
    unlink(pn_live_path);
    unlink(other);
    return rmdir(folder);
}

static void
compile_to(const char *path, const char *text)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    pn_test_compile(text, strlen(text), fd);
    close(fd);
}

void
pn_live_install(const char *text)
{
    compile_to(pn_live_path, text);
}

void
pn_live_replace(const char *text)
{
    compile_to(other, text);
    assert_int_equal(rename(other, pn_live_path), 0);
}
