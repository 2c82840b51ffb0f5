/* Names that the language has, each once. */
#include "interop/rule_variables.h"

void
pn_rule_variable_unset(struct pn_rule_variables *v, struct pn_str name)
{
    pn_import_note(v->import, v->file, v->line,
                   "\"%.*s\" is left as it is: ours unsets nothing",
                   PN_IMPORT_QUOTED(name));
}

void
pn_rule_variable_add(struct pn_rule_variables *v, struct pn_str name,
                     struct pn_str value)
{
    for (size_t i = 0; i < v->count; i++)
        if (pn_str_equal(v->names[i], name)) {
            pn_import_error(v->import, v->file, v->line, "%.*s is set twice",
                            PN_IMPORT_QUOTED(name));
            return;
        }
    if (!pn_import_variable_is(name) || v->count == PN_RULE_VARIABLES_MOST) {
        pn_import_error(v->import, v->file, v->line,
                        "\"%.*s\" is no name of a variable, or the 33rd",
                        PN_IMPORT_QUOTED(name));
        return;
    }
    v->size += name.len + value.len;
    if (v->size > PN_RULE_VARIABLES_SIZE_MOST) {
        pn_import_error(v->import, v->file, v->line,
                        "%.*s is too long: the variables of a rule have 65536 bytes",
                        PN_IMPORT_QUOTED(name));
        return;
    }
    v->names[v->count++] = name;
    pn_buffer_add_text(v->tails, ", ");
    pn_buffer_add_str(v->tails, name);
    pn_buffer_add_text(v->tails, "=");
    pn_import_value(v->tails, value);
}
