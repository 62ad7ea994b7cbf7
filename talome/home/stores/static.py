"""The second protocol of CasaOS stores: static files on any web server. What it serves is laid out like the repository
that it was built from, so that one reader does for both; only apps whose `content_hash` changed are fetched.

What it is: `index.json` lists the apps; each has a compose file with little in it, and a `meta.json` with the rest.
"""

import asyncio
import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from yarl import URL

from talome.core.errors import Invalid, TalomeError
from talome.engines.fetch import Wish, fetch, parse_url
from talome.home.stores.folders import MOST_APPS
from talome.home.stores.formats.compose import read_yaml
from talome.home.stores.formats.found import BadManifest

_INDEX_BYTES: Final = 8 * 1024**2
_FILE_BYTES: Final = 1024**2
_TIMEOUT_S: Final = 30.0
_AT_ONCE: Final = 8
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,100}")
_HASH_FILE: Final = ".content_hash"
_PICTURES: Final = frozenset({"icon", "thumbnail", "screenshot_link"})
_TOLD: Final = (
    "tagline", "description", "thumbnail", "screenshot_link", "tips", "author", "developer", "category",
    "architectures", "version", "update_at", "website", "repo", "support", "docs", "title", "icon",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    content_hash: str
    compose: URL
    meta: URL
    told: dict[str, Any]


def index_address(url: str) -> str:
    """Of the store itself, or of one of its files."""
    address = parse_url(url)
    if not address.name.endswith(".json"):
        address = URL(str(address).rstrip("/") + "/index.json")
    return str(address.with_name("index.json"))


class StaticStore:
    """One sync: `load`, then `lay_out`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._entries: list[_Entry] = []

    async def load(self, known: str) -> str:
        """Get the list; returns what names its state, which is `known` where nothing changed."""
        index = await fetch(self._address, _wish(_INDEX_BYTES))
        body = index.body or b""
        upstream = hashlib.sha256(body).hexdigest()
        if upstream != known:
            self._entries = list(_entries(body, URL(index.url)))
        return upstream

    async def lay_out(self, target: Path, current: Path | None) -> list[str]:
        """Write `Apps/<id>/docker-compose.yml` for each app. One that cannot be fetched is left as it was, or out;
        returns the reasons. Raises the first where that is so of all."""
        (target / "Apps").mkdir(parents=True)
        slots = asyncio.Semaphore(_AT_ONCE)
        failures: list[tuple[str, TalomeError]] = []

        async def one(entry: _Entry) -> None:
            old = current / "Apps" / entry.id if current is not None else None
            async with slots:
                try:
                    await _lay_out_app(entry, target / "Apps" / entry.id, old)
                except TalomeError as error:
                    failures.append((entry.id, error))
                    if old is not None and old.is_dir():
                        await asyncio.to_thread(shutil.copytree, old, target / "Apps" / entry.id)

        async with asyncio.TaskGroup() as group:
            for entry in self._entries:
                group.create_task(one(entry))
        if failures and len(failures) == len(self._entries):
            raise failures[0][1]
        return [f"“{id}” could not be fetched: {error.message}" for id, error in failures]


async def _lay_out_app(entry: _Entry, folder: Path, old: Path | None) -> None:
    if old is not None and entry.content_hash and await asyncio.to_thread(_known_hash, old) == entry.content_hash:
        await asyncio.to_thread(shutil.copytree, old, folder)
        return
    compose = (await fetch(str(entry.compose), _wish(_FILE_BYTES))).body or b""
    meta = (await fetch(str(entry.meta), _wish(_FILE_BYTES))).body or b""
    content = await asyncio.to_thread(_merged, compose, meta, entry)
    await asyncio.to_thread(_write, folder, content, entry.content_hash)


def _write(folder: Path, content: bytes, content_hash: str) -> None:
    folder.mkdir()
    (folder / "docker-compose.yml").write_bytes(content)
    (folder / _HASH_FILE).write_text(content_hash)


def _known_hash(folder: Path) -> str | None:
    try:
        return (folder / _HASH_FILE).read_text()
    except (OSError, UnicodeDecodeError):
        return None


def _entries(body: bytes, base: URL) -> Iterator[_Entry]:
    index = _json(body, "index.json")
    items = index if isinstance(index, list) else index.get("apps") or index.get("items")
    if not isinstance(items, list) or len(items) > MOST_APPS:
        raise Invalid("The list of the store's apps, index.json, cannot be understood.")
    seen: set[str] = set()
    for item in items:
        id = str(item.get("id", "")).lower() if isinstance(item, dict) else ""
        if not _ID.fullmatch(id) or id in seen:
            continue
        seen.add(id)
        yield _Entry(
            id=id,
            content_hash=str(item.get("content_hash") or "")[:200],
            compose=_joined(base, item.get("compose_url"), f"apps/{id}/docker-compose.yml"),
            meta=_joined(base, item.get("meta_url"), f"apps/{id}/meta.json"),
            told=item,
        )


def _joined(base: URL, told: Any, usual: str) -> URL:
    try:
        return base.join(URL(told if isinstance(told, str) and told else usual))
    except ValueError:
        return base.join(URL(usual))


def _json(body: bytes, what: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Invalid(f"{what} of the store is not JSON.") from None


def _merged(compose: bytes, meta: bytes, entry: _Entry) -> bytes:
    """The compose file with what is told beside it put back to where the repository has it."""
    try:
        document = read_yaml(compose, "docker-compose.yml")
    except BadManifest as error:
        raise Invalid(str(error)) from None
    told = _json(meta, "meta.json")
    if not isinstance(document, dict) or not isinstance(told, dict):
        raise Invalid("Its files cannot be understood.")
    extra = document.get("x-casaos")
    whole = {
        **{key: entry.told[key] for key in _TOLD if key in entry.told},
        **(extra if isinstance(extra, dict) else {}),
    }
    whole |= {key: told[key] for key in _TOLD if key in told}
    if "release_note" in told:
        whole["release_notes"] = told["release_note"]
    for key in _PICTURES & whole.keys():
        whole[key] = _absolute(whole[key], entry.meta)
    document["x-casaos"] = whole
    text: bytes = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, encoding="utf-8")
    return text


def _absolute(value: Any, base: URL) -> Any:
    if isinstance(value, list):
        return [_absolute(item, base) for item in value]
    try:
        return str(base.join(URL(value))) if isinstance(value, str) and value else value
    except ValueError:
        return value


def _wish(limit_bytes: int) -> Wish:
    return Wish(limit_bytes, _TIMEOUT_S, allow_private=True)
