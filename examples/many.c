/* many CDB < ADDRESSES: what the rules say of many addresses of IPv4, a line each. */
#include <postern/postern.h>

#include <stdio.h>
#include <string.h>

enum { MOST = 4096 };

int
main(int argc, char **argv)
{
    static unsigned char addresses[MOST][4];
    static struct postern_brief briefs[MOST];
    struct postern_rules *rules = NULL;
    size_t count = 0;
    char line[64];

    while (count < MOST && fgets(line, sizeof(line), stdin)) {
        struct postern_addr addr;

        if (!postern_addr_parse(line, strcspn(line, "\n"), &addr) || addr.family != 4)
            return 2;
        memcpy(addresses[count++], addr.bytes, sizeof(addresses[0]));
    }
    if (argc < 2 || postern_rules_open(argv[1], POSTERN_OPEN_COPY, &rules) ||
        postern_rules_decide_addresses(rules, 4, addresses, count, briefs))
        return 1; /* and all are denied */
    for (size_t i = 0; i < count; i++)
        printf("%s by rule %u%s\n", briefs[i].verdict ? "allow" : "deny",
               (unsigned)briefs[i].rule,
               briefs[i].needs & POSTERN_NEEDS_HOST ? ", unless its host says else"
                                                    : "");
    postern_rules_close(rules);
    return 0;
}
