"""A user as it is kept, and what of it crosses the wire: passwords come in and never go out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from talome.core.models import Wire

Role = Literal["admin", "member"]
Username = Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[\w][\w.@-]*$")]
Password = Annotated[SecretStr, Field(min_length=8, max_length=500)]
GivenSecret = Annotated[SecretStr, Field(max_length=500)]
"""What is compared, not kept: any text, within a bound, so that a wrong form fails like a wrong value."""
DisplayName = Annotated[str, Field(min_length=1, max_length=100)]
Permissions = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=200)]


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as it is kept; `permissions` is a JSON array, times are milliseconds since 1970."""

    id: str
    username: str
    username_key: str
    display_name: str | None
    role: str
    permissions: str
    password_hash: str
    disabled: int
    rights_revision: int
    created_at: int
    last_login_at: int | None


class User(Wire):
    """A person. `permissions` is what an administrator gave a member, `scopes` what follows from it and the role."""

    id: str
    username: str
    display_name: str | None
    role: Role
    permissions: list[str]
    scopes: list[str]
    disabled: bool
    created_at: datetime
    last_login_at: datetime | None


class NewUserAdded(Wire):
    """A new person; the recovery codes are shown this once."""

    user: User
    recovery_codes: list[str]
