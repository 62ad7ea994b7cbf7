"""Operations on one's own Home page."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.widgets.models import Board, Manifest, Place, Widget, WidgetId, WidgetOption
from talome.home.widgets.service import Widgets


class WidgetsApi:
    def __init__(self, widgets: Widgets) -> None:
        self._widgets = widgets

    @operation("GET", "/api/widgets", scope="account:read", risk="read")
    async def list_(self, caller: Caller) -> Board:
        """One's own widgets, and the order and size of all cards on the Home page."""
        return await self._widgets.board(caller)

    @operation("GET", "/api/widgets/options", scope="account:read", risk="read")
    async def options(self, caller: Caller) -> list[WidgetOption]:
        """What a widget can show: the operations that read, as far as one may use them."""
        return self._widgets.options(caller)

    @operation("POST", "/api/widgets", scope="account:write", risk="modify")
    async def save(self, caller: Caller, manifest: Manifest, id: WidgetId | None = None) -> Widget:
        """Make a widget from a manifest; with an `id`, change that one."""
        return await self._widgets.save(caller, manifest, id)

    @operation("PUT", "/api/widgets/layout", scope="account:write", risk="modify")
    async def arrange(self, caller: Caller, places: Annotated[list[Place], Field(max_length=100)]) -> Board:
        """Keep the order and size of the cards; an empty list goes back to the first arrangement."""
        return await self._widgets.arrange(caller, places)

    @operation("PUT", "/api/widgets/{id}", scope="account:write", risk="modify")
    async def update(self, caller: Caller, id: str, manifest: Manifest) -> Widget:
        """Change a widget of one's own."""
        return await self._widgets.save(caller, manifest, id)

    @operation("DELETE", "/api/widgets/{id}", scope="account:write", risk="modify")
    async def delete(self, caller: Caller, id: str) -> Done:
        """Delete a widget of one's own."""
        await self._widgets.delete(caller, id)
        return Done()
