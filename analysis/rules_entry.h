/* The entry of a list that decides, of rules that were opened from a source. */
#ifndef PN_ANALYSIS_RULES_ENTRY_H
#define PN_ANALYSIS_RULES_ENTRY_H

#include "analysis/rules_file.h"
#include "compiler/loaded_policy.h"

/*
 * The policy with its lists, loaded when it is first asked for: an image holds no lines
 * of lists. All zero is not loaded. The file that it is of outlives it and stays where
 * it is.
 */
struct pn_rules_lists {
    struct pn_loaded_policy loaded;
    bool is_loaded; /* also with errors: */
    enum pn_compile_result result;
};

/*
 * Loads it, if it is not yet; what it reports was reported when it was compiled.
 * `as_of` is that of pn_rules_file_compile(). Only PN_COMPILE_OK and PN_COMPILE_REFUSED
 * leave a policy.
 */
enum pn_compile_result
pn_rules_lists_load(struct pn_rules_lists *lists, const struct pn_rules_file *file,
                    uint32_t as_of);

/*
 * Fills what an answer to a query has of the list that decides; its texts are those of
 * `lists`. What is not found is left out, and so is all without memory.
 */
void
pn_rules_file_entry(const struct pn_rules_file *file, uint32_t as_of,
                    struct pn_rules_lists *lists, const struct postern_query *query,
                    struct pn_answer *answer);

void
pn_rules_lists_clear(struct pn_rules_lists *lists);

#endif
