"""Recovery codes: eight for each person, each good once, for a new password or in place of a second factor."""

import hashlib
import hmac
import re
import secrets as random
from typing import Final

from talome.accounts.users.store import RecoveryCodesStore
from talome.core.db import Database, Transaction
from talome.core.secrets import Secrets

RECOVERY_CODES: Final = 8
_ALPHABET: Final = "abcdefghjkmnpqrstvwxyz23456789"


class RecoveryCodes:
    """Made and spent within the transactions of what they are for."""

    def __init__(self, db: Database, secrets: Secrets) -> None:
        self._db = db
        self._key = secrets.key("recovery-codes")

    async def renew(self, tx: Transaction, user_id: str) -> list[str]:
        """Fresh codes; the old ones are void."""
        codes = ["-".join(_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]
        await RecoveryCodesStore.replace(tx, user_id, [self._digest(code) for code in codes])
        return codes

    async def spend(self, tx: Transaction, user_id: str, code: str) -> bool:
        """Take a code away; False where it is none of this person's."""
        return await RecoveryCodesStore.spend(tx, user_id, self._digest(code))

    async def left(self, tx: Transaction, user_id: str) -> int:
        return await RecoveryCodesStore.left(tx, user_id)

    async def count(self, user_id: str) -> int:
        """How many are left, outside of a transaction."""
        return await RecoveryCodesStore.count(self._db, user_id)

    def _digest(self, code: str) -> str:
        plain = re.sub(r"[\s-]", "", code).casefold()
        return hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()


def _group() -> str:
    """Five of 30 letters and digits that are not mistaken for each other; three groups hold 73 bits."""
    return "".join(random.choice(_ALPHABET) for _ in range(5))
