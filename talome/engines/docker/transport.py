"""The wire to the engine: the one place that touches the untyped Docker SDK. Blocking calls run in two bounded pools.

`calls` are requests with an end; at most two thirds of that pool may be slow ones (a stop that waits, a disk usage), so
quick ones always find a thread. `streams` have no end and are closed by shutting their socket down.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import docker
import requests

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError, Unavailable
from talome.engines.docker.pool import PoolAdapter, make_pool

T = TypeVar("T")
Params = Mapping[str, str | int]

# Answers are read as of this version, so that a newer engine keeps the shapes this code knows.
_PREFERRED_API = (1, 45)
_CONNECT_S = 5.0
_SEND_S = 120.0  # how long the engine may let an upload wait between two pieces
_CHUNK_BYTES = 64 * 1024
_CALLS, _SLOW_CALLS, _STREAMS = 12, 8, 32
_KEPT_FREE = 2  # for the events, however many logs people follow: without them Talome is blind

# Refusals that older engines call their own failure (500).
_CONFLICTS = ("port is already allocated", "address already in use", "is not paused")


class RawStream:
    """An accepted response whose body is read piece by piece by one thread and may be closed by any other."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self._socket: socket.socket = response.raw._fp.fp.raw._sock  # noqa: SLF001 (the SDK has no public way)
        self._lock = threading.Lock()
        self.closed = False

    def read(self, timeout_s: float | None = None) -> bytes:
        """The next bytes, b"" at the end or once closed. Raises `TimeoutError` (the stream is then unusable)."""
        try:
            self._socket.settimeout(timeout_s)
            return bytes(self._response.raw.read1(_CHUNK_BYTES))
        except TimeoutError:
            raise
        except Exception as error:  # urllib3, http.client and socket each have their own for a dead peer
            if self.closed:
                return b""
            if "timed out" in str(error).lower():
                raise TimeoutError(str(error)) from None
            raise lost(error) from None

    def chunks(self) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk

    def close(self) -> None:
        """Wake a reading thread at once. The response itself is released by `release`, in the reading thread."""
        with self._lock:
            self.closed = True
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        self.close()
        self._response.close()


class Transport:
    """Requests to one engine. `host` is what DOCKER_HOST holds: `unix:///var/run/docker.sock` or `tcp://...`.

    Nothing is connected before the first call; the API version is agreed on then, and again after a lost connection.
    """

    def __init__(self, host: str, *, timeout_s: float = 15.0) -> None:
        self.timeout_s = timeout_s
        self._host = host
        self._client: Any = None
        self._api: str | None = None
        self._lock = threading.Lock()
        self._calls = ThreadPoolExecutor(_CALLS, thread_name_prefix="docker")
        self._slow = asyncio.Semaphore(_SLOW_CALLS)
        self._stream_pool = ThreadPoolExecutor(_STREAMS, thread_name_prefix="docker-stream")
        self._open: set[RawStream] = set()
        self._opening = 0
        self._closed = False

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """One request; the answer's JSON, None when it has no body. `timeout_s` above the usual makes it a slow one."""
        limit_s = self.timeout_s if timeout_s is None else timeout_s

        def request() -> Any:
            return self.request(method, path, params=params, body=body, timeout_s=limit_s)

        return await self.run(request, timeout_s=limit_s, slow=limit_s > self.timeout_s)

    async def run(self, work: Callable[[], T], *, timeout_s: float, slow: bool) -> T:
        """Run blocking `work` in the pool of calls. After the time limit the caller goes on and `work` is left to
        its own limits, which every request has."""
        async with self._slot(slow):
            self._refuse_if_closed()
            future = self._calls.submit(work)
            try:
                return await asyncio.wait_for(asyncio.wrap_future(future), timeout_s + _CONNECT_S)
            except TimeoutError:
                raise silent(timeout_s) from None
            except asyncio.CancelledError:
                self._refuse_if_given_up(future)
                raise

    def _refuse_if_given_up(self, future: Future[Any]) -> None:
        """`close` drops the calls that still wait for a thread; their callers are not the ones who were cancelled."""
        task = asyncio.current_task()
        if self._closed and future.cancelled() and task is not None and not task.cancelling():
            self._refuse_if_closed()

    @asynccontextmanager
    async def _slot(self, slow: bool) -> AsyncIterator[None]:
        if not slow:
            yield
            return
        async with self._slow:
            yield

    def pump(self, raw: RawStream, work: Callable[[], None]) -> Future[None]:
        """Run the reading loop of an open stream in the pool of streams; the stream is released when it ends."""

        def read_to_end() -> None:
            try:
                work()
            finally:
                self._open.discard(raw)
                raw.release()

        return self._stream_pool.submit(read_to_end)

    async def open(self, path: str, *, params: Params | None = None, needed: bool = False) -> RawStream:
        """Open a GET stream for `pump`. `Unavailable` when too many are open already; `needed` gets one of the last."""
        self._refuse_if_closed()
        if len(self._open) + self._opening >= _STREAMS - (0 if needed else _KEPT_FREE):
            raise Unavailable("Too many logs and other streams are open at once.", code="too_many_streams")
        self._opening += 1
        future = self._calls.submit(self.stream, "GET", path, params=params)
        try:
            raw = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self.timeout_s + _CONNECT_S)
        except TimeoutError:
            future.add_done_callback(_release_late)
            raise silent(self.timeout_s) from None
        except asyncio.CancelledError:
            future.add_done_callback(_release_late)
            raise
        finally:
            self._opening -= 1
        self._open.add(raw)
        return raw

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        data: Iterable[bytes] | None = None,
        timeout_s: float,
    ) -> Any:
        """Blocking, for worker threads: one request to its end."""
        with self._send(
            method, path, timeout_s=timeout_s, stream=False, params=params, body=body, data=data
        ) as response:
            if response.status_code in (204, 304) or not response.content:
                return None
            if "json" not in response.headers.get("Content-Type", ""):
                return response.text
            try:
                return response.json()
            except ValueError:
                raise Unavailable("The Docker engine gave an answer that is not JSON.", code="engine_failed") from None

    def stream(
        self, method: str, path: str, *, params: Params | None = None, body: Mapping[str, Any] | None = None
    ) -> RawStream:
        """Blocking, for worker threads: send and return once the engine accepted."""
        return RawStream(self._send(method, path, timeout_s=self.timeout_s, stream=True, params=params, body=body))

    def api_version(self) -> str:
        """The agreed API version, asking the engine when it is not known. Blocking."""
        client = self._connected()
        if self._api is None:
            answer = self._raw(client, "GET", f"{client.base_url}/version", (_CONNECT_S, self.timeout_s))
            with answer:
                _raise_refusal(answer)
                said = answer.json()
            self._api = agree(str(said.get("ApiVersion", "")), str(said.get("MinAPIVersion", "")))
        return self._api

    async def close(self) -> None:
        self._closed = True
        for raw in list(self._open):
            raw.close()
        self._calls.shutdown(wait=False, cancel_futures=True)
        self._stream_pool.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _send(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        stream: bool,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        data: Iterable[bytes] | None = None,
    ) -> requests.Response:
        retries = 1 if data is None else 0  # a body that was read cannot be sent again
        client = self._connected()
        options: dict[str, Any] = {"params": params, "stream": stream, "data": data}
        connect_s = _CONNECT_S if data is None else _SEND_S  # urllib3 sends under the limit for connecting
        if body is not None:
            options |= {"data": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        elif data is not None:
            options["headers"] = {"Content-Type": "application/x-tar"}
        while True:
            url = f"{client.base_url}/v{self.api_version()}{path}"
            response = self._raw(client, method, url, (connect_s, timeout_s), **options)
            if response.status_code == 400 and retries and "client version" in response.text:
                # The engine was replaced by another version behind a connection that never broke.
                self._api, retries = None, 0
                response.close()
                continue
            _raise_refusal(response)
            return response

    def _raw(
        self, client: Any, method: str, url: str, timeout: tuple[float, float], **options: Any
    ) -> requests.Response:
        try:
            answer: requests.Response = client.request(method, url, timeout=timeout, **options)
        except requests.exceptions.Timeout:
            raise silent(timeout[1]) from None
        except (requests.exceptions.RequestException, OSError) as error:
            self._api = None
            raise lost(error) from None
        return answer

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                version = f"{_PREFERRED_API[0]}.{_PREFERRED_API[1]}"  # given, so that nothing is connected yet
                try:
                    client: Any = docker.APIClient(
                        base_url=self._host, version=version, timeout=self.timeout_s, max_pool_size=_CALLS
                    )
                except docker.errors.DockerException as error:
                    raise Unavailable(f"The address of the Docker engine is not usable: {error}") from None
                client.trust_env = False  # no proxy from the environment between Talome and its own engine
                client.headers["Accept-Encoding"] = "identity"  # archives come gzipped otherwise, to be unpacked here
                adapter = PoolAdapter(make_pool(client.base_url, self._host, connections=_CALLS))
                client.mount(client.base_url, adapter)
                self._client = client
            return self._client

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise Unavailable("Talome is shutting down.", code="closing")


def agree(offered: str, least: str) -> str:
    """The version to speak: the one this code knows, lowered or raised into what the engine takes."""
    newest, oldest = _parse_version(offered), _parse_version(least)
    if newest is None:
        raise Unavailable("What answers there is not a Docker engine.", code="engine_failed")
    chosen = min(newest, max(_PREFERRED_API, oldest or (0, 0)))
    return f"{chosen[0]}.{chosen[1]}"


def _parse_version(text: str) -> tuple[int, int] | None:
    major, _, minor = text.partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else None


def _release_late(future: Future[RawStream]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().release()


def _raise_refusal(response: requests.Response) -> None:
    if response.status_code < 400:
        return
    try:
        message = str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        message = response.text.strip()
    finally:
        response.close()
    message = message or f"The Docker engine refused this ({response.status_code})."
    raise _refusal(response.status_code, message)


def _refusal(status: int, message: str) -> TalomeError:
    if status == 404:
        return NotFound(message)
    if status == 409 or any(sentence in message for sentence in _CONFLICTS):
        return Conflict(message)
    if status in (401, 403):
        return Forbidden(message)
    if status < 500:
        return Invalid(message)
    return Unavailable(message, code="engine_failed")


def lost(error: BaseException) -> Unavailable:
    text = str(error)
    if "No such file" in text or "Connection refused" in text:
        return Unavailable("The Docker engine is not running.", code="engine_unreachable")
    if "Permission denied" in text:
        return Unavailable("Talome may not use Docker's socket.", code="engine_unreachable")
    return Unavailable("The connection to the Docker engine was lost.", code="engine_unreachable")


def silent(timeout_s: float) -> Unavailable:
    return Unavailable(f"The Docker engine did not answer within {timeout_s:g} s.", code="engine_unreachable")
