"""What of signing in crosses the wire."""

from collections.abc import Mapping
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Annotated

from pydantic import Field, PrivateAttr

from talome.accounts.users.models import User
from talome.core.http.server import SESSION_COOKIE
from talome.core.models import Done, Wire

GivenName = Annotated[str, Field(max_length=200)]
"""What is compared, not kept: any text, within a bound, so that a wrong form fails like a wrong value."""


class SignedIn(Wire):
    """The session's token, for Bearer; the cookie is set beside it. A browser also gets the `proof` that its requests
    by cookie must carry. `recovery_codes` only where this made the first administrator. `second_factor_due`: this
    administrator has to set up a second factor, and can do nothing else until then."""

    token: str
    proof: str | None = None
    expires_at: datetime
    setup: bool
    user: User
    recovery_codes: list[str] | None = None
    recovery_codes_left: int | None = None
    second_factor_due: bool = False
    _cookie: str = PrivateAttr(default="")
    _secure: bool = PrivateAttr(default=False)

    def with_cookie(self, value: str, *, secure: bool) -> "SignedIn":
        self._cookie, self._secure = value, secure
        return self

    def http_headers(self) -> Mapping[str, str]:
        return {"Set-Cookie": session_cookie(self._cookie, self.expires_at, secure=self._secure)}


class SignedOut(Done):
    """Takes the cookie away."""

    def http_headers(self) -> Mapping[str, str]:
        return {"Set-Cookie": session_cookie("", None, secure=False)}


class Setup(Wire):
    """Whether the first administrator is still to be made, and whether the setup code is needed for it from here."""

    needs_admin: bool
    needs_setup_code: bool
    version: str


class RecoveryCodes(Wire):
    """Each is good once, for a new password or in place of a second factor; they are shown this once."""

    recovery_codes: list[str]


def session_cookie(token: str, expires_at: datetime | None, *, secure: bool) -> str:
    """A `Set-Cookie` value: HttpOnly, SameSite=Lax, for this host only; without an end it takes the cookie away."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[SESSION_COOKIE] = token
    morsel = cookie[SESSION_COOKIE]
    morsel["path"], morsel["httponly"], morsel["samesite"] = "/", True, "Lax"
    if secure:
        morsel["secure"] = True
    if expires_at is None:
        morsel["max-age"] = 0
    else:
        morsel["expires"] = expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return morsel.OutputString()
