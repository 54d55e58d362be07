# Paths, messages, stamps and the lock that every script shares. Sourced, never run.
#
# The rule of this room: nothing is written outside the repository's var/ folder, except Debian packages and,
# for root under a closed home, one data folder whose place `var/pg` records.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
VAR="${MARAUDES_VAR:-$ROOT/var}"
VENV="${MARAUDES_VENV:-$VAR/venv}"
PYTHON="$VENV/bin/python"
STAMPS="$VAR/stamps"
ENV_FILE="$VAR/env"
export DJANGO_SETTINGS_MODULE="${DJANGO_SETTINGS_MODULE:-config.settings.dev}"

ulimit -S -c 0 # no core file of PostgreSQL or Redis either: it would hold what was being written

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# digest FILE…: one hash for names and contents of files; a missing file counts as an empty one.
digest() {
    { printf '%s\n' "$@"; cat /dev/null "$@" 2>/dev/null || true; } | { if have sha256sum; then sha256sum; else shasum -a 256; fi; } | cut -c1-40
}

# fresh NAME VALUE: true when the step NAME was last done for VALUE.
fresh() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s' "$2" >"$STAMPS/$1"; }

# take_lock: one setup at a time; the descriptor 9 is closed for every daemon (9>&-). macOS has no flock.
take_lock() {
    mkdir -p "$VAR" "$STAMPS" "$VAR/log"
    exec 9>"$VAR/lock"
    have flock || return 0
    flock -n 9 || { say "another script/setup is at work, waiting for it"; flock -w 600 9 || die "the lock var/lock is still held after ten minutes"; }
}
release_lock() { exec 9>&-; }

# manage COMMAND…: manage.py chooses the database role of each command itself, whatever the caller had set.
manage() { (cd "$ROOT" && env -u MARAUDES_DB_ROLE "$PYTHON" manage.py "$@" 9>&-); }
