"""Samba's file server as a process of our own: its configuration, accounts and passwords in one folder, apart from any
Samba that the machine has besides. Its sockets are in another, of a short path: an address holds 107 bytes, and with a
longer one smbd ends at its start without a word.

Every account of Samba needs one of the machine. Those are made here, without home and shell, and are known by how their
names begin. Passwords go to `pdbedit` by its standard input.
"""

import asyncio
import hashlib
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.core.errors import Conflict, Invalid, Unavailable
from talome.core.secrets import write_whole
from talome.engines.child import Child, start
from talome.engines.programs import PATH, Programs

ACCOUNTS: Final = "talome-smb-"
"""How the names of the machine's accounts begin that belong to people of network folders."""
_ACCOUNT: Final = re.compile(rf"{ACCOUNTS}[a-z0-9]{{4,20}}")
_NAME: Final = re.compile(r"[\w .()&+-]{1,64}")
_RESERVED: Final = frozenset({"global", "homes", "printers", "ipc$", "admin$", "print$"})
_RUNTIME: Final = Path("/run")
_STOP_S: Final = 5.0
_TOLD_BYTES: Final = 16_384
_BANNER: Final = ("[", "smbd version", "Copyright")
_NO_SUCH_USER: Final = 6


@dataclass(frozen=True, slots=True)
class SmbShare:
    """A folder with the accounts that may read, and those of them that may write."""

    name: str
    folder: Path
    readers: tuple[str, ...]
    writers: tuple[str, ...]


class Samba:
    """`folder` is Talome's own for it; `port` 445 unless a test says otherwise."""

    def __init__(self, programs: Programs, folder: Path, port: int = 445) -> None:
        self._programs = programs
        self._folder = folder
        self._port = port
        self._runtime = _RUNTIME / f"talome-smb-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
        self._process: Child | None = None
        self._log_bytes = 0

    @property
    def _config(self) -> Path:
        return self._folder / "smb.conf"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def problem(self) -> str | None:
        """Why it cannot serve here, in words; None where it can, or does. Blocking for a moment."""
        if os.geteuid() != 0:
            return "Network folders need Talome to run as root."
        if shutil.which("smbd", path=PATH) is None or shutil.which("pdbedit", path=PATH) is None:
            return "Samba is not installed. Install it (apt install samba), then stop its own service: " + _STOP_OTHERS
        if not self.running and _answers(self._port):
            return f"Another program serves network folders on this machine already. Stop it: {_STOP_OTHERS}"
        return None

    # --- accounts ---

    async def add_account(self, account: str, password: str) -> None:
        """An account with this password, new or with a new one."""
        _require_account(account)
        if "\n" in password or not password:
            raise Invalid("A password is one line of text.")
        await self._ensure_config()
        await self.ensure_account(account)
        lines = f"{password}\n{password}\n".encode()
        ran = await self._programs.run([*self._pdbedit, "--password-from-stdin", "--create", account], given=lines)
        if ran.code != 0:
            raise Unavailable(f"Samba did not take the password: {ran.last_words}")

    async def ensure_account(self, account: str) -> None:
        """The machine's account, such as after Talome's container was made anew; its password lies in our folder."""
        _require_account(account)
        if not await asyncio.to_thread(_exists, account):
            ran = await self._programs.run(
                ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
                 "/usr/sbin/nologin", "--comment", "Network folders of Talome", "--", account]
            )  # fmt: skip
            if ran.code != 0 and not await asyncio.to_thread(_exists, account):
                raise Unavailable(f"The account for network folders could not be made: {ran.last_words}")

    async def remove_account(self, account: str) -> None:
        """Gone already is as good."""
        _require_account(account)
        await self._ensure_config()
        await self._programs.run([*self._pdbedit, "--delete", account])
        if await asyncio.to_thread(_exists, account):
            ran = await self._programs.run(["userdel", "--", account])
            if ran.code not in (0, _NO_SUCH_USER):
                raise Unavailable(f"The account for network folders could not be removed: {ran.last_words}")

    @property
    def _pdbedit(self) -> tuple[str, ...]:
        return ("pdbedit", f"--configfile={self._config}")

    # --- serving ---

    async def configure(self, shares: Sequence[SmbShare], names: dict[str, str]) -> bool:
        """Write what is to be served; `names` are the accounts by the names that people sign in with. Whether it is
        something new."""
        return await asyncio.to_thread(self._write, shares, names)

    def _write(self, shares: Sequence[SmbShare], names: dict[str, str]) -> bool:
        text, people = render(self._folder, self._runtime, self._port, shares), render_names(names)
        self._make_folders()
        changed = False
        for path, content in ((self._config, text), (self._folder / "users.map", people)):
            if not path.exists() or path.read_text() != content:
                write_whole(path, content)
                changed = True
        return changed

    def _make_folders(self) -> None:
        """Those for sockets are gone after a restart of the machine."""
        for name in ("", "private", "state", "cache"):
            (self._folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("", "lock", "pid", "ncalrpc"):
            (self._runtime / name).mkdir(mode=0o700, exist_ok=True)

    async def _ensure_config(self) -> None:
        if not await asyncio.to_thread(self._config.exists):
            await self.configure((), {})
        await asyncio.to_thread(self._make_folders)

    async def start(self) -> None:
        """Raises `Conflict` with words where something is in the way. The server ends with this process, however that
        ends, so that none is left that keeps the port and answers to nobody."""
        if self.running:
            return
        self._process = None
        if (problem := await asyncio.to_thread(self.problem)) is not None:
            raise Conflict(problem)
        log = await asyncio.to_thread(os.open, self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._log_bytes = os.fstat(log).st_size
            self._process = await start(
                "setpriv", "--pdeathsig", "TERM",
                "smbd", "--foreground", "--no-process-group", f"--configfile={self._config}",
                stdout=log, stderr=log, env={"PATH": PATH},
            )  # fmt: skip
        finally:
            os.close(log)

    async def ended(self) -> str:
        """Waits until the server that runs ends without being told to; its last words, in a sentence."""
        nothing = asyncio.Event()
        while (process := self._process) is None:
            await nothing.wait()
        code = await process.wait()
        said = await asyncio.to_thread(self._last_words)
        return f"Samba ended by itself with code {code}" + (f": {said}" if said else " and did not say why.")

    def _last_words(self) -> str:
        """The last line of its log since it was started, or before it tells where in its code it gave up; smbd turns
        over a log that has grown long."""
        try:
            with self._log.open("rb") as log:
                length = log.seek(0, os.SEEK_END)
                log.seek(max(length - _TOLD_BYTES, self._log_bytes if self._log_bytes <= length else 0))
                lines = log.read(_TOLD_BYTES).decode(errors="replace").splitlines()
        except OSError:
            return ""
        said = [line.strip() for line in lines if line.strip() and not line.strip().startswith(_BANNER)]
        plain = list(itertools.takewhile(lambda line: not line.startswith("===="), said)) or said
        return plain[-1][:300] if plain else ""

    async def reload(self) -> None:
        """Take up what `configure` wrote. Open connections end, so that nobody keeps a right that is gone; clients
        come back by themselves."""
        if self.running:
            control = ["smbcontrol", f"--configfile={self._config}", "smbd"]
            await self._programs.run([*control, "reload-config"])
            await self._programs.run([*control, "close-share", "*"])

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                async with asyncio.timeout(_STOP_S):
                    await process.wait()
            except TimeoutError:
                await process.end()
        await asyncio.to_thread(shutil.rmtree, self._runtime, ignore_errors=True)


_STOP_OTHERS: Final = "systemctl disable --now smbd nmbd."


def render(folder: Path, runtime: Path, port: int, shares: Sequence[SmbShare]) -> str:
    """smb.conf, whole; `runtime` is for sockets. Nothing that people write gets into it that it could take for more
    than a name or a path."""
    lines = [
        "[global]",
        *(f"{key} = {value}" for key, value in _GLOBAL.items()),
        f"smb ports = {port}",
        f"username map = {folder}/users.map",
        f"private dir = {folder}/private",
        f"passdb backend = tdbsam:{folder}/private/passdb.tdb",
        f"state directory = {folder}/state",
        f"cache directory = {folder}/cache",
        f"lock directory = {runtime}/lock",
        f"pid directory = {runtime}/pid",
        f"ncalrpc dir = {runtime}/ncalrpc",
        f"log file = {folder}/log",
    ]
    for share in shares:
        lines += ["", f"[{_checked_name(share.name)}]", f"path = {_checked_path(share.folder)}"]
        lines += [f"{key} = {value}" for key, value in _SHARE.items()]
        lines += [f"valid users = {_accounts(share.readers)}", f"write list = {_accounts(share.writers)}"]
        lines += [f"force user = {_owner(share.folder)}"]
    return "\n".join([*lines, ""])


_GLOBAL: Final = {
    "server role": "standalone server",
    "server string": "Talome",
    "server min protocol": "SMB2_10",
    "server signing": "required",
    "ntlm auth": "ntlmv2-only",
    "map to guest": "never",
    "restrict anonymous": "2",
    "guest ok": "no",
    "disable netbios": "yes",
    "load printers": "no",
    "printing": "bsd",
    "printcap name": "/dev/null",
    "disable spoolss": "yes",
    "follow symlinks": "no",
    "wide links": "no",
    "unix extensions": "no",
    "enable core files": "no",
    "log level": "0",
    "max log size": "1000",
}
_SHARE: Final = {
    "read only": "yes",
    "browseable": "yes",
    "inherit owner": "yes",
    "create mask": "0664",
    "directory mask": "0775",
    "veto files": "/.talome-*/",
    "delete veto files": "no",
}


def render_names(names: dict[str, str]) -> str:
    """The machine's account for the name of a person. A line ends the search, so no later one can take it over."""
    lines = [f'!{_require_account(account)} = "{name}"' for name, account in sorted(names.items()) if _is_plain(name)]
    return "\n".join([*lines, ""])


def _is_plain(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and name.isascii()


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name.strip() != name or name.lower() in _RESERVED:
        raise Invalid(f"“{name}” cannot be the name of a network folder.")
    return name


def _checked_path(folder: Path) -> str:
    text = str(folder)
    if not text.isprintable() or "%" in text or text != text.strip() or '"' in text or text.endswith("\\"):
        raise Invalid(f"The path {text!r} cannot be a network folder.")
    return text


def _accounts(accounts: Sequence[str]) -> str:
    """Nobody, where there is nobody: an empty list would mean everybody."""
    return " ".join(map(_require_account, accounts)) or f"{ACCOUNTS}nobody"


def _require_account(account: str) -> str:
    if not _ACCOUNT.fullmatch(account):
        raise Invalid("This is no account of network folders.")
    return account


def _owner(folder: Path) -> str:
    """Who works in the folder: its owner, so that what is written there belongs as everything else does."""
    try:
        name = pwd.getpwuid(folder.stat().st_uid).pw_name
    except (OSError, KeyError):
        return "root"
    return name if re.fullmatch(r"[a-z_][a-z0-9_.-]{0,31}", name) else "root"


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
