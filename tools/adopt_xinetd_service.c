/* One service of xinetd: what it asks, and what starts it. */
#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "compiler/list_words.h"
#include "interop/written.h"
#include "tools/adopt_policy.h"
#include "tools/adopt_script.h"
#include "tools/adopt_service.h"
#include "tools/adopt_xinetd_service.h"

enum { ARGUMENTS_MOST = 64 };

/* One under way. */
struct service {
    struct pn_adopt *adopt;
    const struct pn_xinetd_block *block, *defaults;
    struct pn_adopt_item item;
    struct pn_adopt_service run;
    struct pn_str arguments[ARGUMENTS_MOST];
};

/* Attributes that are carried over, or say nothing that a run script needs. */
static const char *const carried[] = {
    "socket_type", "protocol",  "wait",           "type",           "disable",
    "bind",        "interface", "port",           "user",           "server",
    "server_args", "env",       "only_from",      "no_access",      "per_source",
    "instances",   "cps",       "max_load",       "access_times",   "deny_time",
    "log_type",    "flags",     "log_on_success", "log_on_failure", "id",
    "nice",
};

static struct pn_str
value(const struct service *s, const char *name)
{
    return pn_xinetd_value(s->block, s->defaults, name);
}

static bool
has_flag(const struct service *s, const char *flag)
{
    return pn_xinetd_has(s->block, "flags", flag);
}

/* Sockets of this sort? The protocol of a sort is told by it where none is named. */
static bool
has_socket(const struct service *s, const char *type, const char *wanted)
{
    struct pn_str protocol = value(s, "protocol");

    return pn_str_is(value(s, "socket_type"), type) &&
           (!protocol.len || pn_str_is(protocol, wanted));
}

static bool
is_wait(const struct service *s)
{
    return pn_import_is(value(s, "wait"), "yes");
}

static bool
is_udp(const struct service *s)
{
    return has_socket(s, "dgram", "udp");
}

/* Why neither tcpserver nor udpserver can serve it; NULL when one can. */
static const char *
why_it_stays(const struct service *s)
{
    if (pn_xinetd_has(s->block, "type", "INTERNAL"))
        return "xinetd itself does it (INTERNAL)";
    if (pn_xinetd_has(s->block, "type", "RPC") ||
        pn_xinetd_has(s->block, "type", "TCPMUX") ||
        pn_xinetd_has(s->block, "type", "TCPMUXPLUS"))
        return "it is a service of rpc, or of tcpmux";
    if (!has_socket(s, "stream", "tcp") && !is_udp(s))
        return "it has neither streams of tcp nor datagrams of udp";
    if (!is_udp(s) && is_wait(s))
        return "its program takes the socket itself (wait)";
    if (value(s, "redirect").len)
        return "it passes connections on (redirect)";
    if (!value(s, "server").len)
        return "it has no server";
    return NULL;
}

/* What is left out of the run script is told of. */
static void
left_out_tell(const struct service *s)
{
    static const char *const flags[] = { "KEEPALIVE", "SENSOR", "INTERCEPT" };

    for (size_t i = 0; i < s->block->count; i++) {
        const struct pn_xinetd_line *line = &s->block->items[i];
        bool known = false;

        for (size_t n = 0; n < PN_COUNT_OF(carried) && !known; n++)
            known = pn_str_is(line->name, carried[n]);
        if (!known)
            pn_adopt_note(s->adopt, s->item.file, line->line,
                          "%.*s is not carried over", PN_IMPORT_QUOTED(line->name));
    }
    for (size_t i = 0; i < PN_COUNT_OF(flags); i++)
        if (has_flag(s, flags[i]))
            pn_adopt_note(s->adopt, s->item.file, s->item.line,
                          "the flag %s is not carried over", flags[i]);
}

/* The lines of a block alone, in their places. */
static void
block_text(const struct pn_xinetd_block *block, struct pn_buffer *out)
{
    struct pn_str rest = { block->file ? block->file->text : "",
                           block->file ? block->file->size : 0 };

    for (size_t line = 1; rest.len && line <= block->last; line++) {
        struct pn_str text = pn_str_cut(&rest, '\n');

        if (line >= block->first && !pn_str_begins(pn_list_trim(text), "instances"))
            pn_buffer_add_str(out, text); /* that is for -c */
        pn_buffer_add_text(out, "\n");
    }
}

/* What only_from and its like say, of this block and the defaults. */
static bool
rules_import(struct service *s, struct pn_buffer *policy)
{
    struct pn_buffer texts[2] = { { 0 }, { 0 } };
    struct pn_source files[2] = { { 0 }, { 0 } };
    const char *conf = s->defaults->file ? s->defaults->file->name : s->item.file;
    struct pn_import import = { .files = files, .file_count = 2 };
    bool good;

    block_text(s->defaults, &texts[0]);
    block_text(s->block, &texts[1]);
    import.wants.name = pn_adopt_copy(s->adopt, s->block->name);
    good = !texts[0].failed && !texts[1].failed &&
           pn_source_from_text(&files[0], conf, pn_str_of(&texts[0])) &&
           pn_source_from_text(&files[1], s->item.file, pn_str_of(&texts[1]));
    s->adopt->failed |= !good;
    good =
        good && pn_adopt_import(s->adopt, pn_importer_find("xinetd"), &import, policy);
    for (size_t i = 0; i < 2; i++) {
        pn_source_clear(&files[i]);
        pn_buffer_free(&texts[i]);
    }
    return good;
}

/* A prefix that hosts.allow denies, whatever the rules of xinetd say of it. */
static void
block_add(void *payload, const struct pn_span_answer *span, pn_number first,
          unsigned length)
{
    struct pn_output *out = payload;

    pn_written_address(out, first, span->family);
    pn_output_format(out, "/%u : block # /etc/hosts.allow, /etc/hosts.deny\n", length);
}

/* Whom both allow is allowed: who hosts.allow denies is blocked. */
static bool
both_write(struct service *s, const struct pn_buffer *hosts)
{
    struct pn_source source;
    struct pn_compiled compiled;
    struct pn_spans spans = { 0 };
    struct pn_output out;
    bool good =
        pn_adopt_compile(s->adopt, pn_str_of(hosts), &source, &compiled) &&
        pn_spans_collect(&spans, compiled.rules, &compiled.decoded) == PN_SPANS_OK;

    pn_output_begin(&out, -1);
    for (size_t i = 0; good && i < spans.count; i++)
        good = !spans.items[i].beyond;
    if (good) {
        pn_spans_each_prefix(&spans, 0, false, block_add, &out);
        pn_buffer_add_str(&s->item.policy, pn_str_of(&out.pending));
        s->adopt->failed |= s->item.policy.failed || out.pending.failed;
    }
    pn_buffer_free(&out.pending);
    pn_spans_clear(&spans);
    pn_compiled_clear(&compiled);
    pn_source_clear(&source);
    return good;
}

/* Is hosts.allow asked too? xinetd does so itself, where it has libwrap; or tcpd. */
static bool
hosts_ask(struct service *s)
{
    struct pn_buffer hosts = { 0 };
    bool good = pn_adopt_hosts_policy(s->adopt, s->item.daemon, &hosts);

    if (!good || !hosts.size || pn_adopt_ask(s->adopt, &hosts).allows_all) {
        pn_buffer_free(&hosts);
        return good;
    }
    if (pn_adopt_ask(s->adopt, &s->item.policy).allows_all) {
        pn_buffer_free(&s->item.policy);
        s->item.policy = hosts;
        return true;
    }
    good = both_write(s, &hosts);
    if (!good)
        pn_adopt_error(s->adopt, s->item.file, s->item.line,
                       "hosts.allow is asked too, by names, variables or limits: "
                       "the two do not make one policy");
    pn_buffer_free(&hosts);
    return good;
}

static void
arguments_read(struct service *s)
{
    struct pn_str rest = value(s, "server_args"), word;
    size_t count = 0;

    s->run.program = value(s, "server");
    if (!has_flag(s, "NAMEINARGS"))
        s->arguments[count++] = s->run.program;
    while (count < ARGUMENTS_MOST && (word = pn_import_word(&rest)).len)
        s->arguments[count++] = word;
    if (strcmp(pn_adopt_base(s->adopt, s->run.program), "tcpd") == 0 && count) {
        s->run.program = s->arguments[0];
        s->item.reader = pn_adopt_copy(s->adopt, value(s, "server"));
    }
    s->run.arguments = s->arguments;
    s->run.argument_count = count;
}

/* "A=B C=D" in front of the server, and what is nice. */
static bool
around_add(struct service *s)
{
    struct pn_str nice = value(s, "nice"), word;
    bool good = true, any = false;

    for (size_t i = 0; i < s->block->count && good; i++) {
        struct pn_str rest = s->block->items[i].value;

        if (!pn_str_is(s->block->items[i].name, "env"))
            continue;
        while (good && (word = pn_import_word(&rest)).len) {
            pn_buffer_add_text(&s->run.around, any ? "" : "env ");
            any = true;
            good = *word.ptr != '-' && pn_str_has(word, '=') &&
                   pn_script_word_add(&s->run.around, word);
            pn_buffer_add_text(&s->run.around, " ");
        }
    }
    if (nice.len && good) {
        pn_buffer_add_text(&s->run.around, "nice -n ");
        good = pn_script_word_add(&s->run.around, nice);
        pn_buffer_add_text(&s->run.around, " ");
    }
    s->adopt->failed |= s->run.around.failed;
    return good;
}

static size_t
number_read(struct pn_str text)
{
    size_t number = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!pn_is_digit(text.ptr[i]) || number > 100000)
            return 0;
        number = 10 * number + (size_t)(text.ptr[i] - '0');
    }
    return number;
}

static void
run_fill(struct service *s)
{
    struct pn_str port = value(s, "port"), host = value(s, "bind");
    struct pn_adopt_asked asked = pn_adopt_ask(s->adopt, &s->item.policy);

    s->run.host = host.len ? host : value(s, "interface");
    s->run.port = port.len ? port : s->block->name;
    s->run.user = value(s, "user");
    s->run.limit = number_read(value(s, "instances"));
    s->run.no_delay = has_flag(s, "NODELAY");
    s->run.is_udp = is_udp(s);
    s->run.waits = is_wait(s);
    s->run.only_v4 = has_flag(s, "IPv4");
    s->run.has_rules = s->item.policy.size != 0;
    s->run.needs_names = asked.needs_names;
    s->run.needs_idents = asked.needs_idents;
}

/* What xinetd calls it, in its log and where it is switched off. */
static const char *
id_of(const struct service *s)
{
    struct pn_str id = value(s, "id");

    return pn_adopt_copy(s->adopt, id.len ? id : s->block->name);
}

/* "FILE /var/log/name" is a log of its own, or of all services by the defaults. */
static const char *
log_file_of(const struct service *s)
{
    struct pn_str type = value(s, "log_type");

    if (!pn_str_is(pn_import_word(&type), "FILE"))
        return NULL;
    return pn_adopt_copy(s->adopt, pn_import_word(&type));
}

/* Neither yes nor no, in whatever letters: xinetd takes the service away. */
static bool
is_faulty(struct pn_str text)
{
    return text.len && !pn_import_is(text, "yes") && !pn_import_is(text, "no");
}

static bool
is_down(const struct service *s)
{
    struct pn_str disable = value(s, "disable");
    const char *name = id_of(s);

    return pn_import_is(disable, "yes") || is_faulty(disable) ||
           is_faulty(value(s, "wait")) ||
           pn_xinetd_has(s->defaults, "disabled", name) ||
           (pn_xinetd_value(s->defaults, s->defaults, "enabled").len &&
            !pn_xinetd_has(s->defaults, "enabled", name));
}

/* The policy, and then the script; false when one cannot be made. */
static bool
service_make(struct service *s)
{
    arguments_read(s);
    if (!s->item.reader && !has_flag(s, "NOLIBWRAP"))
        s->item.reader = pn_adopt_wrapped(s->adopt, "xinetd");
    if (s->item.reader)
        s->item.daemon = pn_adopt_base(s->adopt, s->run.program);
    if (!rules_import(s, &s->item.policy) || (s->item.daemon && !hosts_ask(s)))
        return false;
    left_out_tell(s);
    run_fill(s);
    s->item.port = pn_adopt_copy(s->adopt, s->run.port);
    s->item.name = pn_adopt_name(s->adopt, s->item.what);
    if (!around_add(s)) {
        pn_adopt_error(s->adopt, s->item.file, s->item.line,
                       "env or nice of it cannot stand in a script");
        return false;
    }
    return pn_adopt_service_run(s->adopt, &s->run, &s->item);
}

void
pn_adopt_xinetd_service(struct pn_adopt *adopt, const struct pn_xinetd_block *block,
                        const struct pn_xinetd_block *defaults)
{
    struct service s = { .adopt = adopt, .block = block, .defaults = defaults };
    const char *why;

    s.item = (struct pn_adopt_item){ .kind = PN_ADOPT_XINETD,
                                     .state = PN_ADOPT_STAYS,
                                     .file = pn_adopt_copy(
                                         adopt, pn_str_of_text(block->file->name)),
                                     .line = block->first,
                                     .what = pn_adopt_copy(adopt, block->name),
                                     .logged = id_of(&s),
                                     .log_file = log_file_of(&s),
                                     .is_down = is_down(&s) };
    why = why_it_stays(&s);
    if (why)
        pn_adopt_note(adopt, s.item.file, s.item.line, "%s: it stays with xinetd", why);
    else if (service_make(&s))
        s.item.state = PN_ADOPT_GOES;
    pn_buffer_free(&s.run.around);
    (void)pn_adopt_add(adopt, s.item);
}
