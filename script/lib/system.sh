# System packages: what is missing is installed on Debian and Ubuntu, and named exactly on any other system.
# shellcheck shell=bash

# The newest PostgreSQL that has both a server and PostGIS; sets PG_BIN and PG_MAJOR, or fails.
find_postgres() {
    local wanted="" dir
    PG_BIN="" PG_MAJOR=""
    [ -f "$VAR/pg/PG_VERSION" ] && wanted=$(cat "$VAR/pg/PG_VERSION")
    # shellcheck disable=SC2012 # versions are to be sorted, which a glob cannot
    for dir in $(ls -d /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin 2>/dev/null | sort -V -r); do
        [ -x "$dir/initdb" ] || continue
        PG_MAJOR=$("$dir/postgres" --version | sed -E 's/.* ([0-9]+).*/\1/')
        [ -z "$wanted" ] || [ "$wanted" = "$PG_MAJOR" ] || continue
        case "$dir" in
            /usr/lib/*) [ -f "/usr/share/postgresql/$PG_MAJOR/extension/postgis.control" ] || continue ;;
        esac
        PG_BIN="$dir"
        return 0
    done
    return 1
}

# The newest installed server, with or without PostGIS: the package to add must match it.
server_without_postgis() { { ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null || true; } | sort -V | tail -1 | cut -d/ -f5; }

python_ok() { have "$1" && "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
find_python() {
    local candidate
    for candidate in "${MARAUDES_PYTHON:-python3}" /usr/bin/python3; do
        if python_ok "$candidate"; then SYSTEM_PYTHON="$candidate"; return 0; fi
    done
    return 1
}

any_file() { local file; for file in "$@"; do [ ! -e "$file" ] || return 0; done; return 1; }
has_gdal() { any_file /usr/lib/*/libgdal.so.* /usr/lib/libgdal.so* /opt/homebrew/lib/libgdal.* /usr/local/lib/libgdal.*; }
has_geos() { any_file /usr/lib/*/libgeos_c.so.* /usr/lib/libgeos_c.so* /opt/homebrew/lib/libgeos_c.* /usr/local/lib/libgeos_c.*; }
node_ok() { have npm && have node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]; }

# missing_packages browser|no-browser: the Debian packages this machine lacks, one a line.
missing_packages() {
    local major
    if ! find_postgres; then
        major=$(server_without_postgis)
        if [ -n "$major" ]; then echo "postgresql-$major-postgis-3"; else printf '%s\n' postgresql postgresql-postgis; fi
    fi
    have redis-server || have redis-check-rdb || echo redis-tools
    has_gdal || find_postgres || echo postgresql-postgis
    has_geos || find_postgres || echo postgresql-postgis
    find_python || printf '%s\n' python3 python3-venv
    have msgfmt || echo gettext
    have git || echo git
    node_ok || printf '%s\n' nodejs npm
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname)" = Darwin ] || echo ca-certificates
    [ "$1" != browser ] || have chromium || printf '%s\n' chromium fonts-dejavu-core
}

as_admin() {
    if is_root; then "$@"; elif have sudo; then sudo "$@"; else die "root rights are needed for: $*"; fi
}

# A package installation of ours must not start a second, listening database on the machine.
no_system_cluster() {
    local file=/etc/postgresql-common/createcluster.conf
    grep -qs '^create_main_cluster *= *false' "$file" && return 0
    as_admin mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | as_admin tee -a "$file" >/dev/null
}

# install_system browser|no-browser: leaves with everything in place, or says what to install and stops.
install_system() {
    local packages
    packages=$(missing_packages "$1" | sort -u | tr '\n' ' ')
    if [ -n "$packages" ]; then
        if ! have apt-get; then
            say "this system is not Debian or Ubuntu; install these yourself, then start again:"
            say "  PostgreSQL 15 or newer with PostGIS 3, Redis 7, GDAL 3.6+, GEOS 3.11+, Python 3.11+ with venv,"
            say "  Node.js 18+ with npm, gettext, git$([ "$1" = browser ] && echo ', Chromium')"
            say "  on macOS: brew install postgresql@17 postgis redis gdal python@3.13 node gettext"
            die "missing here (Debian names): $packages"
        fi
        say "installing Debian packages: $packages"
        no_system_cluster
        as_admin env DEBIAN_FRONTEND=noninteractive apt-get update -qq 9>&-
        # shellcheck disable=SC2086
        as_admin env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install -y -qq --no-install-recommends \
            -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef -o Dpkg::Use-Pty=0 \
            $packages >"$VAR/log/apt.log" 2>&1 9>&- || { tail -20 "$VAR/log/apt.log" >&2; die "apt-get failed; see var/log/apt.log"; }
    fi
    find_postgres || die "PostgreSQL with PostGIS is not where Debian and Homebrew put it; see docs/ or use docker compose"
    find_python || die "Python 3.11 or newer with venv is needed (set MARAUDES_PYTHON to its path)"
}
