/* Facts from ld.so(8), shells' manuals, and registries of IANA. */
#include "analysis/lint/tables.h"

#include <string.h>

#include "base/sizes.h"

bool
pn_name_is_loader(struct pn_str name)
{
    static const char *const names[] = {
        "PATH",
        "IFS",
        "ENV",
        "BASH_ENV",
        "SHELLOPTS",
        "BASHOPTS",
        "PS4",
        "CDPATH",
        "PERL5LIB",
        "PERL5OPT",
        "PERLLIB",
        "PERL5DB",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "PYTHONINSPECT",
        "NODE_OPTIONS",
        "NODE_PATH",
        "RUBYLIB",
        "RUBYOPT",
        "GCONV_PATH",
        "LOCPATH",
        "NLSPATH",
        "MALLOC_CHECK_",
        "JAVA_TOOL_OPTIONS",
        "CLASSPATH",
        "LUA_PATH",
        "LUA_CPATH",
        "PHPRC",
        "PHP_INI_SCAN_DIR",
        "TCLLIBPATH",
        "HOSTALIASES",
        "LOCALDOMAIN",
        "RES_OPTIONS",
        "GIT_SSH",
    };
    static const char *const prefixes[] = { "LD_", "DYLD_", "GCONV_", "BASH_FUNC_" };

    for (size_t i = 0; i < PN_COUNT_OF(names); i++)
        if (pn_str_is(name, names[i]))
            return true;
    for (size_t i = 0; i < PN_COUNT_OF(prefixes); i++)
        if (name.len > strlen(prefixes[i]) && pn_str_begins(name, prefixes[i]))
            return true;
    return false;
}

#define V6_TOP(hextet) ((pn_number)(hextet) << 112)

static const struct {
    pn_number first, last;
    uint8_t family;
} unroutable[] = {
    { 0x00000000, 0x00ffffff, 4 }, /* this network, RFC 791 */
    { 0xc0000000, 0xc00000ff, 4 }, /* protocol assignments, RFC 6890 */
    { 0xc6120000, 0xc613ffff, 4 }, /* benchmarks, RFC 2544 */
    { 0xe0000000, 0xffffffff, 4 }, /* multicast, and never used */
    { 0, 0, 6 },
    { V6_TOP(0x0100), V6_TOP(0x0100) | UINT64_MAX, 6 }, /* discard, RFC 6666 */
    { V6_TOP(0x4000), V6_TOP(0xfc00) - 1, 6 },          /* not given to anybody */
    { V6_TOP(0xfec0), ~(pn_number)0, 6 }, /* site-local, RFC 3879, and multicast */
};

bool
pn_unroutable(size_t index, uint8_t *family, pn_number *first, pn_number *last)
{
    if (index >= PN_COUNT_OF(unroutable))
        return false;
    *family = unroutable[index].family;
    *first = unroutable[index].first;
    *last = unroutable[index].last;
    return true;
}

bool
pn_range_is_unroutable(uint8_t family, pn_number first, pn_number last)
{
    for (size_t i = 0; i < PN_COUNT_OF(unroutable); i++)
        if (family == unroutable[i].family && first >= unroutable[i].first &&
            last <= unroutable[i].last)
            return true;
    return false;
}

unsigned
pn_range_used_since(pn_number first, pn_number last)
{
    static const struct {
        uint8_t first, last;
        uint16_t year;
    } blocks[] = {
        { 1, 1, 2010 },     { 2, 2, 2009 },     { 5, 5, 2010 },     { 14, 14, 2010 },
        { 23, 23, 2010 },   { 27, 27, 2010 },   { 31, 31, 2010 },   { 36, 36, 2010 },
        { 37, 37, 2010 },   { 39, 39, 2011 },   { 42, 42, 2010 },   { 46, 46, 2009 },
        { 49, 49, 2010 },   { 50, 50, 2010 },   { 77, 79, 2006 },   { 92, 95, 2007 },
        { 96, 99, 2006 },   { 100, 101, 2010 }, { 102, 104, 2011 }, { 105, 105, 2010 },
        { 106, 106, 2011 }, { 107, 107, 2010 }, { 108, 108, 2008 }, { 109, 109, 2009 },
        { 110, 113, 2008 }, { 114, 120, 2007 }, { 121, 123, 2006 }, { 173, 174, 2008 },
        { 175, 175, 2009 }, { 176, 177, 2010 }, { 178, 178, 2009 }, { 179, 179, 2011 },
        { 180, 180, 2009 }, { 181, 181, 2010 }, { 182, 183, 2009 }, { 184, 184, 2008 },
        { 185, 185, 2011 }, { 186, 187, 2007 }, { 197, 197, 2008 }, { 223, 223, 2010 },
    };

    if ((first & 0xffffff) != 0 || (last & 0xffffff) != 0xffffff)
        return 0;
    for (size_t i = 0; i < PN_COUNT_OF(blocks); i++)
        if (first >> 24 >= blocks[i].first && last >> 24 <= blocks[i].last)
            return blocks[i].year;
    return 0;
}
