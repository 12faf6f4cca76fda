# Sourced by the scripts: what must lie on the machine itself, and how it gets there.

say() { printf '%s\n' "$*" >&2; }

# need "what for" PACKAGES... : install them where we may, else say exactly what to type.
need() {
    local what=$1
    shift
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        say "$what is missing. Install it and run the command again, on Debian and its relatives:"
        say "    sudo apt-get update && sudo apt-get install --no-install-recommends $*"
        exit 1
    fi
    say "$what is missing: installing $*"
    export DEBIAN_FRONTEND=noninteractive
    if [ -z "${APT_UPDATED:-}" ]; then
        apt-get update -qq >&2 || say "apt-get update failed; trying with the lists at hand"
        export APT_UPDATED=1
    fi
    apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null || {
        say "apt-get could not install $*; see its message above."
        exit 1
    }
}

need_redis() { command -v redis-server >/dev/null || need "Redis" redis-server; }

# The newest server's folder of programs; PostgreSQL keeps initdb off the PATH.
postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | while read -r folder; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && echo "$folder"
done | tail -n 1; }

need_postgres() {
    [ -n "$(postgres_bin)" ] && return
    need "PostgreSQL" postgresql
    [ -n "$(postgres_bin)" ] || { say "No PostgreSQL server under /usr/lib/postgresql."; exit 1; }
}

need_chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || need "Chromium" chromium
    # Without a Chinese face every character is the same box, and pictures prove nothing.
    fc-list 2>/dev/null | grep -qi "cjk" || need "A Chinese font" fontconfig fonts-noto-cjk
}

need_gettext() { command -v xgettext >/dev/null || need "GNU gettext" gettext; }

# The interpreter: PYTHON, else the first python3 that is new enough.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
}
