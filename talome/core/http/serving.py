"""Serves an application on a port, and waits for the signals that end it."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

IDLE_S = 75.0
"""A connection that brings no whole request for so long is closed, so that idle ones do not use up all there are."""
NOW_AND_THEN_S = 30.0
_log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(app: web.Application, bind: str | None, port: int) -> AsyncIterator[list[str]]:
    """Serve for the time of the block; yields the addresses, such as `http://0.0.0.0:4000`."""
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=5.0,
        handler_cancellation=True,
        keepalive_timeout=IDLE_S,
        auto_decompress=False,  # a packed body of 2 KB may hold a gigabyte; the server refuses them all
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, bind, port)
        await site.start()
        yield [f"http://{host}:{port}" for host, port, *_ in runner.addresses]
    finally:
        await runner.cleanup()


def now_and_then(app: web.Application, check: Callable[[object], Awaitable[None]]) -> None:
    """Run `check` every half minute while the application is served; a failure is logged and goes no further."""

    async def checking(_: web.Application) -> AsyncIterator[None]:
        async def work() -> None:
            while True:
                await asyncio.sleep(NOW_AND_THEN_S)
                try:
                    await check(None)
                except Exception:  # one look that fails must not be the last
                    _log.exception("A regular check failed")

        task = asyncio.create_task(work())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    app.cleanup_ctx.append(checking)


@asynccontextmanager
async def until_told() -> AsyncIterator[asyncio.Event]:
    """Yields what is set on SIGTERM and SIGINT. For the process's own loop, from its main thread."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_note_stray_error)
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    yield told


def _note_stray_error(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """A browser that leaves in the middle of a large frame is no fault, and aiohttp's own task has nobody to tell."""
    if isinstance(context.get("exception"), ConnectionError):
        _log.debug("A connection went away: %s", context.get("exception"))
    else:
        loop.default_exception_handler(context)
