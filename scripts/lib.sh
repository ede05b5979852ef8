# shellcheck shell=bash
# What the scripts share. Sourced, not run; each script has set `set -euo pipefail` and stands in the repository's root.

# Everything under scripts/ that is meant for people goes to standard error; standard output is for results.
say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

have() { command -v "$1" >/dev/null 2>&1; }

# Where cargo puts what it builds, as an absolute path.
target_dir() {
    local dir=${CARGO_TARGET_DIR:-target}
    case $dir in
        /*) printf '%s\n' "$dir" ;;
        *) printf '%s\n' "$PWD/$dir" ;;
    esac
}

# 32 hexadecimal digits of randomness.
random_hex() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Whether something accepts connections on 127.0.0.1:$1.
port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port on which nothing listens now. Another program may take it before we do, so callers try again.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000)) # below the range that the kernel hands out to outgoing connections
        port_answers "$port" || break
    done
    printf '%s\n' "$port"
}

# Asks process $1 to end and waits up to $2 seconds (10), then makes it.
end_process() {
    local id=$1 tenths=$((${2:-10} * 10))
    kill -TERM "$id" 2>/dev/null || return 0
    while kill -0 "$id" 2>/dev/null; do
        if ((tenths-- <= 0)); then
            kill -KILL "$id" 2>/dev/null || true
            break
        fi
        sleep 0.1
    done
    wait "$id" 2>/dev/null || true
}

# Forgets the caller's settings of Muster, but those that are named.
forget_settings_but() {
    local name
    for name in ${!MUSTER_@}; do
        case " $* " in *" $name "*) ;; *) unset "$name" ;; esac
    done
}

# Starts `muster serve` (the program at $1) on a free port with its data in the directory $2, and waits until it is ready.
# Sets server_pid and server_url. User-supplied URLs may lead to the private addresses in server_reaches. Nothing of the
# caller's settings leaks in but the keys of model providers.
start_server() {
    local program=$1 directory=$2 log=$2/server.log tenths=600
    mkdir -p "$directory/data"
    (
        cd "$directory" || exit # so that no muster.toml of the working directory is read
        forget_settings_but MUSTER_API_KEY MUSTER_ADMIN_PASSWORD
        MUSTER_LISTEN=127.0.0.1:0 MUSTER_DATA=$directory/data MUSTER_ALLOW_PRIVATE_URLS=${server_reaches:-off} \
            exec "$program" serve >"$log" 2>"$directory/server.err"
    ) &
    server_pid=$!
    server_url=
    while [ -z "$server_url" ]; do
        if ! kill -0 "$server_pid" 2>/dev/null || ((tenths-- <= 0)); then
            tail -n 40 "$log" "$directory/server.err" >&2 || true
            end_process "$server_pid"
            die "the server did not get ready; its output is above"
        fi
        sleep 0.1
        server_url=$(sed -n 's/^muster ready on \(http[^ ]*\)$/\1/p' "$log")
    done
}
