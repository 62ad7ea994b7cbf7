"""`talome login` and `talome logout`: the token of this machine's user, in a file that only this user reads."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from talome.core.cli import prompts
from talome.core.cli.client import Request, Server
from talome.core.cli.exits import OK, UNREACHABLE, CommandFailed
from talome.core.cli.parser import Parser
from talome.core.cli.render import Output
from talome.core.settings.boot import ClientSettings, read_boot_settings

_CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Login:
    """What the file holds. `kind` is `session`, which signing out ends, or `key`, which goes on to live."""

    url: str
    token: str
    kind: str
    username: str


def read_login(path: Path) -> Login | None:
    """None where there is no usable file; a file that others can read is refused."""
    try:
        found = path.stat()
        if found.st_uid not in (0, os.geteuid()):
            raise CommandFailed(f"{path} belongs to somebody else; remove it and sign in again")
        if found.st_mode & 0o077:
            raise CommandFailed(f"{path} can be read by others; run: chmod 600 {path}")
        return Login(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_login(path: Path, login: Login) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        fresh.unlink()
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(login), file)
    fresh.replace(path)


def find_server(settings: ClientSettings, url: str | None) -> Server:
    """By `--url`, `TALOME_URL`, the last login, else this machine. A kept token goes only where it came from."""
    login = read_login(settings.login_file)
    chosen = url or settings.url or (login.url if login else None) or _own_url()
    token = settings.token
    if token is None and login is not None and _origin(login.url) == _origin(chosen):
        token = login.token
    return Server(chosen, token)


def login_command(arguments: Sequence[str], settings: ClientSettings, url: str | None, output: Output) -> int:
    """Sign in and keep the token."""
    parser = _parser("login", "Sign in to a Talome server and keep the token for later commands.")
    parser.add_argument("--url", default=url, help="the server, such as http://box.local:4000")
    parser.add_argument("--username", help="asked for when missing")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.add_argument("--token-stdin", action="store_true", help="keep an API key, read from standard input")
    given = parser.parse_args(arguments)
    kept = read_login(settings.login_file)
    server = Server(given.url or settings.url or (kept.url if kept else None) or _own_url())
    if given.token_stdin:
        login = _with_key(server, prompts.read_stdin("The API key"))
    else:
        login = _with_password(server, given.username, given.password_stdin, output)
    write_login(settings.login_file, login)
    output.result({"url": login.url, "username": login.username, "keptIn": str(settings.login_file)})
    return OK


def logout_command(arguments: Sequence[str], settings: ClientSettings, url: str | None, output: Output) -> int:
    """End the session and forget the token."""
    _parser("logout", "End the kept session and forget its token. An API key is only forgotten.").parse_args(arguments)
    login = read_login(settings.login_file)
    if login is None or (url is not None and _origin(url) != _origin(login.url)):
        raise CommandFailed("You are not signed in.")
    settings.login_file.unlink()
    if login.kind == "session":
        try:
            Server(login.url, login.token).ask(Request("POST", "/api/auth/logout", body={}))
        except CommandFailed as error:
            if error.code == UNREACHABLE:
                output.error(f"{error.message} The token is forgotten here; the session ends by itself.")
    output.result({"ok": True})
    return OK


def _with_key(server: Server, token: str) -> Login:
    who = Server(server.url, token).ask(Request("GET", "/api/auth/me"))
    return Login(server.url, token, "key", str(who.get("username", "")))


def _with_password(server: Server, username: str | None, from_stdin: bool, output: Output) -> Login:
    """On a fresh box this makes the first administrator, whose recovery codes are shown this once."""
    state = server.ask(Request("GET", "/api/setup"))
    name = username or prompts.read_line("Username")
    if from_stdin:
        password = prompts.read_stdin("The password")
    elif state["needsAdmin"]:
        output.error("This box has no administrator yet; you are about to become it.")
        password = prompts.read_new_password()
    else:
        password = prompts.read_secret("Password")
    body: dict[str, Any] = {"username": name, "password": password}
    if state["needsSetupCode"]:
        body["setupCode"] = prompts.read_secret("Setup code (the installer and the log show it)")
    answer = _signed_in(server, body, from_stdin)
    if answer.get("recoveryCodes"):
        output.error("Keep these recovery codes on paper; each sets a new password once:")
        for code in answer["recoveryCodes"]:
            output.error(f"  {code}")
    return Login(server.url, answer["token"], "session", str(answer["user"]["username"]))


def _signed_in(server: Server, body: dict[str, Any], from_stdin: bool) -> Any:
    """The answer to a sign-in. Whoever has a second factor gives a code; a terminal cannot use a passkey."""
    try:
        return server.ask(Request("POST", "/api/auth/login", body=body))
    except CommandFailed as error:
        if error.body.get("code") != "second_factor_needed":
            raise
        ticket, takes_codes = error.body["ticket"], "totp" in error.body["methods"]
    label = "Code of your authenticator app, or a recovery code" if takes_codes else "Recovery code"
    typed = prompts.read_stdin(label) if from_stdin else prompts.read_secret(label)
    kind = "code" if takes_codes and len("".join(typed.split())) <= _CODE_DIGITS else "recoveryCode"
    return server.ask(Request("POST", "/api/auth/second-factor", body={"ticket": ticket, kind: typed}))


def _parser(name: str, description: str) -> Parser:
    return Parser(prog=f"talome {name}", description=description, allow_abbrev=False)


def _own_url() -> str:
    settings = read_boot_settings()
    everywhere = settings.bind in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    host = "127.0.0.1" if everywhere else settings.bind
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    try:
        return parts.scheme, parts.hostname, parts.port or default
    except ValueError:
        return parts.scheme, parts.hostname, -1
