/* Records of an answer, read with libc's own parser of messages. */
#define _DEFAULT_SOURCE
#include "server/dns_answer.h"
#include "base/sizes.h"

#include <arpa/nameser.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <resolv.h>

enum { WIRE_NAME_SIZE = 256, LONGEST_ANSWER = 65535 };

enum { CHAIN_MOST = 16 };

/*
 * The records of the answer section, of class IN and one type, in order, that belong to
 * the name that was asked for: to its own name, or to the one that aliases lead to.
 */
struct records {
    ns_msg message;
    int at, type;
    char owner[NS_MAXDNAME];
};

/* The next record of the section; false at its end, and for one that cannot be read. */
static bool
record_at(struct records *records, ns_rr *out)
{
    return records->at < ns_msg_count(records->message, ns_s_an) &&
           ns_parserr(&records->message, ns_s_an, records->at, out) == 0 &&
           ++records->at;
}

static bool
is_record_of(const struct records *records, const ns_rr *record, int type)
{
    return ns_rr_class(*record) == ns_c_in && (int)ns_rr_type(*record) == type &&
           strcasecmp(ns_rr_name(*record), records->owner) == 0;
}

/* To where one alias leads from records->owner, which is changed; false for none. */
static bool
alias_follow(struct records *records)
{
    ns_rr record;
    bool found = false;

    records->at = 0;
    while (!found && record_at(records, &record))
        found = is_record_of(records, &record, ns_t_cname);
    return found &&
           ns_name_uncompress(ns_msg_base(records->message),
                              ns_msg_end(records->message), ns_rr_rdata(record),
                              records->owner, sizeof(records->owner)) >= 0;
}

static bool
message_open(struct records *records, const unsigned char *answer, size_t size)
{
    *records = (struct records){ .at = 0 };
    return size <= LONGEST_ANSWER &&
           ns_initparse(answer, (int)size, &records->message) == 0;
}

/* Only of a response to one question (RFC 1035, 4.1.1; RFC 2181, 10.1). */
static bool
records_begin(struct records *records, const unsigned char *answer, size_t size,
              int type)
{
    ns_rr question;

    if (!message_open(records, answer, size) ||
        !ns_msg_getflag(records->message, ns_f_qr) ||
        ns_msg_count(records->message, ns_s_qd) != 1 ||
        ns_parserr(&records->message, ns_s_qd, 0, &question) < 0)
        return false;
    records->type = type;
    memcpy(records->owner, ns_rr_name(question), strlen(ns_rr_name(question)) + 1);
    for (int i = 0; type != ns_t_cname && i < CHAIN_MOST && alias_follow(records); i++)
        continue;
    records->at = 0;
    return true;
}

static bool
records_next(struct records *records, ns_rr *out)
{
    while (record_at(records, out))
        if (is_record_of(records, out, records->type))
            return true;
    return false;
}

bool
srv_dns_is_whole(const unsigned char *answer, size_t size)
{
    struct records records;
    ns_rr record;

    if (!message_open(&records, answer, size))
        return false;
    while (record_at(&records, &record))
        continue;
    return records.at == ns_msg_count(records.message, ns_s_an);
}

static size_t
spell_byte(unsigned char c, char *out)
{
    if (c >= 'A' && c <= 'Z')
        c = (unsigned char)(c + ('a' - 'A'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') {
        *out = (char)c;
        return 1;
    }
    out[0] = '\\';
    out[1] = (char)('0' + (c >> 6));
    out[2] = (char)('0' + ((c >> 3) & 7));
    out[3] = (char)('0' + (c & 7));
    return 4;
}

/* A name as in a message, without pointers: at most 255 bytes, the last of them 0. */
static void
name_spell(const unsigned char *wire, char *out)
{
    if (!*wire)
        *out++ = '.';
    while (*wire) {
        size_t len = *wire++;

        for (; len; len--)
            out += spell_byte(*wire++, out);
        if (*wire)
            *out++ = '.';
    }
    *out = '\0';
}

bool
srv_dns_name(const unsigned char *answer, size_t size, char *out)
{
    unsigned char wire[WIRE_NAME_SIZE];
    struct records records;
    ns_rr record;

    if (!records_begin(&records, answer, size, ns_t_ptr) ||
        !records_next(&records, &record))
        return false;
    if (ns_name_unpack(ns_msg_base(records.message), ns_msg_end(records.message),
                       ns_rr_rdata(record), wire, sizeof(wire)) < 0)
        return false;
    name_spell(wire, out);
    return true;
}

size_t
srv_dns_addresses(const unsigned char *answer, size_t size, struct postern_addr *out)
{
    static const struct {
        int type;
        uint8_t family, width;
    } kinds[] = { { ns_t_a, 4, 4 }, { ns_t_aaaa, 6, 16 } };
    struct records records;
    ns_rr record;
    size_t count = 0;

    for (size_t i = 0; i < PN_COUNT_OF(kinds); i++) {
        if (!records_begin(&records, answer, size, kinds[i].type))
            return 0;
        while (count < SRV_DNS_ADDRESSES && records_next(&records, &record)) {
            if (ns_rr_rdlen(record) != kinds[i].width)
                continue;
            memset(&out[count], 0, sizeof(out[count]));
            out[count].family = kinds[i].family;
            memcpy(out[count++].bytes, ns_rr_rdata(record), kinds[i].width);
        }
    }
    return count;
}

/* The strings of one record, each with its length before it. Returns what was used. */
static size_t
add_strings(const ns_rr *record, char *out, size_t room)
{
    const unsigned char *at = ns_rr_rdata(*record);
    const unsigned char *end = at + ns_rr_rdlen(*record);
    size_t used = 0;

    while (at < end) {
        size_t len = *at++;

        for (; len && at < end; len--, at++)
            if (used < room)
                out[used++] = *at < ' ' || *at > '~' ? '?' : (char)*at;
    }
    return used;
}

bool
srv_dns_text(const unsigned char *answer, size_t size, char *out, size_t out_size)
{
    struct records records;
    ns_rr record;
    size_t used = 0;
    bool found = false;

    if (!records_begin(&records, answer, size, ns_t_txt))
        return false;
    while (records_next(&records, &record)) {
        used += add_strings(&record, out + used, out_size - 1 - used);
        found = true;
    }
    out[used] = '\0';
    return found;
}
