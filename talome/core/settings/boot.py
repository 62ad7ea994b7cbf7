"""Boot settings: read once from the environment, frozen. This is the only module that looks at the environment."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadEnvironment(Exception):
    """A variable cannot be understood; the message names it."""


@dataclass(frozen=True, slots=True)
class BootSettings:
    """What must be known before the database is open. Defaults are those of a home box."""

    home: Path
    port: int = 4000
    terminal_port: int = 4001
    bind: str = "0.0.0.0"  # noqa: S104 - a LAN box must be reached; TALOME_BIND narrows it
    secret: str | None = None
    docker_host: str = "unix:///var/run/docker.sock"
    domains: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "info"
    start_terminal: bool = False

    @property
    def database(self) -> Path:
        return self.home / "talome.db"

    @property
    def metrics_database(self) -> Path:
        return self.home / "metrics.db"

    @property
    def setup_code_file(self) -> Path:
        return self.home / "setup-code"


def read_boot_settings(environment: Mapping[str, str] | None = None) -> BootSettings:
    """From `TALOME_HOME`, `CORE_PORT`, `TERMINAL_DAEMON_PORT`, `TALOME_BIND`, `TALOME_SECRET`, `DOCKER_HOST`,
    `TALOME_DOMAINS`, `TALOME_TRUSTED_PROXIES` (both lists with commas), `TALOME_LOG_LEVEL` and
    `TALOME_START_TERMINAL` (0: the terminal process is started by others)."""
    env = os.environ if environment is None else environment
    return BootSettings(
        home=Path(env.get("TALOME_HOME") or _default_home(env)).absolute(),
        port=_port(env, "CORE_PORT", 4000),
        terminal_port=_port(env, "TERMINAL_DAEMON_PORT", 4001),
        bind=env.get("TALOME_BIND") or "0.0.0.0",  # noqa: S104 - see above
        secret=env.get("TALOME_SECRET") or None,
        docker_host=env.get("DOCKER_HOST") or "unix:///var/run/docker.sock",
        domains=_list(env, "TALOME_DOMAINS"),
        trusted_proxies=_list(env, "TALOME_TRUSTED_PROXIES"),
        log_level=_log_level(env),
        start_terminal=env.get("TALOME_START_TERMINAL", "1") not in ("0", "no", "false"),
    )


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What the command line needs to reach a running server. `login_file` keeps what `talome login` obtained."""

    url: str | None
    token: str | None
    login_file: Path


def read_client_settings(environment: Mapping[str, str] | None = None) -> ClientSettings:
    """From `TALOME_URL`, `TALOME_TOKEN` and `XDG_CONFIG_HOME`."""
    env = os.environ if environment is None else environment
    folder = Path(env.get("XDG_CONFIG_HOME") or Path(env.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir) / ".config")
    return ClientSettings(
        env.get("TALOME_URL") or None, env.get("TALOME_TOKEN") or None, folder / "talome" / "login.json"
    )


def _default_home(env: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/talome")
    data = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME", "/")) / ".local" / "share")
    return Path(data) / "talome"


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise BadEnvironment(f"{name} must be a port from 1 to 65535, not “{text}”.")
    return int(text)


def _list(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in env.get(name, "").split(",") if item.strip())


def _log_level(env: Mapping[str, str]) -> str:
    level = (env.get("TALOME_LOG_LEVEL") or "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        raise BadEnvironment(f"TALOME_LOG_LEVEL must be debug, info, warning or error, not “{level}”.")
    return level
