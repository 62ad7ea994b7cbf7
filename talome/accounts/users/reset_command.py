"""The way back in for an owner who lost the password: works on the data folder, with the server running or not."""

from collections.abc import Awaitable, Callable

from pydantic import TypeAdapter, ValidationError

from talome.accounts.users.models import Password
from talome.accounts.users.passwords import Passwords
from talome.accounts.users.service import Users
from talome.accounts.users.store import UsersStore
from talome.core.db import Database, Transaction
from talome.core.errors import Invalid, NotFound
from talome.core.events import Events
from talome.core.operations import explain
from talome.core.secrets import Secrets, load_master
from talome.core.settings.boot import BootSettings


async def reset_password(
    settings: BootSettings,
    username: str,
    password: str,
    forget: Callable[[Transaction, str], Awaitable[object]] | None = None,
) -> None:
    """Set a user's password and let a disabled user in again; every session of the user ends within a second.

    `forget` is given the user's id, to take away what else stands in the way: the second factors.
    Raises `NotFound` for an unknown user or where Talome was never started, `Invalid` for a bad password.
    """
    if not settings.database.exists():
        raise NotFound(f"There is no database in {settings.home}. Is TALOME_HOME right?")
    _check(password)
    events = Events()
    db = Database(settings.database, events, readers=1)
    await db.open(None)
    try:
        secrets = Secrets(load_master(settings.secret, settings.home / "secret"))
        users = Users(UsersStore(db), Passwords(), secrets, frozenset)
        row = await users.find(username)
        if row is None:
            names = ", ".join(user.username for user in await users.list_()) or "nobody yet"
            raise NotFound(f"There is no user “{username}”. There is: {names}.")
        if forget is not None:
            async with db.write() as tx:
                await forget(tx, row.id)
        await users.change(row.id, disabled=False, password=password)
    finally:
        await db.close()


def _check(password: str) -> None:
    try:
        TypeAdapter(Password).validate_python(password)
    except ValidationError as error:
        raise Invalid(explain(error).message.replace("“body”", "The new password")) from None
