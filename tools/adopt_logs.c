/* The log says who was let in: that is what the policy is held to. */
#include "tools/adopt_logs.h"

#include <string.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_tree.h"
#include "tools/input/query.h"
#include "tools/lint_server_words.h"

static const char *
client_text(struct pn_adopt *adopt, const struct postern_query *query)
{
    char address[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&query->remote, address);
    return pn_adopt_text(adopt, "%s", address);
}

void
pn_adopt_replay_line(struct pn_adopt_replay *replay, const struct pn_query_line *line,
                     uint64_t number)
{
    struct pn_answer answer = { 0 };
    bool same = true;

    if (!line->is_log || line->kind == PN_QUERY_NONE)
        return;
    if (line->kind == PN_QUERY_READ)
        same = pn_rules_file_decide(replay->rules, &line->query, NULL, NULL, &answer) ==
                   POSTERN_OK &&
               (answer.decision.verdict == POSTERN_DENY) == line->was_denied;
    if (line->kind == PN_QUERY_FAULTY || (!same && replay->asks_more)) {
        replay->log.unread++;
        return;
    }
    replay->log.connections++;
    if (!same && !replay->log.changed++) {
        replay->log.line = number;
        replay->log.client = client_text(replay->adopt, &line->query);
    }
}

void
pn_adopt_replay_end(const struct pn_adopt_replay *replay, struct pn_adopt_item *item)
{
    replay->adopt->failed |=
        !pn_vector_add(&item->logs, &item->log_count, &item->log_capacity, &replay->log,
                       sizeof(replay->log));
}

static void
log_replay(struct pn_adopt_replay *replay, const struct pn_source *source)
{
    struct pn_str rest = { source->text, source->size };
    struct pn_query_line line = { .kind = PN_QUERY_NONE };
    uint64_t number = 0;

    while (rest.len) {
        struct pn_str text = pn_str_cut(&rest, '\n');

        pn_query_parse(&line, text);
        pn_adopt_replay_line(replay, &line, ++number);
    }
    pn_buffer_free(&line.decoded);
}

static bool
is_log_name(const char *name)
{
    return *name == '@' || strcmp(name, "current") == 0;
}

static void
folder_replay(struct pn_adopt_replay *replay, const char *folder,
              struct pn_adopt_item *item)
{
    struct pn_adopt *adopt = replay->adopt;
    struct pn_adopt_names names;

    (void)pn_adopt_names_read(adopt, folder, &names);
    for (size_t i = 0; i < names.count && !adopt->failed; i++) {
        struct pn_source source;

        if (!is_log_name(names.items[i]))
            continue;
        replay->log =
            (struct pn_adopt_log){ .path = pn_adopt_text(adopt, "%s/%s", folder,
                                                         names.items[i]) };
        if (!pn_adopt_read(adopt, replay->log.path, PN_ADOPT_LOG_MOST, &source))
            continue;
        log_replay(replay, &source);
        pn_source_clear(&source);
        pn_adopt_replay_end(replay, item);
    }
    pn_free(names.items);
}

/* Is it the last part of the name of a logger? */
static bool
is_logger(const char *word)
{
    static const char *const loggers[] = { "multilog", "svlogd", "s6-log", "tinylog" };

    for (size_t i = 0; i < PN_COUNT_OF(loggers); i++)
        if (strcmp(pn_word_base(word), loggers[i]) == 0)
            return true;
    return false;
}

/* Folders are words that begin with "/" or "."; svlogd has any word. */
static void
words_replay(struct pn_adopt_replay *replay, const char *folder, struct pn_words words,
             struct pn_adopt_item *item)
{
    struct pn_word word = { .unknown = false };
    bool logs = false;

    while (words.at < words.end && !replay->adopt->failed) {
        const char *text;

        if (!pn_words_next(&words, &word)) {
            logs = false;
            words.at++;
            continue;
        }
        text = word.text.bytes;
        if (logs && *text == '/' && !word.unknown)
            folder_replay(replay, text, item);
        else if (logs && *text != '-' && !word.unknown && strchr(text, '/'))
            folder_replay(replay,
                          pn_adopt_text(replay->adopt, "%s/log/%s", folder,
                                        strncmp(text, "./", 2) == 0 ? text + 2 : text),
                          item);
        logs |= is_logger(text);
    }
    replay->adopt->failed |= word.text.failed;
    pn_buffer_free(&word.text);
}

void
pn_adopt_logs_replay(struct pn_adopt *adopt, const char *folder,
                     struct pn_adopt_item *item)
{
    const char *path = pn_adopt_text(adopt, "%s/log/run", folder);
    struct pn_rules_file rules = { .image = -1 };
    struct pn_source script;
    struct pn_buffer text = { 0 };
    struct pn_adopt_replay replay = { .adopt = adopt, .rules = &rules };

    if (!pn_adopt_read(adopt, path, PN_ADOPT_TEXT_MOST, &script))
        return;
    if (!pn_script_expand((struct pn_str){ script.text, script.size }, &text))
        adopt->failed = true;
    if (!adopt->failed && pn_adopt_serve(adopt, pn_str_of(&item->policy), &rules))
        words_replay(&replay, folder,
                     (struct pn_words){ text.bytes, text.bytes + text.size - 1, false },
                     item);
    pn_rules_file_close(&rules);
    pn_buffer_free(&text);
    pn_source_clear(&script);
}
