-- What is decided, and why. The folder has office and classic, compiled.
CREATE EXTENSION postern;
\pset null '(null)'
SELECT client, host, ident, (postern_decide('office', client, host, ident)).*
FROM (VALUES (1, inet '192.0.2.1', NULL, NULL),
             (2, '192.0.2.1', NULL, 'alice'),
             (3, '192.0.2.1', NULL, ''),
             (4, '::ffff:192.0.2.1', NULL, NULL),
             (5, '2001:db8::1', 'mx.example.org', 'bob'),
             (6, '203.0.113.9', 'mx.example.org', NULL),
             (7, '198.51.100.8', 'mx.example.org', NULL),
             (8, '198.51.100.8', 'a.example.org', NULL),
             (9, '198.51.100.8', '', NULL),
             (10, '198.51.100.7', NULL, NULL),
             (11, '::', NULL, NULL)) AS q (n, client, host, ident)
ORDER BY n;
SELECT client, host, ident, (postern_decide('classic', client, host, ident)).*
FROM (VALUES (1, inet '127.0.0.1', NULL, NULL),
             (2, '192.0.2.7', NULL, 'bob'),
             (3, '192.0.2.7', NULL, 'bill'),
             (4, '2001:db8::1', 'mx.example.org', NULL),
             (5, '2001:db8::1', NULL, NULL)) AS q (n, client, host, ident)
ORDER BY n;

-- host and ident may be left out; a policy or a client that is NULL gives NULL
SELECT postern_allows('office', '192.0.2.1'), postern_allows('office', '192.0.2.1', ident => '');
SELECT postern_allows(NULL, '192.0.2.1'), postern_allows('office', NULL),
       postern_decide('office', NULL) IS NULL AS undecided;

-- variables: the later of two counts, and one that is not set is NULL
SELECT postern_env('office', '192.0.2.1', NULL, 'alice', 'ROLE') AS role,
       postern_env('office', '192.0.2.1', NULL, NULL, 'TAG') AS tag,
       postern_env('classic', '127.0.0.1', NULL, NULL, 'ROLE') AS later,
       postern_env('classic', '127.0.0.1', NULL, NULL, 'RELAYCLIENT') AS empty,
       postern_env('classic', '127.0.0.1', NULL, NULL, 'role') AS other,
       postern_env('classic', '127.0.0.1', NULL, NULL, NULL) AS unknown;
SELECT (postern_decide('office', '192.0.2.1')).env ->> 'TAG' AS tag;

-- each look-up on the way
SELECT * FROM postern_trace('office', '192.0.2.1', 'mx.example.org', 'bob');
SELECT * FROM postern_trace('classic', '192.0.2.7', NULL, 'bill');
SELECT count(*) FROM postern_trace('office', NULL);

-- texts that are longer than any name
SELECT postern_allows('office', '198.51.100.8', repeat('x', 5000) || '.example.org', repeat('y', 5000)),
       (postern_decide('classic', '127.0.0.1', repeat('x.', 5000), repeat('y', 5000))).rule;

-- what a planner may assume, and who may install it
SELECT proname, provolatile, proparallel, proisstrict, proleakproof
FROM pg_proc WHERE proname LIKE 'postern%' ORDER BY proname;
SELECT superuser, trusted, relocatable FROM pg_available_extension_versions WHERE name = 'postern';
