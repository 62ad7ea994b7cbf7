"""What the engine does with a registry on our behalf: requests that may take minutes, so none of them holds a thread.

They go to the engine over connections of their own; closing one gives up what the engine does for it. Paths carry no
API version: these answers have had one shape in all of them.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from talome.core.errors import Forbidden, Invalid, NotFound, StorageFull, TalomeError, TooMany, Unavailable
from talome.engines.docker.models import RegistryAuth
from talome.engines.docker.transport import lost, silent

_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 60.0
_SILENCE_S: Final = 300.0  # the engine itself gives a registry that does not answer up within about a minute
_ANSWER_BYTES: Final = 1024 * 1024
_WORDS: Final = 600
_RETRY_AFTER_S: Final = 600
"""Where a registry does not say when to come back."""

_DOCKER_HUB: Final = "https://index.docker.io/v1/"
"""What engines call it in sign-ins."""
_TOO_MANY = ("toomanyrequests", "429 too many requests")
_FULL = ("no space left on device", "disk quota exceeded")
_DENIED = ("unauthorized", "no basic auth credentials", "authentication required", "denied:", "403 forbidden")
_ABSENT = ("manifest unknown", "name unknown", "no matching manifest", "not found", "does not exist")
_UNREACHABLE = (
    "connection refused", "connection reset", "no such host", "server misbehaving", "network is unreachable",
    "no route to host", "i/o timeout", "timeout exceeded", "deadline exceeded", "tls handshake", "tls: ", "x509: ",
    "gave http response to https", "unexpected eof", ": eof", "unexpected http status: 5", "received unexpected http",
    "unexpected status code", "broken pipe", "proxyconnect", "content-length header",
)  # fmt: skip
_RETRY = re.compile(r"retry-after:\s*(\d+(?:\.\d+)?)\s*(ms|[µu]s|ns|s|m|h)?", re.IGNORECASE)
_UNITS: Final = {"h": 3600, "m": 60, "s": 1, None: 1}


class RegistryAnswer:
    """An accepted answer, read piece by piece; may be closed while a read waits, which then gives the end."""

    def __init__(self, wire: RegistryWire, session: aiohttp.ClientSession, response: aiohttp.ClientResponse) -> None:
        self._wire, self._session, self._response = wire, session, response
        self.closed = False

    async def read(self, wait_s: float | None = None) -> bytes | None:
        """The next bytes; b"" at the end, None when nothing came for `wait_s`. Loses nothing when cancelled."""
        try:
            async with asyncio.timeout(wait_s):
                return await self._response.content.readany()
        except aiohttp.ServerTimeoutError:
            raise silent(_SILENCE_S) from None
        except TimeoutError:
            return None
        except (aiohttp.ClientError, OSError) as error:
            if self.closed:
                return b""
            raise lost(error) from None

    async def close(self) -> None:
        self.closed = True
        self._wire.forget(self)
        self._response.close()
        await self._session.close()


class RegistryWire:
    """The engine at `host` ("unix:///var/run/docker.sock", "tcp://...")."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._open: set[RegistryAnswer] = set()
        self._closed = False

    async def open(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, auth: RegistryAuth | None = None,
        body: Mapping[str, str] | None = None,
    ) -> RegistryAnswer:  # fmt: skip
        """Returns once the engine accepted; raises what it, or the registry behind it, refused."""
        if self._closed:
            raise Unavailable("Talome is shutting down.", code="closing")
        session = self._session()
        try:
            base = "http://docker" if self._host.startswith("unix://") else f"http://{self._host.partition('://')[2]}"
            response = await session.request(method, f"{base}{path}", params=params, headers=_signed(auth), json=body)
            if response.status >= 400:
                raise refusal(_message(await response.content.read(_ANSWER_BYTES)), response.status)
        except BaseException as error:
            await session.close()
            if isinstance(error, aiohttp.ServerTimeoutError):
                raise silent(_SILENCE_S) from None
            if isinstance(error, aiohttp.ClientError | OSError):
                raise lost(error) from None
            raise
        answer = RegistryAnswer(self, session, response)
        self._open.add(answer)
        return answer

    async def ask(self, path: str, *, auth: RegistryAuth | None = None) -> dict[str, Any]:
        """One GET and its JSON."""
        async with _patience():
            answer = await self.open("GET", path, auth=auth)
            try:
                return await _whole(answer)
            finally:
                await answer.close()

    async def sign_in(self, auth: RegistryAuth) -> None:
        async with _patience():
            answer = await self.open("POST", "/auth", body=_said(auth))
            await answer.close()

    def forget(self, answer: RegistryAnswer) -> None:
        self._open.discard(answer)

    async def close(self) -> None:
        self._closed = True
        for answer in list(self._open):
            await answer.close()

    def _session(self) -> aiohttp.ClientSession:
        unix = self._host.startswith("unix://")
        connector = aiohttp.UnixConnector(self._host.removeprefix("unix://")) if unix else aiohttp.TCPConnector()
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_SILENCE_S)
        return aiohttp.ClientSession(connector=connector, timeout=limits)


def refusal(words: str, status: int | None = None) -> TalomeError:
    """What the engine said of a registry, as the error it is. Older engines call nearly everything their own failure
    (500), and once the answer has begun there is no status at all, so the words decide."""
    told = "".join(sign if sign.isprintable() else " " for sign in words)[:_WORDS].strip()
    low = told.lower()
    if status == 429 or _says(low, _TOO_MANY):
        message = f"The registry allows no more downloads for now: {told}"
        return TooMany(message, retry_after_s=_retry_after_s(told), code="registry_limit")
    if _says(low, _FULL):
        return StorageFull(f"The disk of the Docker engine is full: {told}")
    if status == 400:
        return Invalid(told)
    if status != 404 and (status in (401, 403) or _says(low, _DENIED)):
        return Forbidden(f"The registry wants another user name and password: {told}", code="registry_denied")
    if status == 404 or (_says(low, _ABSENT) and not _says(low, _UNREACHABLE)):
        return NotFound(f"There is no such image: {told}")
    if _says(low, _UNREACHABLE):
        return Unavailable(f"The registry cannot be reached: {told}", code="registry_unreachable")
    return Unavailable(told or "The Docker engine could not fetch the image.", code="engine_failed")


def _says(text: str, any_of: tuple[str, ...]) -> bool:
    return any(words in text for words in any_of)


def _retry_after_s(words: str) -> int:
    match = _RETRY.search(words)
    if match is None:
        return _RETRY_AFTER_S
    unit = match[2].lower() if match[2] else None
    return max(1, min(round(float(match[1]) * _UNITS.get(unit, 0)), 24 * 3600))


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_ANSWER_S):
            yield
    except TimeoutError:
        message = f"The registry did not answer within {_ANSWER_S:g} s."
        raise Unavailable(message, code="registry_unreachable") from None


def _signed(auth: RegistryAuth | None) -> dict[str, str]:
    if auth is None:
        return {}
    return {"X-Registry-Auth": urlsafe_b64encode(json.dumps(_said(auth)).encode()).decode()}


def _said(auth: RegistryAuth) -> dict[str, str]:
    """Engines with containerd's store use it only where the address is that of the image's registry."""
    server = _DOCKER_HUB if auth.server == "docker.io" else auth.server
    return {"username": auth.username, "password": auth.password, "serveraddress": server}


async def _whole(answer: RegistryAnswer) -> dict[str, Any]:
    content = b""
    while len(content) <= _ANSWER_BYTES and (chunk := await answer.read()):
        content += chunk
    try:
        said = json.loads(content)
        if isinstance(said["Descriptor"]["digest"], str):
            return dict(said)
    except (ValueError, KeyError, TypeError):
        pass
    raise Unavailable("The Docker engine gave an answer that was not understood.", code="engine_failed")


def _message(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace")
