"""What of a user crosses the wire. Passwords come in and never go out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from talome.core.models import Wire

Role = Literal["admin", "member"]
Username = Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[\w][\w.@-]*$")]
Password = Annotated[SecretStr, Field(min_length=8, max_length=500)]
DisplayName = Annotated[str, Field(min_length=1, max_length=100)]
Permissions = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=200)]


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
