"""The program git, for fetching what strangers keep: no shell, no hooks, no submodules, no links, no other protocols.

Everything it may know is in an environment made from nothing, the token too: arguments can be seen by every process of
the machine. `http.curloptResolve` holds git to the addresses that were checked, and redirects are not followed.
"""

import asyncio
import os
import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from talome.core.errors import Invalid, NotFound, TalomeError, TooLarge, Unavailable
from talome.core.log import redact
from talome.engines.child import Child, start
from talome.engines.fetch import checked_addresses, parse_url

LARGEST_BYTES: Final = 1024**3
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_HEAD_TIMEOUT_S: Final = 60.0
_CLONE_TIMEOUT_S: Final = 900.0
_LOOK_S: Final = 0.5
_ANSWER_BYTES: Final = 4 * 1024 * 1024
_BRANCH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SAFELY: Final = (
    "protocol.allow=never", "protocol.https.allow=always", "protocol.http.allow=always", "protocol.file.allow=always",
    "protocol.ext.allow=never", "core.hooksPath=/dev/null", "core.symlinks=false", "core.fsmonitor=false",
    "core.askPass=", "credential.helper=", "submodule.recurse=false", "http.followRedirects=false",
    "filter.lfs.required=false", "gc.auto=0", "advice.detachedHead=false",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository elsewhere; `branch` is empty for its own main one. `token` is shown nowhere."""

    url: str
    branch: str = ""
    token: str = field(default="", repr=False)
    username: str = "talome"
    """Hosts that know tokens take any name with one."""
    allow_private: bool = True
    """Whether it may be in the own network."""


class Git:
    """Enter nothing, close nothing: each call is a process that ends with it, also when the call is cancelled."""

    def __init__(self, program: str = "git") -> None:
        self._program = program

    async def head(self, remote: Remote) -> str:
        """The commit that the branch is at. Raises `Invalid`, `NotFound` or `Unavailable`."""
        wanted = f"refs/heads/{remote.branch}" if remote.branch else "HEAD"
        answer = await self._run(remote, ["ls-remote", "--", remote.url, wanted], timeout_s=_HEAD_TIMEOUT_S)
        for line in answer.splitlines():
            commit, _, name = line.partition("\t")
            if name == wanted and _COMMIT.fullmatch(commit):
                return commit
        what = f"no branch “{remote.branch}”" if remote.branch else "nothing in it yet"
        raise NotFound(f"The repository is there, but has {what}.")

    async def clone(self, remote: Remote, folder: Path, *, limit_bytes: int = LARGEST_BYTES) -> None:
        """The newest files of the branch, without history, into `folder`, which must not be there yet. After a failure
        part of it may be."""
        arguments = ["clone", "--quiet", "--depth=1", "--single-branch", "--no-tags", "--no-recurse-submodules"]
        arguments += ["--template="]
        if remote.branch:
            arguments.append(f"--branch={remote.branch}")
        await self._run(
            remote, [*arguments, "--", remote.url, str(folder)], timeout_s=_CLONE_TIMEOUT_S, folder=folder,
            limit_bytes=limit_bytes,
        )  # fmt: skip
        if await asyncio.to_thread(_size, folder) > limit_bytes:
            raise _too_large(limit_bytes)

    async def _run(
        self,
        remote: Remote,
        arguments: list[str],
        *,
        timeout_s: float,
        folder: Path | None = None,
        limit_bytes: int = 0,
    ) -> str:
        environment = await _environment(remote)
        settings = [part for setting in _SAFELY for part in ("-c", setting)]
        pipe = asyncio.subprocess.PIPE
        try:
            process = await start(
                self._program, *settings, *arguments, env=environment, stdout=pipe, stderr=pipe, limit=_ANSWER_BYTES
            )
        except OSError:
            raise Unavailable("The program git is missing. Install it: apt install git.") from None
        watch = None if folder is None else asyncio.create_task(_watch_size(folder, limit_bytes))
        talk = asyncio.create_task(_talk(process))
        try:
            tasks: set[asyncio.Task[Any]] = {task for task in (talk, watch) if task is not None}
            done, _ = await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if watch is not None and watch in done:
                raise _too_large(limit_bytes)
            if talk not in done:
                raise Unavailable(f"git did not come to an end within {timeout_s:g} seconds.")
            out, error = talk.result()
        finally:
            await _end(process, talk, watch)
        if process.returncode != 0:
            raise _explained(error, remote)
        return out


async def _talk(process: asyncio.subprocess.Process) -> tuple[str, str]:
    """What it says, as far as it is bounded; returns when it ended."""
    if process.stdout is None or process.stderr is None:
        raise Unavailable("git could not be started.")
    out, error = await asyncio.gather(_read(process.stdout), _read(process.stderr))
    await process.wait()
    return out, error


async def _read(stream: asyncio.StreamReader) -> str:
    kept = bytearray()
    while chunk := await stream.read(65_536):
        kept += chunk[: _ANSWER_BYTES - len(kept)]
    return kept.decode(errors="replace")


async def _watch_size(folder: Path, limit_bytes: int) -> None:
    """Returns when the folder is too large."""
    while True:
        if await asyncio.to_thread(_size, folder) > limit_bytes:
            return
        await asyncio.sleep(_LOOK_S)


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"The repository is larger than {limit_bytes / 1_000_000:g} MB.")


def _size(folder: Path) -> int:
    total, waiting = 0, [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total


async def _end(process: Child, talk: asyncio.Task[Any], watch: asyncio.Task[None] | None) -> None:
    """git has children of its own, so the whole group goes. With it the pipes end, and so does the talk."""
    if watch is not None:
        watch.cancel()
    await process.end()
    await asyncio.gather(*(task for task in (talk, watch) if task is not None), return_exceptions=True)


async def _environment(remote: Remote) -> dict[str, str]:
    """Checks the remote too. Raises `Invalid` or `Unavailable`."""
    check_remote(remote)
    environment = {
        "PATH": _PATH,
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ALLOW_PROTOCOL": "https:http:file",
    }
    settings = {}
    if not remote.url.startswith("file:"):
        url = parse_url(remote.url)
        addresses = ",".join(
            f"[{address}]" if ":" in address else address
            for address in await checked_addresses(url, allow_private=remote.allow_private)
        )
        settings["http.curloptResolve"] = f"{url.raw_host}:{url.port}:{addresses}"
        if remote.token:
            pair = b64encode(f"{remote.username}:{remote.token}".encode()).decode()
            settings["http.extraHeader"] = f"Authorization: Basic {pair}"
    for number, (key, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment | {"GIT_CONFIG_COUNT": str(len(settings))}


def check_remote(remote: Remote) -> None:
    """Raise `Invalid` where git is not to be asked for this."""
    if remote.branch and (not _BRANCH.fullmatch(remote.branch) or ".." in remote.branch or "@{" in remote.branch):
        raise Invalid("This is not the name of a branch.", field="branch")
    if remote.url.startswith("file://"):
        parts = urlsplit(remote.url)
        path = unquote(parts.path)
        if parts.netloc or parts.query or parts.fragment or not path.startswith("/") or "\0" in path:
            raise Invalid("A repository on this machine is written as file:///folder/repository.", field="url")
        return
    parse_url(remote.url)
    if any(ord(character) > 126 for character in remote.url) or "'" in remote.url:
        raise Invalid("Write the address of the repository in plain letters.", field="url")


def _explained(said: str, remote: Remote) -> TalomeError:
    """git's words as one of ours; its last line where none fits, without anything secret."""
    lower = said.lower()
    if "could not read username" in lower or "authentication failed" in lower or " 403" in lower or " 401" in lower:
        return Unavailable("The git server wants a token, or does not take the one that it was given.")
    if "redirect" in lower or " 301" in lower or " 302" in lower:
        return Unavailable(
            "The git server sends to another address. Enter the one that it leads to; often it ends in .git."
        )
    if "remote branch" in lower and "not found" in lower:
        return NotFound(f"The repository has no branch “{remote.branch}”.")
    if "not found" in lower or "does not appear to be a git repository" in lower or "does not exist" in lower:
        return NotFound("There is no git repository at this address, or none that may be read without a token.")
    if "no space left" in lower:
        return Unavailable("The disk is full, so the store could not be fetched.")
    lines = [line for line in said.strip().splitlines() if line.strip()]
    last = redact(lines[-1].strip())[:300] if lines else "it did not say why"
    if remote.token:
        last = last.replace(remote.token, "[hidden]")
    return Unavailable(f"git failed: {last}")
