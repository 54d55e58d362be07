-- Roles, databases and who may connect to what. Run by the superuser over the private socket; safe to repeat.
-- The passwords arrive as psql variables on standard input, never as arguments of a process.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS postgis;

SELECT format('CREATE ROLE %I LOGIN', name)
  FROM unnest(ARRAY['maraudes_owner', 'maraudes_web', 'maraudes_worker', 'maraudes_audit', 'maraudes_keys']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- The owner migrates and makes test databases; nobody bypasses row security.
ALTER ROLE maraudes_owner NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password_OWNER';
ALTER ROLE maraudes_web NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password_WEB';
ALTER ROLE maraudes_worker NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password_WORKER';
ALTER ROLE maraudes_audit NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password_AUDIT';
ALTER ROLE maraudes_keys NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password_KEYS';

-- Row security binds the owner too; the service's own functions say that they do the owner's work (privacy/db/forcing.py).
GRANT SET ON PARAMETER app.owner_work TO maraudes_owner;

-- A request that hangs does not hold rows for ever.
ALTER ROLE maraudes_web SET statement_timeout = '30s';
ALTER ROLE maraudes_web SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE maraudes_audit SET statement_timeout = '30s';

SELECT 'CREATE DATABASE maraudes OWNER maraudes_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'maraudes') \gexec
SELECT 'CREATE DATABASE maraudes_keys OWNER maraudes_owner TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'maraudes_keys') \gexec

REVOKE ALL ON DATABASE maraudes, maraudes_keys, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE maraudes TO maraudes_web, maraudes_worker, maraudes_audit;
GRANT CONNECT ON DATABASE maraudes_keys TO maraudes_keys;
GRANT CONNECT ON DATABASE postgres TO maraudes_owner;

-- Versions before had a role for releases, which nothing used.
SELECT format('%s maraudes_release', statement)
  FROM unnest(ARRAY['REVOKE ALL ON DATABASE maraudes FROM', 'DROP ROLE']) AS statement
 WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'maraudes_release') \gexec
