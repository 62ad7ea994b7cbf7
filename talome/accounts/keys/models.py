"""What of an API key crosses the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from talome.core.models import Wire

KeyScopes = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(min_length=1, max_length=200)]


class ApiKey(Wire):
    """A key without its secret part; `scopes` bound it, and so do the rights of its owner."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    requests_per_minute: int | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewApiKey(Wire):
    """`token` is shown this once."""

    key: ApiKey
    token: str
