"""Whether something answers at an address of this machine."""

import asyncio
import ssl
from typing import Final, Literal

import aiohttp

_PATIENCE_S: Final = 10.0


async def answers_http(
    port: int, path: str, scheme: Literal["http", "https"], *, host: str = "127.0.0.1"
) -> str | None:
    """None where a web server answers with anything below 500; else what is wrong, in words. A
    certificate is not looked at, since an app's own is nearly always home-made, and no redirect is followed."""
    timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(f"{scheme}://{host}:{port}{path}", ssl=_any_certificate(), allow_redirects=False) as answer,
        ):
            if answer.status < 500:
                return None
            return f"it answers with the error {answer.status}"
    except TimeoutError:
        return "it does not answer in time"
    except aiohttp.ClientConnectorError:
        return "nothing answers on its port"
    except (aiohttp.ClientError, OSError):
        return "it breaks off the connection"


async def answers_tcp(port: int, *, host: str = "127.0.0.1") -> bool:
    """Whether something takes a connection."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
