# var/env: the generated secrets and the places of this installation, readable by its owner only.
# shellcheck shell=bash

secret() { head -c "$1" /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }

# kept NAME BYTES: the value var/env already has, or a new random one.
kept() {
    local value
    value=$(sed -n "s/^$1=//p" "$ENV_FILE" 2>/dev/null || true)
    printf '%s=%s\n' "$1" "${value:-$(secret "$2")}"
}

# move_signing_key: until this version the log's signing key lay beside the epochs. The key goes last, so that none is made meanwhile.
move_signing_key() {
    local name
    for name in audit-last-checkpoint audit-origin audit-ed25519.key; do
        [ -e "$VAR/kek/$name" ] || continue
        [ ! -e "$VAR/audit/$name" ] || cmp -s "$VAR/kek/$name" "$VAR/audit/$name" ||
            die "two different $name: one in var/kek and one in var/audit; keep the one audit_verify accepts in var/audit"
        mv "$VAR/kek/$name" "$VAR/audit/$name"
    done
}

# write_env: rewrites var/env only when something differs, so that a moved repository finds its own paths.
write_env() {
    local text role
    mkdir -p "$VAR/kek" "$VAR/audit"
    chmod 700 "$VAR/kek" "$VAR/audit"
    move_signing_key
    text=$(
        kept MARAUDES_SECRET_KEY 48
        echo "MARAUDES_PG_HOST=$RUN_DIR"
        echo "MARAUDES_PG_PORT=5432"
        for role in OWNER WEB WORKER AUDIT KEYS; do kept "MARAUDES_DB_PASSWORD_$role" 24; done
        echo "MARAUDES_KEK_DIR=$VAR/kek"
        echo "MARAUDES_AUDIT_KEY_DIR=$VAR/audit"
        echo "MARAUDES_REDIS_URL=unix://$REDIS_SOCKET"
    )
    [ "$text" = "$(cat "$ENV_FILE" 2>/dev/null || true)" ] && return 0
    (umask 077 && printf '%s\n' "$text" >"$ENV_FILE.new" && mv "$ENV_FILE.new" "$ENV_FILE")
}
