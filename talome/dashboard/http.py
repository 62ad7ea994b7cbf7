"""Serves the built dashboard from memory, pre-compressed, under a strict Content-Security-Policy.

Assets have a hash in their name and never change; the shell is checked each time and gets a fresh nonce for its
styles. An asset that is not there is a 404, never the shell, so that a stale tab notices a new release.
"""

import gzip
import mimetypes
import secrets as random
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from aiohttp import web

from talome.core.errors import NotFound
from talome.core.http.server import API_PREFIXES

STATIC: Final = Path(__file__).parent / "static"
_NONCE: Final = b"__CSP_NONCE__"
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_TYPES: Final = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}
_SUFFIXES: Final = (
    ".css",
    ".html",
    ".ico",
    ".js",
    ".json",
    ".map",
    ".php",
    ".png",
    ".svg",
    ".txt",
    ".webmanifest",
    ".xml",
)
"""What is asked for by a file's name; a page's address may hold dots too, as names of containers do."""
_NOT_BUILT: Final = b"""<!doctype html><html lang="en"><title>Talome</title>
<h1>The dashboard is not built</h1><p>Run <code>scripts/build-ui</code> in the checkout and start Talome again.
The API works without it.</p></html>"""


@dataclass(frozen=True, slots=True)
class _File:
    """`whole` is empty where there is a packed form: every browser takes one of these, and it is as large as both."""

    content_type: str
    whole: bytes
    encoded: dict[str, bytes] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.encoded["gzip"]) if "gzip" in self.encoded else self.whole


class Dashboard:
    """Reads all files once; `handle` answers every GET outside the API."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files = dict(_read_all(folder, folder.stat().st_mtime_ns)) if folder.is_dir() else {}
        shell = self._files.pop("index.html", None)
        self._shell = shell.body if shell else _NOT_BUILT

    async def handle(self, request: web.Request) -> web.Response:
        path = request.match_info["page"]
        if request.path.startswith(API_PREFIXES):
            raise NotFound("There is nothing at this address.")
        if file := self._files.get(path):
            return _serve(request, path, file)
        if path.startswith("assets/") or path.endswith(_SUFFIXES):
            raise NotFound("There is no such file.")
        return self._serve_shell(request)

    def _serve_shell(self, request: web.Request) -> web.Response:
        nonce = random.token_urlsafe(16)
        host = request.headers.get("Host", "")
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": content_security_policy(nonce, host),
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
        body = self._shell.replace(_NONCE, nonce.encode())
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


def content_security_policy(nonce: str, host: str) -> str:
    """Scripts only from here; styles from here or with the nonce; sockets named for browsers that need it; frames for a
    PDF out of the page's own memory, which the browser's reader shows."""
    sockets = f" ws://{host} wss://{host}" if host and not set(host) & set(" ;,'\"") else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
        f"font-src 'self'; connect-src 'self'{sockets}; media-src 'self' blob:; worker-src 'self' blob:; "
        "manifest-src 'self'; frame-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


def _serve(request: web.Request, path: str, file: _File) -> web.Response:
    hashed = path.startswith("assets/")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache",
        "Vary": "Accept-Encoding",
    }
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("Accept-Encoding", "").split(",")}
    encoding = next((name for name, _ in _ENCODINGS if name in accepted and name in file.encoded), None)
    if encoding is not None:
        headers["Content-Encoding"] = encoding
    body = file.body if encoding is None else file.encoded[encoding]
    return web.Response(body=body, content_type=file.content_type, headers=headers)


@lru_cache(maxsize=2)
def _read_all(folder: Path, _built_at: int) -> tuple[tuple[str, _File], ...]:
    """What was read stays, for those who open several servers in one process; a new build makes a new folder."""
    suffixes = tuple(suffix for _, suffix in _ENCODINGS)
    found = []
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
            and path.suffix not in suffixes
        ):
            kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            siblings = {name: path.with_name(path.name + suffix) for name, suffix in _ENCODINGS}
            encoded = {name: sibling.read_bytes() for name, sibling in siblings.items() if sibling.is_file()}
            whole = b"" if "gzip" in encoded else path.read_bytes()
            found.append((path.relative_to(folder).as_posix(), _File(kind, whole, encoded)))
    return tuple(found)
