-- Each error by its SQLSTATE. The folder has besides: damaged, short, text, newer, a folder named
-- folder, a pipe, links within and without, and closed, which the server may not read.
\set VERBOSITY sqlstate
CREATE TABLE policies (name text);
INSERT INTO policies VALUES ('absent'), ('folder/absent'), ('office/absent'), (''),
    ('/etc/passwd'), ('../outside'), ('folder/../../outside'), ('without'), ('absolute'), ('loop'),
    ('damaged'), ('short'), ('empty'), ('text'), ('folder'), ('.'), ('pipe'), ('newer'),
    (repeat('x', 300)), (repeat('x/', 5000)), (E'office\n'), ('within'), ('folder/../office'), ('./office');
CREATE FUNCTION state_of(call text, policy text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT %s(%L, ''192.0.2.1'')', call, policy);
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT left(name, 24) AS policy, state_of('postern_allows', name) AS allows,
       state_of('postern_decide', name) AS decide, state_of('postern_trace', name) AS trace
FROM policies;

-- a client is one address
SELECT postern_allows('office', '192.0.2.0/24');
SELECT postern_allows('office', '2001:db8::/127');
SELECT postern_allows('office', '192.0.2.1/32'), postern_allows('office', '2001:db8::1/128');
SELECT postern_env('office', '192.0.2.0/24', NULL, NULL, 'ROLE');
SELECT * FROM postern_trace('office', '192.0.2.0/24');

-- no folder, no answer; and none but a superuser names one
BEGIN;
SET LOCAL postern.policy_folder = '';
SELECT postern_allows('office', '192.0.2.1');
ROLLBACK;
SELECT postern_allows('office', '192.0.2.1');
SET postern.policy_folder = 'relative';
SET postern.policy_folder = '/nonexistent';
SELECT postern_allows('office', '192.0.2.1');
RESET postern.policy_folder;
CREATE ROLE ordinary;
SET ROLE ordinary;
SET postern.policy_folder = '/etc';
SET postern.cache_size = 0;
SHOW postern.policy_folder;
SELECT postern_allows('office', '192.0.2.1');
RESET ROLE;
DROP ROLE ordinary;

-- a table cannot be indexed by what a file decides
CREATE TABLE clients (client inet);
CREATE INDEX ON clients (postern_allows('office', client));
DROP TABLE clients;

-- an error within a transaction leaves the rest of it as it is
BEGIN;
SAVEPOINT before;
SELECT postern_allows('damaged', '192.0.2.1');
ROLLBACK TO before;
SELECT postern_allows('office', '192.0.2.1');
COMMIT;
