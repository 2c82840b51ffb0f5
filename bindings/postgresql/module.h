/*
 * What the files of the extension share. It stands on libpostern and bindings/sql;
 * ereport() may leave any function of it.
 */
#ifndef PN_POSTGRESQL_MODULE_H
#define PN_POSTGRESQL_MODULE_H

#include <postgres.h>

#include <postern/postern.h>

/*
 * The rules of a policy in the folder that postern.policy_folder names, or an error
 * with its SQLSTATE. They are valid until the next call. One command of a client is
 * answered from one file: the first call in it, or in each transaction of it, looks at
 * what the folder has.
 */
const struct postern_rules *
pn_policy_rules(text *name);

#endif
