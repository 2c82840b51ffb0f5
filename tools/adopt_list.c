/* CUTOVER.md: for each thing what is done, and what undoes it. */
#include <inttypes.h>
#include <string.h>

#include "tools/adopt.h"
#include "tools/adopt_script.h"

/* A text of the tree in a line of ours. */
static void
shown_add(struct pn_buffer *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        pn_buffer_add(out, c < ' ' || c == 0x7f || c == '`' ? "?" : text, 1);
    }
}

/* A word of a command. */
static void
word_add(struct pn_buffer *out, struct pn_str word)
{
    size_t before = out->size;

    if (pn_script_word_add(out, word))
        return;
    out->size = before; /* a byte of it can stand in no line */
    pn_buffer_add_text(out, "'?'");
}

/*
 * A line of a script. In its pattern %n is the name of the item, %f its file, %d the
 * folder of that, %l its line, %w what it is, and %s the name of its script.
 */
static void
command_add(const struct pn_adopt_item *item, const char *pattern,
            struct pn_buffer *out)
{
    const struct pn_str file = pn_str_of_text(item->file);
    const char *slash = strrchr(item->file, '/');

    pn_buffer_add_text(out, "    ");
    for (; *pattern; pattern++) {
        if (*pattern != '%') {
            pn_buffer_add(out, pattern, 1);
            continue;
        }
        switch (*++pattern) {
        case 'n':
            pn_buffer_add_text(out, item->name);
            break;
        case 'f':
            word_add(out, file);
            break;
        case 'd':
            word_add(out, pn_str_to(file, slash ? (size_t)(slash - item->file) : 0));
            break;
        case 'l':
            pn_buffer_add_format(out, "%zu", item->line);
            break;
        case 'w':
            word_add(out, pn_str_of_text(item->what));
            break;
        default:
            pn_buffer_add_text(out, item->script_name);
        }
    }
    pn_buffer_add_text(out, "\n");
}

static void
place_add(struct pn_buffer *out, const char *file, size_t line)
{
    pn_buffer_add_text(out, "`");
    shown_add(out, file);
    if (line)
        pn_buffer_add_format(out, ":%zu", line);
    pn_buffer_add_text(out, "`");
}

/* Which steps there are: of a run script that is exchanged, a unit, and so on. */
enum way { WAY_RUN, WAY_UNIT, WAY_INETD, WAY_XINETD, WAY_NONE, WAYS };

enum { STEPS_MOST = 6 };

static const char compile_step[] =
    "postern compile policies/%n.rules -o services/%n/rules.cdb";
static const char unit_compile_step[] =
    "mkdir -p /etc/postern && "
    "postern compile policies/%n.rules -o /etc/postern/%n.cdb";

/* Behind the step that compiles the rules, where there are some. */
static const struct {
    const char *over[STEPS_MOST], *back[STEPS_MOST];
} ways[WAYS] = {
    [WAY_RUN] = {
        { "cp -p %f %d/run.before", "cp services/%n/rules.cdb %d/rules.cdb",
          "cp services/%n/run %d/run.new && mv %d/run.new %f",
          "svc -t %d   # or: sv restart %d" },
        { "mv %d/run.before %f", "svc -t %d   # or: sv restart %d" },
    },
    [WAY_UNIT] = {
        { "cp -p %f units/%s.before", "cp units/%s %f",
          "systemctl daemon-reload && systemctl restart %w" },
        { "cp -p units/%s.before %f",
          "systemctl daemon-reload && systemctl restart %w" },
    },
    [WAY_INETD] = {
        { "mkdir -p /etc/postern && cp -R services/%n /etc/postern/%n",
          "# in %f put # in front of line %l",
          "kill -HUP $(pidof inetd)   # or of what reads that file",
          "cp units/%n.service /etc/systemd/system/postern-%n.service",
          "systemctl daemon-reload && systemctl enable --now postern-%n" },
        { "systemctl disable --now postern-%n", "# in %f take the # away",
          "kill -HUP $(pidof inetd)" },
    },
    [WAY_XINETD] = {
        { "mkdir -p /etc/postern && cp -R services/%n /etc/postern/%n",
          "# in %f, in the block of line %l, write: disable = yes",
          "kill -HUP $(pidof xinetd)",
          "cp units/%n.service /etc/systemd/system/postern-%n.service",
          "systemctl daemon-reload && systemctl enable --now postern-%n" },
        { "systemctl disable --now postern-%n",
          "# in %f put back what disable was", "kill -HUP $(pidof xinetd)" },
    },
};

static enum way
way_of(const struct pn_adopt_item *item)
{
    if (!item->script_name)
        return WAY_NONE;
    if (item->kind == PN_ADOPT_INETD)
        return WAY_INETD;
    if (item->kind == PN_ADOPT_XINETD)
        return WAY_XINETD;
    return strcmp(item->script_name, "run") == 0 ? WAY_RUN : WAY_UNIT;
}

static void
head_add(const struct pn_adopt_item *item, struct pn_buffer *out)
{
    pn_buffer_add_format(out, "\n## %s: %s", item->name, pn_adopt_kinds[item->kind]);
    if (item->what) {
        pn_buffer_add_text(out, ", ");
        shown_add(out, item->what);
    }
    pn_buffer_add_text(out, "\n\nFrom ");
    place_add(out, item->file, item->line);
    if (item->rules) {
        pn_buffer_add_text(out, ", which asks ");
        place_add(out, item->rules, 0);
    }
    if (item->reader && item->daemon) {
        pn_buffer_add_text(out, "; hosts.allow is asked of ");
        shown_add(out, item->daemon);
        pn_buffer_add_text(out, " by ");
        place_add(out, item->reader, 0);
    }
    pn_buffer_add_text(out, ".\n");
    if (item->is_down)
        pn_buffer_add_text(
            out, "\nIt is not started by itself, and is not to be here either.\n");
}

static void
logs_add(const struct pn_adopt_item *item, struct pn_buffer *out)
{
    pn_buffer_add_text(out, item->log_count ? "\n" : "");
    for (size_t i = 0; i < item->log_count; i++) {
        const struct pn_adopt_log *log = &item->logs[i];

        pn_buffer_add_text(out, "- ");
        place_add(out, log->path, 0);
        pn_buffer_add_format(out, ": %" PRIu64 " connections, ", log->connections);
        if (log->changed)
            pn_buffer_add_format(
                out, "%" PRIu64 " answered otherwise, the first %s of line %" PRIu64,
                log->changed, log->client, log->line);
        else
            pn_buffer_add_text(out, "all answered as before");
        pn_buffer_add_text(out, ".\n");
    }
}

static void
steps_add(const struct pn_adopt_item *item, const char *const *steps,
          struct pn_buffer *out)
{
    for (size_t i = 0; i < STEPS_MOST && steps[i]; i++)
        command_add(item, steps[i], out);
}

static void
item_add(const struct pn_adopt_item *item, struct pn_buffer *out)
{
    enum way way = way_of(item);

    head_add(item, out);
    logs_add(item, out);
    if (way == WAY_NONE) {
        pn_buffer_add_format(out,
                             "\nIts program goes on, and nothing is to be exchanged or "
                             "put back. Who may connect is in `policies/%s.rules`, for "
                             "check, diff, lint and export.\n",
                             item->name);
        return;
    }
    pn_buffer_add_text(out, "\nOver:\n\n");
    if (item->policy.size)
        command_add(item, way == WAY_UNIT ? unit_compile_step : compile_step, out);
    steps_add(item, ways[way].over, out);
    pn_buffer_add_text(out, "\nBack:\n\n");
    steps_add(item, ways[way].back, out);
}

/* What has no section of its own. */
static void
rest_add(const struct pn_adopt *adopt, enum pn_adopt_state state, const char *head,
         struct pn_buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < adopt->item_count; i++) {
        const struct pn_adopt_item *item = &adopt->items[i];

        if (item->state != state)
            continue;
        pn_buffer_add_text(out, any ? "" : head);
        any = true;
        pn_buffer_add_text(out, "- ");
        place_add(out, item->file, item->line);
        pn_buffer_add_format(out, " (%s)", pn_adopt_kinds[item->kind]);
        if (item->what) {
            pn_buffer_add_text(out, ": ");
            shown_add(out, item->what);
        }
        pn_buffer_add_text(out, "\n");
    }
}

static void
notes_add(const struct pn_adopt *adopt, struct pn_buffer *out)
{
    if (adopt->note_count)
        pn_buffer_add_text(out, "\n## What was noted\n\n");
    for (size_t i = 0; i < adopt->note_count; i++) {
        const struct pn_adopt_note *note = &adopt->notes[i];

        pn_buffer_add_text(out, "- ");
        place_add(out, note->file, note->line);
        pn_buffer_add_text(out, note->is_error ? ": **" : ": ");
        shown_add(out, note->text);
        pn_buffer_add_text(out, note->is_error ? "**\n" : "\n");
    }
}

void
pn_adopt_list(const struct pn_adopt *adopt, struct pn_buffer *out)
{
    pn_buffer_add_text(out,
                       "# Cut-over\n\n"
                       "Nothing was run or changed yet. Each service goes over by "
                       "itself, from this folder, and comes back by the steps behind "
                       "it. Paths are those of the machine that was looked at; our "
                       "programs are in ");
    place_add(out, adopt->programs, 0);
    pn_buffer_add_text(out, ".\n");
    for (size_t i = 0; i < adopt->item_count; i++)
        if (adopt->items[i].state == PN_ADOPT_GOES)
            item_add(&adopt->items[i], out);
    rest_add(adopt, PN_ADOPT_STAYS, "\n## What stays as it is\n\n", out);
    rest_add(adopt, PN_ADOPT_UNREAD, "\n## What nobody reads any more\n\n", out);
    notes_add(adopt, out);
}
