"""A person's Home page: widgets of their own, checked against the registry, and the order and size of all cards."""

import logging
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError
from talome.core.operations import PUBLIC, Caller, Operation, Registry
from talome.home.widgets.models import Board, Manifest, Place, Widget, WidgetOption, WidgetSource
from talome.home.widgets.store import WidgetRow, WidgetsStore

MOST_WIDGETS: Final = 40
BUILTINS: Final = (
    Place(id="builtin:launcher", size="full"),
    Place(id="builtin:attention", size="full"),
    Place(id="builtin:cpu", size="small"),
    Place(id="builtin:memory", size="small"),
    Place(id="builtin:disk", size="small"),
    Place(id="builtin:network", size="small"),
    Place(id="builtin:sensors", size="full"),
    Place(id="builtin:activity", size="full"),
)
"""The cards that every Home page begins with, in their first order."""
_PRIVATE: Final = frozenset({"account", "users", "audit"})
"""Areas of rights whose answers are about people; they do not belong on a board."""
_MANIFEST: Final[TypeAdapter[Manifest]] = TypeAdapter(Manifest)
_PLACES: Final = TypeAdapter(list[Place])
_log = logging.getLogger(__name__)


class Widgets:
    def __init__(self, store: WidgetsStore, registry: Registry) -> None:
        self._store = store
        self._registry = registry

    async def board(self, caller: Caller) -> Board:
        """The page of this person: what is kept, without what is gone, and what is new at its end."""
        widgets = [self._shown(row, caller) for row in await self._store.of_user(caller.user_id)]
        kept = await self._store.layout(caller.user_id)
        first = [*BUILTINS, *(Place(id=widget.id, size="small") for widget in widgets if widget is not None)]
        known = {place.id for place in first}
        places = [place for place in _read_places(kept) if place.id in known]
        placed = {place.id for place in places}
        places += [place for place in first if place.id not in placed]
        return Board(
            places=places, widgets=[widget for widget in widgets if widget is not None], arranged=kept is not None
        )

    def _shown(self, row: WidgetRow, caller: Caller) -> Widget | None:
        try:
            manifest = _MANIFEST.validate_json(row.manifest)
        except ValidationError:
            _log.warning("Widget %s was made by another version of Talome and is not shown", row.id)
            return None
        route, problem = None, None
        source: WidgetSource | None = getattr(manifest, "source", None)
        if source is not None:
            try:
                route = self._readable(source, caller).path
            except TalomeError as error:
                problem = error.message
        return Widget(id=row.id, manifest=manifest, route=route, problem=problem, changed_at=from_ms(row.changed_at))

    def options(self, caller: Caller) -> list[WidgetOption]:
        return [
            WidgetOption(
                operation=operation.name,
                summary=operation.description.partition("\n")[0],
                route=operation.path,
                arguments=operation.input_schema(),
            )
            for operation in self._registry
            if _is_readable(operation) and caller.may(operation.scope)
        ]

    def _readable(self, source: WidgetSource, caller: Caller) -> Operation:
        """The operation that a source names, if it may be asked by a widget of this person."""
        operation = self._registry.find(source.operation)
        if operation is None or operation.name != source.operation or not _is_readable(operation):
            raise Invalid(f"“{source.operation}” is nothing that a widget can show.", field="manifest.source.operation")
        if not caller.may(operation.scope):
            raise Forbidden(f"This needs the right “{operation.scope}”, which you do not have.", scope=operation.scope)
        try:
            operation.parse_query(source.arguments)
        except Invalid as error:
            raise Invalid(error.message, field="manifest.source.arguments") from None
        return operation

    async def save(self, caller: Caller, manifest: Manifest, widget_id: str | None) -> Widget:
        """Make a widget, or change one's own."""
        source: WidgetSource | None = getattr(manifest, "source", None)
        if source is not None:
            self._readable(source, caller)
        text, at = _MANIFEST.dump_json(manifest, by_alias=True).decode(), now_ms()
        row = WidgetRow(widget_id or ids.new_id("wdg"), caller.user_id, text, at, at)
        async with self._store.db.write() as tx:
            if widget_id is None:
                if await self._store.count(tx, caller.user_id) >= MOST_WIDGETS:
                    raise Conflict(f"You have {MOST_WIDGETS} widgets, which is as many as fit. Delete one first.")
                await self._store.add(tx, row)
            elif not await self._store.change(tx, widget_id, caller.user_id, text, at):
                raise NotFound("There is no such widget.")
        shown = self._shown(row, caller)
        if shown is None:
            raise Invalid("This widget cannot be shown.", field="manifest")
        return shown

    async def delete(self, caller: Caller, widget_id: str) -> None:
        async with self._store.db.write() as tx:
            if not await self._store.delete(tx, widget_id, caller.user_id):
                raise NotFound("There is no such widget.")

    async def arrange(self, caller: Caller, places: list[Place]) -> Board:
        """Keep an order; an empty one goes back to the first."""
        if len({place.id for place in places}) != len(places):
            raise Invalid("A card can stand in one place only.", field="places")
        known = {place.id for place in (await self.board(caller)).places}
        for place in places:
            if place.id not in known:
                raise NotFound(f"There is no card “{place.id}” on your page.", field="places")
        async with self._store.db.write() as tx:
            if places:
                await self._store.keep_layout(tx, caller.user_id, _PLACES.dump_json(places).decode(), now_ms())
            else:
                await self._store.forget_layout(tx, caller.user_id)
        return await self.board(caller)


def _is_readable(operation: Operation) -> bool:
    reads = operation.risk == "read" and operation.method == "GET" and operation.item is None
    return reads and operation.scope != PUBLIC and operation.scope.partition(":")[0] not in _PRIVATE


def _read_places(text: str | None) -> list[Place]:
    """What is kept, as far as this version understands it."""
    places = []
    for item in orjson.loads(text or "[]"):
        try:
            places.append(Place.model_validate(item))
        except ValidationError:
            _log.warning("A place on a Home page is not understood and left out")
    return places
