/* Loads, and live connections by address and network, against variables. */
#include "server/limits_patch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/sizes.h"
#include "server/clock.h"
#include "server/messages.h"

enum { LOAD_EVERY_MS = 1000 };

static const struct {
    const char *name, *message;
    /* of those that count connections */
    struct postern_per per;
    enum srv_place_kind kind;
} variables[SRV_PATCH_LIMITS] = {
    [SRV_PATCH_LOAD] = { .name = "MAXLOAD", .message = "DIEMSG_MAXLOAD" },
    [SRV_PATCH_ADDRESS] = { .name = "MAXCONNIP",
                            .message = "DIEMSG_MAXCONNIP",
                            .per = { 32, 64 },
                            .kind = SRV_PLACE_ADDRESS },
    [SRV_PATCH_NETWORK] = { .name = "MAXCONNC",
                            .message = "DIEMSG_MAXCONNC",
                            .per = { 24, 48 },
                            .kind = SRV_PLACE_NETWORK },
};

static const char message_name[] = "DIEMSG";

uint32_t
srv_patch_number(struct pn_str text)
{
    uint64_t number = 0;

    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
        if (number > UINT32_MAX)
            return UINT32_MAX;
    }
    return (uint32_t)number;
}

static void
value_set(struct srv_patch_values *values, struct pn_str name, struct pn_str text)
{
    if (pn_str_is(name, message_name))
        values->message = text;
    for (size_t i = 0; i < SRV_PATCH_LIMITS; i++) {
        if (pn_str_is(name, variables[i].message))
            values->limits[i].message = text;
        if (!pn_str_is(name, variables[i].name))
            continue;
        values->limits[i].set = true;
        values->limits[i].most = srv_patch_number(text);
    }
}

static void
preset_read(struct srv_patch_values *values, const char *name)
{
    const char *text = getenv(name);

    if (text)
        value_set(values, pn_str_of_text(name), pn_str_of_text(text));
}

void
srv_limits_patch_begin(struct srv_limits_patch *patch, struct srv_log *log)
{
    *patch = (struct srv_limits_patch){ .load.path = "/proc/loadavg", .log = log };
    preset_read(&patch->preset, message_name);
    for (size_t i = 0; i < SRV_PATCH_LIMITS; i++) {
        preset_read(&patch->preset, variables[i].name);
        preset_read(&patch->preset, variables[i].message);
    }
}

/* "0.42 0.36 0.30 1/123 4567": the first of these, times 100. */
static bool
load_parse(const char *text, uint32_t *hundredths)
{
    size_t whole = strspn(text, "0123456789"), part;
    uint32_t load;

    part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    if (!whole || whole > 6 || !part)
        return false;
    load = srv_patch_number((struct pn_str){ text, whole }) * 100 +
           (uint32_t)(text[whole + 1] - '0') * 10;
    if (part > 1)
        load += (uint32_t)(text[whole + 2] - '0');
    *hundredths = load;
    return true;
}

/* False: errno. */
static bool
load_read(const char *path, uint32_t *hundredths)
{
    char text[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    int error;

    if (fd < 0)
        return false;
    got = read(fd, text, sizeof(text) - 1);
    error = errno;
    close(fd);
    errno = got < 0 ? error : EPROTO;
    text[got < 0 ? 0 : got] = '\0';
    return got >= 0 && load_parse(text, hundredths);
}

bool
srv_load_read(struct srv_load *load, int64_t now_ms, uint32_t *hundredths)
{
    if (!load->until_ms || now_ms >= load->until_ms) {
        load->until_ms = now_ms + LOAD_EVERY_MS;
        load->known = load_read(load->path, &load->hundredths);
        if (!load->known)
            return false;
    }
    errno = EAGAIN; /* it could not be read less than a second ago */
    *hundredths = load->hundredths;
    return load->known;
}

/* Said once: a machine without /proc has no load for as long as it runs. */
static void
load_unknown(struct srv_limits_patch *patch, int error)
{
    if (patch->log && !patch->said)
        srv_message_warning(patch->log,
                            "unable to read the load, MAXLOAD refuses nobody",
                            pn_errno_text(error));
    patch->said = true;
}

static bool
is_overloaded(struct srv_limits_patch *patch, uint32_t most)
{
    uint32_t load;

    if (!most)
        return false;
    if (!srv_load_read(&patch->load, srv_now_ms(), &load)) {
        load_unknown(patch, errno);
        return false;
    }
    patch->refusal.number = load;
    return load > most;
}

static struct srv_counter_key
source_of(const struct srv_client *client, enum srv_patch_limit limit)
{
    return srv_counter_key_of(SRV_SCOPE_PATCH, &client->remote.addr,
                              &variables[limit].per);
}

static bool
is_full(const struct srv_limits *live, const struct srv_client *client,
        enum srv_patch_limit limit, uint32_t most, struct srv_exceeded *exceeded)
{
    struct srv_counter_key source = source_of(client, limit);
    uint32_t count = srv_limits_live(live, &source);

    if (srv_limits_is(client->held.first[variables[limit].kind], &source))
        count--;
    if (count < most)
        return false;
    *exceeded = (struct srv_exceeded){ .source = source, .n = most };
    return true;
}

static struct pn_str
message_of(const struct srv_patch_values *values, enum srv_patch_limit limit)
{
    struct pn_str own = values->limits[limit].message;

    return own.len ? own : values->message;
}

enum srv_admission
srv_limits_patch_check(struct srv_limits_patch *patch, const struct srv_limits *live,
                       const struct srv_client *client, struct postern_env_iter env,
                       struct srv_exceeded *exceeded)
{
    struct srv_patch_values values = patch->preset;
    struct postern_env a;

    while (postern_env_next(&env, &a))
        if (a.value.ptr)
            value_set(&values, (struct pn_str){ a.name.ptr, a.name.len },
                      (struct pn_str){ a.value.ptr, a.value.len });
    for (size_t i = 0; i < SRV_PATCH_LIMITS; i++) {
        enum srv_patch_limit limit = (enum srv_patch_limit)i;
        uint32_t most = values.limits[i].most;

        if (!values.limits[i].set)
            continue;
        patch->refusal.limit = limit;
        patch->refusal.number = most;
        patch->refusal.message = message_of(&values, limit);
        if (limit == SRV_PATCH_LOAD && is_overloaded(patch, most))
            return SRV_ADMIT_LOAD;
        if (limit != SRV_PATCH_LOAD && is_full(live, client, limit, most, exceeded))
            return SRV_ADMIT_PATCH;
    }
    return SRV_ADMIT_ALLOW;
}

void
srv_limits_patch_hold(struct srv_limits *live, struct srv_client *client)
{
    static const enum srv_patch_limit counted[] = { SRV_PATCH_ADDRESS,
                                                    SRV_PATCH_NETWORK };

    for (size_t i = 0; i < PN_COUNT_OF(counted); i++) {
        struct srv_limit_entry **held = &client->held.first[variables[counted[i]].kind];
        struct srv_counter_key source = source_of(client, counted[i]);

        if (!*held)
            *held = srv_limits_hold(live, &source);
    }
}

void
srv_limits_patch_say(const struct srv_limits_patch *patch, struct srv_line *line)
{
    srv_line_text(line, variables[patch->refusal.limit].name);
    srv_line_text(line, ":");
    srv_line_number(line, patch->refusal.number);
}

bool
srv_limits_patch_message(const struct srv_limits_patch *patch, struct pn_buffer *out)
{
    if (!patch->refusal.message.len)
        return false;
    pn_buffer_add_str(out, patch->refusal.message);
    pn_buffer_add_text(out, "\r\n");
    return !out->failed;
}
