# Python and JavaScript libraries, migrations, messages: each step is skipped while its inputs are unchanged.
# shellcheck shell=bash

# make_venv: var/venv is ours, made anew as often as needed. One that MARAUDES_VENV names is somebody's: used as it is, never emptied.
make_venv() {
    if [ "$VENV" = "$VAR/venv" ]; then rm -rf "$VENV"; else [ ! -x "$PYTHON" ] || return 0; fi
    [ ! -e "$VENV" ] || die "MARAUDES_VENV names a folder without bin/python: give it a venv, or a folder that does not exist yet"
    "$SYSTEM_PYTHON" -m venv "$VENV" 9>&-
}

install_python() {
    local lock="$ROOT/requirements/dev.txt" wanted
    wanted="$("$SYSTEM_PYTHON" -c 'import sys; print(sys.version)' | tr -d '\n')-$VENV-$(digest "$lock")"
    fresh python "$wanted" && [ -x "$PYTHON" ] && return 0
    say "installing Python libraries (locked by hash)"
    if ! [ -x "$PYTHON" ] || ! fresh python-home "$SYSTEM_PYTHON-$VENV"; then make_venv; fi
    "$PYTHON" -m pip install -q --disable-pip-version-check --no-input --require-hashes -r "$lock" 9>&- 2>"$VAR/log/pip.log" ||
        { grep -i error "$VAR/log/pip.log" >&2; die "pip could not install requirements/dev.txt; see var/log/pip.log"; }
    stamp python-home "$SYSTEM_PYTHON-$VENV"
    stamp python "$wanted"
}

install_node() {
    local wanted
    wanted=$(digest "$ROOT/package.json" "$ROOT/package-lock.json")
    fresh node "$wanted" && [ -d "$ROOT/node_modules" ] && return 0
    say "installing JavaScript libraries (locked by hash)"
    (cd "$ROOT" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error 9>&-) || die "npm ci failed"
    stamp node "$wanted"
}

# sources PATTERN: the files of our apps whose path matches, in a stable order.
sources() { { find privacy outreach maps tension demo config locale -path "$1" 2>/dev/null || true; } | LC_ALL=C sort; }

migrate() {
    local wanted
    # shellcheck disable=SC2046
    wanted=$(cd "$ROOT" && digest $(sources '*/migrations/*.py') requirements/base.txt config/settings/base.py)
    fresh migrate "$wanted" && return 0
    say "migrating both databases"
    { manage migrate --verbosity 0 && manage migrate --database keystore --verbosity 0; } 2>"$VAR/log/migrate.log" ||
        { tail -3 "$VAR/log/migrate.log" >&2; die "the migrations did not finish; see var/log/migrate.log"; }
    forget_statistics
    stamp migrate "$wanted"
}

compile_messages() {
    local files wanted
    files=$(cd "$ROOT" && sources '*.po')
    # shellcheck disable=SC2086
    wanted=$(cd "$ROOT" && digest $files)
    fresh messages "$wanted" && return 0
    say "compiling the translations"
    local file
    for file in $files; do (cd "$ROOT" && msgfmt --check-format -o "${file%.po}.mo" "$file") || die "the translation $file is broken"; done
    stamp messages "$wanted"
}

# setup_all browser|no-browser: everything a server or a test run needs; leaves the cluster running.
setup_all() {
    take_lock
    install_system "$1"
    place_folders
    write_env
    start_pg
    start_redis
    make_roles
    install_python
    install_node
    compile_messages
    migrate
    release_lock
}
