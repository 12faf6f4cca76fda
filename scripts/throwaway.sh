#!/usr/bin/env bash
# Run a command with a PostgreSQL and a Redis that exist only for it:
#     scripts/throwaway.sh .venv/bin/python -m pytest
# A DATABASE_URL or REDIS_URL that is already set is used as it is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/system.sh"
[ $# -gt 0 ] || { say "usage: scripts/throwaway.sh COMMAND [ARGUMENTS]"; exit 2; }

[ -n "${DATABASE_URL:-}" ] || need_postgres
[ -n "${REDIS_URL:-}" ] || need_redis
python=$(find_python)
[ -n "$python" ] || { say "Python 3.11 or newer is missing."; exit 1; }

folder=$(mktemp -d "${TMPDIR:-/tmp}/portal-throwaway-XXXXXX")
chmod 711 "$folder"
redis_pid=
database_started=

# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

clear_away() {
    trap - EXIT INT TERM HUP
    [ -z "$redis_pid" ] || kill "$redis_pid" 2>/dev/null || true
    [ -z "$database_started" ] ||
        as_postgres "$bin/pg_ctl" -D "$folder/postgres/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap clear_away EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

free_port() {
    "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

if [ -z "${DATABASE_URL:-}" ]; then
    bin=$(postgres_bin)
    mkdir "$folder/postgres"
    [ "$(id -u)" -ne 0 ] || chown postgres "$folder/postgres"
    cd "$folder/postgres"
    as_postgres "$bin/initdb" -D "$folder/postgres/data" -U portal -A trust -E UTF8 --no-sync \
        --locale=C.UTF-8 --locale-provider=icu --icu-locale=zh-Hans-CN >"$folder/initdb.log" 2>&1 ||
        { cat "$folder/initdb.log" >&2; exit 1; }
    for attempt in 1 2 3; do # a port can be taken between the choice and the start
        port=$(free_port)
        options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
        if as_postgres "$bin/pg_ctl" -D "$folder/postgres/data" -l "$folder/postgres/log" \
            -o "$options" -w -t 60 start >/dev/null 2>&1; then
            database_started=1
            break
        fi
    done
    [ -n "$database_started" ] || { cat "$folder/postgres/log" >&2; exit 1; }
    as_postgres "$bin/createdb" -h 127.0.0.1 -p "$port" -U portal portal
    export DATABASE_URL="postgresql://portal@127.0.0.1:$port/portal"
    cd "$OLDPWD"
fi

if [ -z "${REDIS_URL:-}" ]; then
    for attempt in 1 2 3; do
        port=$(free_port)
        redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" \
            >"$folder/redis.log" 2>&1 &
        redis_pid=$!
        for tick in $(seq 100); do
            [ "$(redis-cli -p "$port" ping 2>/dev/null)" != PONG ] || break 2
            kill -0 "$redis_pid" 2>/dev/null || break
            sleep 0.05
        done
        redis_pid=
    done
    [ -n "$redis_pid" ] || { cat "$folder/redis.log" >&2; exit 1; }
    export REDIS_URL="redis://127.0.0.1:$port/0"
fi

"$@"
