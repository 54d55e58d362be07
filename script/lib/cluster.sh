# The private PostgreSQL cluster and the private Redis: Unix sockets only, started and stopped by us alone.
#
# PostgreSQL refuses to run as root: there its processes belong to the system user postgres, who cannot enter a
# closed home folder; then data and sockets live under /var/lib and var/pg and var/run are links to them.
# A Unix socket path holds at most 107 bytes: a deeper repository gets a short temporary folder for its sockets.
# shellcheck shell=bash

STARTED_PG="" STARTED_REDIS=""

as_pg() {
    if is_root; then (cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"); else "$@"; fi
}
sql() { as_pg "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$RUN_DIR" -p 5432 -U postgres "$@"; }

# own_folder LINK TARGET: makes TARGET, and LINK pointing to it.
own_folder() { mkdir -p "$2" && ln -sfn "$2" "$1"; }

# place_folders: decides where data and sockets are; sets PG_DATA, RUN_DIR and REDIS_SOCKET.
place_folders() {
    if [ ! -e "$VAR/pg" ] || [ ! -e "$VAR/run" ]; then
        local far longest="$VAR/run/.s.PGSQL.5432.lock"
        far="/var/lib/maraudes-$(printf '%s' "$VAR" | cksum | cut -d' ' -f1)"
        if is_root && ! as_pg test -x "$VAR"; then
            own_folder "$VAR/pg" "$far/pg" && own_folder "$VAR/run" "$far/run"
        elif [ ${#longest} -gt 100 ]; then
            mkdir -p "$VAR/pg"
            rm -f "$VAR/run"
            ln -s "$(mktemp -d "${TMPDIR:-/tmp}/maraudes.XXXXXX")" "$VAR/run"
        fi
        mkdir -p "$VAR/pg" "$VAR/run"
    fi
    PG_DATA=$(cd "$VAR/pg" && pwd -P)
    RUN_DIR=$(cd "$VAR/run" && pwd -P)
    REDIS_SOCKET="$RUN_DIR/redis.sock"
    if is_root; then chown postgres:postgres "$PG_DATA" "$RUN_DIR"; fi
    chmod 700 "$PG_DATA" "$RUN_DIR"
}

cluster_settings() {
    cat <<CONF
listen_addresses = ''
unix_socket_directories = '$RUN_DIR'
unix_socket_permissions = 0700
port = 5432
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 60
password_encryption = 'scram-sha-256'
shared_preload_libraries = 'postgis-3'
max_logical_replication_workers = 0 # nobody subscribes, and a process would wait for it
# No row, parameter or statement reaches the log: only starts, stops and fatal ends do.
log_statement = 'none'
log_min_messages = 'log'
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_lock_waits = off
log_autovacuum_min_duration = -1
log_temp_files = -1
log_checkpoints = off
log_connections = off
CONF
    # From 18 on, three processes wait to read ahead for queries that read far more than a house has.
    [ "$PG_MAJOR" -lt 18 ] || echo "io_method = 'sync'"
}

init_cluster() {
    [ -f "$PG_DATA/PG_VERSION" ] && return 0
    say "making the private PostgreSQL $PG_MAJOR cluster"
    rm -f "$STAMPS"/cluster "$STAMPS"/roles "$STAMPS"/migrate "$STAMPS"/demo
    as_pg "$PG_BIN/initdb" -D "$PG_DATA" -U postgres --encoding=UTF8 --locale=C --locale-provider=icu --icu-locale=fr \
        --auth=reject >"$VAR/log/initdb.log" 2>&1 9>&- || { tail -5 "$VAR/log/initdb.log" >&2; die "initdb failed; see var/log/initdb.log"; }
}

# configure_cluster SETTINGS: who may connect (only over the socket; the superuser only by being the system user) and how.
configure_cluster() {
    local me=postgres
    is_root || me=$(id -un)
    printf 'local all postgres peer map=cluster\nlocal all all scram-sha-256\n' | as_pg tee "$PG_DATA/pg_hba.conf" >/dev/null
    printf 'cluster %s postgres\n' "$me" | as_pg tee "$PG_DATA/pg_ident.conf" >/dev/null
    as_pg grep -qs '^include .maraudes.conf' "$PG_DATA/postgresql.conf" ||
        echo "include 'maraudes.conf'" | as_pg tee -a "$PG_DATA/postgresql.conf" >/dev/null
    printf '%s\n' "$1" | as_pg tee "$PG_DATA/maraudes.conf" >/dev/null
}

pg_up() { "$PG_BIN/pg_isready" -q -t 2 -h "$RUN_DIR" -p 5432; }

start_pg() {
    local wanted current
    init_cluster
    wanted=$(cluster_settings)
    current=$(cat "$PG_DATA/maraudes.conf" 2>/dev/null || true)
    if [ "$wanted" != "$current" ]; then
        configure_cluster "$wanted"
        if pg_up; then say "PostgreSQL settings changed, restarting it"; stop_pg; fi
    fi
    pg_up && return 0
    forget_dead_server
    say "starting PostgreSQL $PG_MAJOR on a private socket"
    as_pg "$PG_BIN/pg_ctl" -D "$PG_DATA" -w -t 60 start >>"$VAR/log/postgresql.log" 2>&1 9>&- ||
        { tail -5 "$VAR/log/postgresql.log" >&2; die "PostgreSQL did not start; see var/log/postgresql.log"; }
    STARTED_PG=1
}

# forget_dead_server: a killed server that its parent has not collected yet (Linux: state Z) still owns its lock files, and in a
# container without an init for ever. They go only when the process is dead and nobody works in the data folder.
forget_dead_server() {
    local pid tries=0
    pid=$(head -1 "$PG_DATA/postmaster.pid" 2>/dev/null || true)
    [ -n "$pid" ] && grep -qs '^State:.Z' "/proc/$pid/status" || return 0
    # shellcheck disable=SC2010 # not the names but where the links lead
    while ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -q -- "-> $PG_DATA\$"; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || die "processes of a killed PostgreSQL still work in var/pg"
        sleep 0.1
    done
    rm -f "$PG_DATA/postmaster.pid" "$RUN_DIR/.s.PGSQL.5432.lock"
}
stop_pg() { as_pg "$PG_BIN/pg_ctl" -D "$PG_DATA" -m fast -w -t 60 stop >/dev/null 2>&1; }

redis_up() { [ -S "$REDIS_SOCKET" ] && [ "$(redis-cli -s "$REDIS_SOCKET" ping 2>/dev/null)" = PONG ]; }

# Debian's redis-tools ships the server under the name of its checker; it looks at the name it is called by.
redis_server() {
    if have redis-server; then redis-server "$@"; else (exec -a redis-server redis-check-rdb "$@"); fi
}
start_redis() {
    redis_up && return 0
    say "starting Redis on a private socket"
    redis_server --port 0 --unixsocket "$REDIS_SOCKET" --unixsocketperm 700 --daemonize yes --dir "$VAR/run/" \
        --save '' --appendonly no --maxmemory 64mb --maxmemory-policy noeviction --slowlog-log-slower-than -1 \
        --logfile "$VAR/log/redis.log" --pidfile "$RUN_DIR/redis.pid" >/dev/null 9>&-
    local tries=0
    until redis_up; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || die "Redis did not start; see var/log/redis.log"
        sleep 0.05
    done
    STARTED_REDIS=1
}
stop_redis() { redis-cli -s "$REDIS_SOCKET" shutdown nosave >/dev/null 2>&1; }

# stop_what_we_started: leaves alone a cluster that was already running.
stop_what_we_started() {
    if [ -n "$STARTED_REDIS" ]; then stop_redis; fi
    if [ -n "$STARTED_PG" ]; then stop_pg; fi
    STARTED_PG="" STARTED_REDIS=""
}

# forget_statistics: takes out of the catalogue what ANALYZE copied before the migrations forbade it (privacy/db/statistics.py), and
# the dead rows it stood in. Only the superuser may. A database that is not there yet has nothing to forget.
forget_statistics() {
    local database
    for database in maraudes maraudes_keys; do
        sql -d "$database" -c "DELETE FROM pg_statistic WHERE starelid IN (
            SELECT a.attrelid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = 'public'::regnamespace AND a.attnum = staattnum AND a.attstattarget = 0)" \
            -c "VACUUM FULL pg_statistic" >/dev/null 2>&1 || say "statistics of $database were not emptied"
    done
}

# drop_databases: everything the demo holds; the keys of its records go too, and what the log promised about it.
drop_databases() {
    sql -d template1 -c 'DROP DATABASE IF EXISTS maraudes WITH (FORCE)' -c 'DROP DATABASE IF EXISTS maraudes_keys WITH (FORCE)' >/dev/null 2>&1
    rm -f "$VAR"/kek/* "$VAR"/audit/* "$STAMPS/roles" "$STAMPS/migrate"
}

# make_roles: roles are cluster-wide and belong to the installation, so they are made here, not in migrations.
make_roles() {
    local wanted
    wanted=$(digest "$ENV_FILE" "$ROOT/script/lib/roles.sql")
    fresh roles "$wanted" && return 0
    say "making database roles and databases"
    { sed -n 's/^MARAUDES_DB_PASSWORD_\([A-Z]*\)=\(.*\)/\\set password_\1 \2/p' "$ENV_FILE"; cat "$ROOT/script/lib/roles.sql"; } |
        sql -d template1 >/dev/null
    stamp roles "$wanted"
}
