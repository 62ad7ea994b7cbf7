"""Where push messages may go. An endpoint is what a browser said; it could name anything on this network."""

import re
from typing import Final

from yarl import URL

from talome.core.errors import Invalid

_KNOWN: Final = frozenset({"fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"})
_KNOWN_UNDER: Final = (".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com")
_WRITTEN_PLAINLY: Final = re.compile(r"https?://[!-~]{1,1990}")
_SEPARATORS: Final = re.compile(r"[\s,;]+")


def check_endpoint(endpoint: str, listed: str) -> None:
    """Raise `Invalid` unless it is a known push service, or on a server of `listed` (origins, apart by commas)."""
    url = _parsed(endpoint)
    if url is None or not (_is_known(url) or _origin(url) in _origins(listed)):
        raise Invalid(
            "This is not the address of a push service that Talome knows. An administrator can allow one in Settings.",
            field="endpoint",
        )


def _parsed(endpoint: str) -> URL | None:
    if not _WRITTEN_PLAINLY.fullmatch(endpoint):
        return None
    try:
        url = URL(endpoint, encoded=True)
        return url if url.raw_host and url.port and not (url.raw_user or url.raw_password) else None
    except ValueError:
        return None


def _is_known(url: URL) -> bool:
    host = url.raw_host or ""
    return url.scheme == "https" and url.port == 443 and (host in _KNOWN or host.endswith(_KNOWN_UNDER))


def _origins(listed: str) -> set[tuple[str, str | None, int | None]]:
    entries = [entry if "://" in entry else f"https://{entry}" for entry in _SEPARATORS.split(listed) if entry]
    return {_origin(url) for url in map(_parsed, entries) if url is not None}


def _origin(url: URL) -> tuple[str, str | None, int | None]:
    return url.scheme, url.raw_host, url.port
