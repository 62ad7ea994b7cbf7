"""The setup code: who first reaches a fresh box from the network must prove that the box is theirs.

It is made at start while there is no user, printed in the log and by the installer, and kept in a file of mode 0600
that goes once the administrator exists.
"""

import asyncio
import hmac
import logging
import secrets as random
from pathlib import Path

from talome.accounts.users.service import Users
from talome.core.errors import Forbidden
from talome.core.operations import Client
from talome.core.secrets import write_whole

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_log = logging.getLogger(__name__)


class SetupCode:
    def __init__(self, users: Users, file: Path) -> None:
        self._users = users
        self._file = file

    async def start(self) -> None:
        """Make the code if it is needed and not there."""
        if not await self._users.none_yet():
            self.forget()
        elif not self._read():
            code = "-".join("".join(random.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
            write_whole(self._file, f"{code}\n")
            _log.warning("Nobody has signed in yet. To make the administrator from another machine, enter %s", code)

    def needed_for(self, client: Client) -> bool:
        return not client.local

    async def check(self, given: str | None, client: Client) -> None:
        """Raise `Forbidden` unless the caller sits at this machine or knows the code."""
        if client.local:
            return
        expected = await asyncio.to_thread(self._read)
        typed = "".join((given or "").upper().split())
        if not expected or not hmac.compare_digest(typed.encode(), expected.encode()):
            raise Forbidden(
                "Enter the setup code that the installer printed. It also stands in the log, and in the file "
                f"{self._file} on the machine itself.",
                code="setup_code_needed",
                field="setupCode",
            )

    def _read(self) -> str:
        try:
            return self._file.read_text().strip()
        except FileNotFoundError:
            return ""

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)
