"""Scripts of Umbrel's apps, for what only a shell can tell: run when a person asks for it, in a throw-away container,
and believed when a person has seen what they said."""

import asyncio
import json
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from talome.core.clock import now_ms
from talome.core.errors import Conflict, Invalid, NotFound
from talome.engines.docker.protocol import ContainerEngine
from talome.home.jobs.models import Job
from talome.home.manifest import APP_ID, Part
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.parts import Parts
from talome.home.stores.models import SaidValue, ScriptsSaid
from talome.home.stores.places import Places
from talome.home.stores.store import ScriptsRow, StoreRow, StoresStore
from talome.home.stores.sync import StoreSync

if TYPE_CHECKING:
    from talome.home.stores.formats.umbrel_scripts import AppScripts

_MOST_KEPT: Final = 20
_LAST_WORDS: Final = 20


class StoreScripts:
    """What was run waits in memory for somebody to take it."""

    def __init__(self, store: StoresStore, places: Places, sync: StoreSync, engine: ContainerEngine) -> None:
        self._store = store
        self._places = places
        self._sync = sync
        self._engine = engine
        self._said: dict[tuple[str, str], tuple[str, dict[str, Parts]]] = {}

    async def run(self, store_id: str, app: str, image: str) -> ScriptsSaid:
        """Nothing of it is kept before `take`. Raises `NotFound` where the image is not on this machine."""
        scripts = await self._scripts(store_id, app)
        if not scripts.unknown:
            raise Invalid(f"The scripts of {app} need no shell: all they say is known.")
        await self._engine.images.inspect(image)
        from talome.home.stores.formats.umbrel_scripts import START  # `_read` has loaded it, in a thread

        nonce = secrets.token_hex(16)
        ran = await self._engine.containers.run_sealed(image, START, env=scripts.environment(nonce))
        values = scripts.answers(ran.stdout, nonce)
        self._said[store_id, app] = (scripts.digest, values)
        for old in list(self._said)[:-_MOST_KEPT]:
            del self._said[old]
        return ScriptsSaid(
            app=app,
            digest=scripts.digest,
            values=[SaidValue(name=name, value=_shown(parts)) for name, parts in sorted(values.items())],
            unset=sorted(scripts.unknown.keys() - values.keys()),
            exit_code=ran.exit_code,
            errors=list(ran.stderr[-_LAST_WORDS:]),
        )

    async def take(self, store_id: str, app: str, digest: str, *, by: str) -> Job:
        """Have the store read again with what was said. `digest` names just what somebody has seen."""
        row = await self._row(store_id)
        known, values = self._said.get((store_id, app), ("", {}))
        if known != digest:
            raise Conflict("This is not what the scripts said last. Run them again, and look at what they say.")
        said = {name: [part.model_dump(exclude_none=True) for part in parts] for name, parts in values.items()}
        async with self._store.db.write() as tx:
            await self._store.scripts.put(tx, ScriptsRow(store_id, app, digest, json.dumps(said), by, now_ms()))
        del self._said[store_id, app]
        return Job.of(await self._sync.start(row, by))

    async def _scripts(self, store_id: str, app: str) -> "AppScripts":
        row = await self._row(store_id)
        root = await asyncio.to_thread(self._places.root, row)
        if row.kind != "umbrel" or root is None:
            raise Invalid("Only apps of Umbrel's stores have scripts.")
        return await asyncio.to_thread(_read, root, app)

    async def _row(self, store_id: str) -> StoreRow:
        row = await self._store.get(store_id)
        if row is None:
            raise NotFound("There is no such store.")
        return row


def _read(root: Path, app: str) -> "AppScripts":
    if not re.fullmatch(APP_ID, app):
        raise NotFound("The store has no such app.")
    from talome.home.stores.formats.umbrel import scripts_of  # stores are read elsewhere; few people ask for this here

    try:
        return scripts_of(root, app)
    except BadManifest as error:
        raise NotFound(f"The store has no readable app “{app}”: {error}.") from None


def _shown(parts: Parts) -> str:
    """For people: what is made up or looked up only at the installation stands in brackets."""
    return "".join(map(_piece, parts))


def _piece(part: Part) -> str:
    if part.text is not None:
        return part.text
    return f"[secret {part.secret}]" if part.secret is not None else f"[{part.fact}]"
