# Every image starts from the same small Debian; nothing here needs another registry, a network at run time, or root.
# Targets: app (web, worker, beat, purge, migrate), db, broker, gate.
FROM debian:bookworm-slim AS base
RUN groupadd --gid 10001 maraudes && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin maraudes
SHELL ["/bin/bash", "-o", "pipefail", "-c"]

FROM base AS broker
# hadolint ignore=DL3008
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-tools && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0700 /run/broker
USER 10001:10001
CMD ["bash", "-c", "exec -a redis-server redis-check-rdb --port 0 --unixsocket /run/broker/redis.sock --unixsocketperm 700 --save '' --appendonly no --maxmemory 64mb --maxmemory-policy noeviction --slowlog-log-slower-than -1 --dir /tmp"]

# A pipe and nothing more: it carries bytes from the published port to the web's socket, reads none and keeps none.
FROM base AS gate
# hadolint ignore=DL3008
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0700 /run/web
COPY script/container/gate.cfg /gate.cfg
USER 10001:10001
EXPOSE 8000
CMD ["haproxy", "-db", "-f", "/gate.cfg"]

FROM base AS db
# hadolint ignore=DL3008
RUN install -d /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold postgresql-15 postgresql-15-postgis-3 && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 -m 0700 /data /data/pg /data/run
COPY script /app/script
ENV MARAUDES_VAR=/data
USER 10001:10001
STOPSIGNAL SIGINT
CMD ["/app/script/container/db"]

FROM base AS runtime
# hadolint ignore=DL3008
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends \
        libgdal32 libgeos-c1v5 python3 && rm -rf /var/lib/apt/lists/*

FROM runtime AS build
# hadolint ignore=DL3008
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends \
        ca-certificates gettext nodejs npm python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN python3 -m venv /venv && /venv/bin/pip install -q --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.txt
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
COPY . .
RUN find . -name '*.po' -not -path './node_modules/*' -exec sh -c 'msgfmt --check-format -o "${1%.po}.mo" "$1"' _ {} \;
# Nothing secret is needed to collect files; the values below live only in this step.
RUN MARAUDES_SECRET_KEY=build MARAUDES_PG_HOST=/none MARAUDES_KEK_DIR=/tmp MARAUDES_REDIS_URL=unix:///none \
        MARAUDES_STATIC_ROOT=/static DJANGO_SETTINGS_MODULE=config.settings.production \
        /venv/bin/python -c 'import django; django.setup(); from django.core.management import call_command; call_command("collectstatic", "--noinput", "-v0", skip_checks=True)' \
    && rm -rf tests tension demo script node_modules/.package-lock.json

FROM runtime AS app
RUN install -d -o 10001 -g 10001 -m 0700 /data /data/kek /data/audit /run/db /run/broker /run/web
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    MARAUDES_STATIC_ROOT=/static MARAUDES_KEK_DIR=/data/kek MARAUDES_PG_HOST=/run/db \
    MARAUDES_REDIS_URL=unix:///run/broker/redis.sock
USER 10001:10001
CMD ["gunicorn", "config.wsgi", "--config", "python:config.gunicorn", "--bind", "unix:/run/web/web.sock"]
