/*
 * Rules over addresses and names, written for a ladder: exact addresses, exact hosts,
 * prefixes, suffixes, any host, the default.
 */
#include <string.h>

#include "analysis/extent_text.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/query_text.h"
#include "interop/ladder_work.h"
#include "interop/ordered.h"

/* What becomes of a class. */
enum fate {
    FATE_STEP,    /* it stands on the steps below prefixes, or on none */
    FATE_ALWAYS,  /* an exact host of which one rule decides, wherever it is */
    FATE_FOLLOWS, /* an exact host that is as others are */
    FATE_DENIED   /* an exact host that ours denies, since it cannot be told apart */
};

struct writer {
    struct pn_ladder_work work;
    enum fate *fates;     /* by class */
    uint32_t *names;      /* by class: the rule that decides where names do */
    bool names_alike;     /* one verdict for all who have no rule of their own */
    bool has_fixed;       /* exact hosts, which are asked before prefixes */
    size_t base;          /* an atom that is not exact */
    size_t walks;         /* how many atoms may still be looked at for prefixes */
    struct pn_buffer row; /* the targets of the statement at hand */
    struct pn_str ident;  /* for whom it is written; ptr NULL: for all others */
};

static const struct pn_ladder_rule *
rule_of(const struct writer *writer, uint32_t number)
{
    return &writer->work.ladder->rules[number];
}

static struct pn_str
tail_of(const struct writer *writer, const struct pn_ladder_rule *rule)
{
    struct pn_str tails = pn_str_of(&writer->work.ladder->tails);

    return pn_str_to(pn_str_from(tails, rule->tail), rule->tail_size);
}

/* Do two rules say the same? */
static bool
is_same(const struct writer *writer, uint32_t left, uint32_t right)
{
    const struct pn_ladder_rule *a = rule_of(writer, left), *b = rule_of(writer, right);

    return left == right ||
           (a->allows == b->allows &&
            (!a->allows || pn_str_equal(tail_of(writer, a), tail_of(writer, b))));
}

static uint32_t
owner_of(const struct writer *writer, size_t atom, size_t name_class)
{
    return pn_ladder_owner(&writer->work, atom, name_class);
}

/* Of exact addresses ours asks first of all: there hosts need not be told apart. */
static void
exact_find(struct writer *writer)
{
    const struct pn_ladder_work *work = &writer->work;

    for (size_t i = 0; i < work->atom_count; i++) {
        struct pn_ladder_atom *atom = &work->atoms[i];

        atom->is_exact = atom->first == atom->last;
        for (size_t c = 1; c < work->class_count && atom->is_exact; c++)
            atom->is_exact =
                is_same(writer, owner_of(writer, i, 0), owner_of(writer, i, c));
    }
    while (writer->base + 1 < work->atom_count && work->atoms[writer->base].is_exact)
        writer->base++;
}

/* An exact host is written when one rule decides of it; else it is as its parent is. */
static void
fate_find(struct writer *writer, size_t row)
{
    const struct pn_ladder_work *work = &writer->work;
    size_t parent = work->classes[row].parent;
    bool is_constant = true, follows = true, allows_more = false;
    uint32_t odd = 0;

    for (size_t i = 0; i < work->atom_count; i++) {
        uint32_t own = owner_of(writer, i, row), other = owner_of(writer, i, parent);

        is_constant &= work->atoms[i].is_exact ||
                       is_same(writer, own, owner_of(writer, writer->base, row));
        if (is_same(writer, own, other))
            continue;
        follows = false;
        odd = own;
        allows_more |= rule_of(writer, other)->allows && !rule_of(writer, own)->allows;
    }
    writer->fates[row] = follows       ? FATE_FOLLOWS
                         : is_constant ? FATE_ALWAYS
                         : allows_more ? FATE_DENIED
                                       : FATE_FOLLOWS;
    writer->has_fixed |=
        writer->fates[row] == FATE_ALWAYS || writer->fates[row] == FATE_DENIED;
    if (follows || is_constant)
        return;
    work->import->at = rule_of(writer, odd)->at;
    pn_import_note(work->import, rule_of(writer, odd)->file, rule_of(writer, odd)->line,
                   allows_more
                       ? "\"%.*s\" is denied wherever it is: its rule depends on "
                         "the address, and ours asks for hosts first"
                       : "\"%.*s\" is taken for any other: its rule depends on "
                         "the address, and ours asks for hosts first",
                   (int)work->classes[row].name.len, work->classes[row].name.ptr);
}

static void
needed_find(struct writer *writer)
{
    const struct pn_ladder_work *work = &writer->work;

    for (size_t i = 0; i < work->atom_count; i++)
        for (size_t c = PN_CLASS_FIXED; c < work->class_count; c++)
            work->atoms[i].is_needed |= work->atoms[i].is_exact &&
                                        (writer->fates[c] == FATE_DENIED ||
                                         (writer->fates[c] == FATE_ALWAYS &&
                                          !is_same(writer, owner_of(writer, i, 0),
                                                   owner_of(writer, writer->base, c))));
}

/* Is the verdict at an atom the same whatever step of names is asked? */
static bool
is_constant_at(const struct writer *writer, size_t atom)
{
    for (size_t i = 0; i < writer->work.class_count; i++)
        if (writer->fates[i] == FATE_STEP &&
            !is_same(writer, owner_of(writer, atom, i),
                     owner_of(writer, atom, PN_CLASS_NAMELESS)))
            return false;
    return true;
}

static bool
is_alike(const struct writer *writer, size_t atom)
{
    for (size_t i = 0; i < writer->work.class_count; i++)
        if (writer->fates[i] == FATE_STEP &&
            !is_same(writer, owner_of(writer, atom, i), writer->names[i]))
            return false;
    return true;
}

/* How much of its family an atom is. */
static pn_number
weight(const struct pn_ladder_atom *atom)
{
    return (atom->last - atom->first) << (atom->family == 4 ? 96 : 0);
}

/* What stands below prefixes: of where names decide, the most, else of all. */
static void
names_find(struct writer *writer)
{
    const struct pn_ladder_work *work = &writer->work;
    bool is_constant = true;
    size_t best = 0;

    for (size_t i = 0; i < work->atom_count; i++) {
        bool constant = is_constant_at(writer, i);

        work->atoms[i].is_free = !constant;
        if (i && (constant != is_constant
                      ? constant
                      : weight(&work->atoms[i]) <= weight(&work->atoms[best])))
            continue;
        best = i;
        is_constant = constant;
    }
    for (size_t i = 0; i < work->class_count; i++)
        writer->names[i] = owner_of(writer, best, i);
    writer->names_alike = is_constant;
}

/* Where names decide otherwise than elsewhere: denied, and told of. */
static void
rest_deny(struct writer *writer)
{
    const struct pn_ladder_work *work = &writer->work;

    for (size_t i = 0; i < work->atom_count; i++) {
        struct pn_ladder_atom *atom = &work->atoms[i];
        const struct pn_interval span = { atom->first, atom->last };
        const struct pn_ladder_rule *rule = rule_of(writer, owner_of(writer, i, 0));
        struct pn_buffer text = { 0 };

        if (!atom->is_free || is_alike(writer, i))
            continue;
        atom->is_denied = true;
        atom->is_free = false;
        for (size_t c = 1; c < work->class_count && !rule->line && !rule->is_own; c++)
            rule = rule_of(writer, owner_of(writer, i, c));
        work->import->at = rule->at;
        pn_interval_write(&text, &span, atom->family);
        pn_import_note(work->import, rule->file, rule->line,
                       "%.*s is denied: names decide there otherwise than elsewhere, "
                       "and ours asks for suffixes after prefixes",
                       (int)text.size, text.bytes ? text.bytes : "");
        work->import->failed |= text.failed;
        pn_buffer_free(&text);
    }
}

static void
target_begin(struct writer *writer)
{
    if (writer->row.size)
        pn_buffer_add_text(&writer->row, ", ");
    if (writer->ident.ptr)
        pn_ident_write(&writer->row, writer->ident);
}

static void
target_range(struct writer *writer, pn_number first, pn_number last, uint8_t family)
{
    const struct pn_interval span = { first, last };

    target_begin(writer);
    pn_interval_write(&writer->row, &span, family);
}

/* The statement of the targets so far, of a rule or what is denied in its place. */
static void
row_end(struct writer *writer, const struct pn_ladder_rule *rule, bool allows)
{
    struct pn_import *import = writer->work.import;
    const struct pn_buffer *tails = &writer->work.ladder->tails;

    if (!writer->row.size)
        return;
    pn_buffer_add_text(&writer->row, allows ? " : allow" : " : deny");
    if (allows && rule->tail_size)
        pn_buffer_add(&writer->row, tails->bytes + rule->tail, rule->tail_size);
    import->failed |= writer->row.failed;
    import->at = rule->at;
    if (!import->failed)
        pn_import_statement(import, rule->file, rule->line, pn_str_of(&writer->row));
    writer->row.size = 0;
}

/* Is a rule's verdict at an atom one that is written, and not left to the default? */
static bool
is_written(const struct writer *writer, size_t atom)
{
    const struct pn_ladder_atom *at = &writer->work.atoms[atom];

    return !at->is_free && !at->is_denied &&
           (at->is_needed || !writer->names_alike ||
            owner_of(writer, atom, PN_CLASS_NAMELESS) !=
                writer->names[PN_CLASS_NAMELESS]);
}

static size_t
atom_find(const struct pn_ladder_work *work, uint8_t family, pn_number address)
{
    size_t low = 0, high = work->atom_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct pn_ladder_atom *atom = &work->atoms[middle];

        if (atom->family < family || (atom->family == family && atom->last < address))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * Can a prefix of a rule be written as it is? Then what it does not decide in there is
 * written by rules before it, which are for less, and longer is first.
 */
static bool
is_whole(struct writer *writer, uint32_t rule, const struct pn_ladder_pattern *pattern,
         size_t begin, size_t *end)
{
    const struct pn_ladder_work *work = &writer->work;
    pn_number size = pattern->last - pattern->first;
    bool has_own = false;

    if (size & (size + 1) || pattern->first & size || !size)
        return false;
    for (*end = begin;
         *end < work->atom_count && work->atoms[*end].family == pattern->family &&
         work->atoms[*end].first <= pattern->last;
         ++*end) {
        uint32_t owner = owner_of(writer, *end, PN_CLASS_NAMELESS);

        if (!writer->walks || !is_written(writer, *end) || owner > rule ||
            work->atoms[*end].first < pattern->first ||
            work->atoms[*end].last > pattern->last)
            return false;
        writer->walks--;
        has_own |= owner == rule && !work->atoms[*end].is_done;
    }
    return has_own;
}

/* Prefixes as the rule has them, where that is the same. */
static void
prefixes_write(struct writer *writer, uint32_t number)
{
    const struct pn_ladder_work *work = &writer->work;
    const struct pn_ladder_rule *rule = rule_of(writer, number);

    for (size_t i = 0; i < rule->count; i++) {
        const struct pn_ladder_pattern *pattern =
            &work->ladder->patterns[rule->patterns + i];
        size_t begin, end;

        if (pattern->kind != PN_LADDER_ADDRESSES || pattern->level)
            continue;
        begin = atom_find(work, pattern->family, pattern->first);
        if (!is_whole(writer, number, pattern, begin, &end))
            continue;
        target_range(writer, pattern->first, pattern->last, pattern->family);
        for (; begin < end; begin++)
            if (owner_of(writer, begin, PN_CLASS_NAMELESS) == number &&
                !(writer->has_fixed && work->atoms[begin].is_exact))
                work->atoms[begin].is_done = true;
    }
}

/* What is left of a rule's addresses, and in a statement of its own what is denied. */
static void
addresses_write(struct writer *writer, const struct pn_ladder_by_rule *by,
                uint32_t rule, bool denied)
{
    struct pn_ladder_atom *atoms = writer->work.atoms;

    for (size_t n = by->starts[rule]; n < by->starts[rule + 1]; n++) {
        size_t i = by->atoms[n], end = i;

        if (denied ? !atoms[i].is_denied : !is_written(writer, i) || atoms[i].is_done)
            continue;
        while (
            n + 1 < by->starts[rule + 1] && by->atoms[n + 1] == end + 1 &&
            atoms[end + 1].family == atoms[i].family &&
            (denied ? atoms[end + 1].is_denied
                    : is_written(writer, end + 1) && !atoms[end + 1].is_done) &&
            !(writer->has_fixed && (atoms[end].is_exact || atoms[end + 1].is_exact))) {
            end++;
            n++;
        }
        target_range(writer, atoms[i].first, atoms[end].last, atoms[i].family);
        if (writer->has_fixed && atoms[i].first == atoms[end].last &&
            !atoms[i].is_exact)
            pn_buffer_add_format(&writer->row, "/%u", pn_family_bits(atoms[i].family));
    }
}

static void
hosts_write(struct writer *writer, uint32_t rule)
{
    const struct pn_ladder_work *work = &writer->work;

    for (size_t i = PN_CLASS_OTHER; i < work->class_count; i++) {
        const struct pn_name_class *row = &work->classes[i];
        uint32_t parent = i == PN_CLASS_OTHER ? PN_CLASS_NAMELESS : row->parent;
        uint32_t own = writer->fates[i] == FATE_STEP
                           ? writer->names[i]
                           : owner_of(writer, writer->base, i);

        if (own != rule || writer->fates[i] == FATE_FOLLOWS ||
            writer->fates[i] == FATE_DENIED ||
            (writer->fates[i] == FATE_STEP &&
             is_same(writer, own, writer->names[parent])))
            continue;
        target_begin(writer);
        pn_buffer_add_format(&writer->row, "=%.*s", (int)row->name.len, row->name.ptr);
    }
}

static void
denied_hosts_write(struct writer *writer)
{
    const struct pn_ladder_work *work = &writer->work;

    for (size_t i = PN_CLASS_FIXED; i < work->class_count; i++) {
        uint32_t rule = owner_of(writer, writer->base, i);

        if (writer->fates[i] != FATE_DENIED)
            continue;
        for (size_t n = 0; n < work->atom_count && rule_of(writer, rule)->allows; n++)
            rule = owner_of(writer, n, i);
        target_begin(writer);
        pn_buffer_add_format(&writer->row, "=%.*s", (int)work->classes[i].name.len,
                             work->classes[i].name.ptr);
        row_end(writer, rule_of(writer, rule), false);
    }
}

static void
rules_write(struct writer *writer)
{
    const struct pn_ladder *ladder = writer->work.ladder;
    struct pn_ladder_by_rule by = { 0 };
    uint32_t last = writer->names[PN_CLASS_NAMELESS];

    if (!pn_ladder_by_rule_make(&writer->work, &by))
        writer->work.import->failed = true;
    for (uint32_t i = 0; i < ladder->rule_count && !writer->work.import->failed; i++) {
        prefixes_write(writer, i);
        addresses_write(writer, &by, i, false);
        hosts_write(writer, i);
        row_end(writer, &ladder->rules[i], ladder->rules[i].allows);
        addresses_write(writer, &by, i, true);
        row_end(writer, &ladder->rules[i], false);
    }
    denied_hosts_write(writer);
    target_begin(writer);
    pn_buffer_add_text(&writer->row, "*");
    row_end(writer, &ladder->rules[last], ladder->rules[last].allows);
    pn_free(by.starts);
    pn_free(by.atoms);
}

void
pn_ladder_write_for(const struct pn_ladder *ladder, struct pn_import *import,
                    struct pn_str ident)
{
    struct writer writer = { .work = { .ladder = ladder, .import = import },
                             .ident = ident };

    import->failed |= ladder->tails.failed;
    if (import->failed || !pn_ladder_cut(&writer.work))
        goto out;
    writer.walks = 64 * writer.work.atom_count + 4096;
    writer.fates = pn_calloc(writer.work.class_count, sizeof(*writer.fates));
    writer.names = pn_calloc(writer.work.class_count, sizeof(*writer.names));
    if (!writer.fates || !writer.names ||
        (!ident.ptr && !pn_ladder_hidden_tell(&writer.work))) {
        import->failed = true;
        goto out;
    }
    exact_find(&writer);
    for (size_t i = PN_CLASS_FIXED; i < writer.work.class_count; i++)
        if (writer.work.classes[i].kind == PN_LADDER_HOST)
            fate_find(&writer, i);
    needed_find(&writer);
    names_find(&writer);
    rest_deny(&writer);
    rules_write(&writer);
out:
    import->at = (struct pn_str){ NULL, 0 };
    pn_buffer_free(&writer.row);
    pn_free(writer.fates);
    pn_free(writer.names);
    pn_ladder_work_clear(&writer.work);
}
