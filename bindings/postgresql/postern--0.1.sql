-- CREATE EXTENSION postern: what it adds to a database.
\echo Use "CREATE EXTENSION postern" to load this file. \quit

CREATE TYPE postern_decision AS (
    verdict text,       -- allow or deny
    step text,          -- of the ladder: block, address, host, prefix, suffix, any-host, default, none
    rule text,          -- as written; of a classic file, its key
    file text,          -- where it is written; NULL when the policy does not tell
    line integer,
    ident_rule boolean, -- does the rule name this ident?
    env jsonb           -- the variables that it sets; null for one that it takes away
);

-- STABLE: one command is answered from one file, and the next one may find another there. NULL for a
-- policy or a client gives NULL; for a host or an ident it says that none is known.
CREATE FUNCTION postern_decide(policy text, client inet, host text DEFAULT NULL, ident text DEFAULT NULL)
    RETURNS postern_decision
    AS 'MODULE_PATHNAME', 'postern_sql_decide' LANGUAGE C STABLE PARALLEL SAFE COST 10;

CREATE FUNCTION postern_allows(policy text, client inet, host text DEFAULT NULL, ident text DEFAULT NULL)
    RETURNS boolean
    AS 'MODULE_PATHNAME', 'postern_sql_allows' LANGUAGE C STABLE PARALLEL SAFE COST 3;

CREATE FUNCTION postern_env(policy text, client inet, host text, ident text, name text)
    RETURNS text
    AS 'MODULE_PATHNAME', 'postern_sql_env' LANGUAGE C STABLE PARALLEL SAFE COST 5;

CREATE FUNCTION postern_trace(policy text, client inet, host text DEFAULT NULL, ident text DEFAULT NULL)
    RETURNS TABLE (step text, ident_rule boolean, key text, found boolean)
    AS 'MODULE_PATHNAME', 'postern_sql_trace' LANGUAGE C STABLE PARALLEL SAFE ROWS 10 COST 10;
