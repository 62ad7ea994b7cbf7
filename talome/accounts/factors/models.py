"""What of second factors crosses the wire. Secrets come in and go out once, at the set-up."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, SecretStr

from talome.core.models import Wire

PasskeyName = Annotated[str, Field(min_length=1, max_length=100)]
Bytes = Annotated[SecretStr, Field(min_length=1, max_length=16_000)]
"""base64url. Not secret, but good for one use only and of no interest in a log."""
CredentialId = Annotated[str, Field(min_length=1, max_length=1400)]


class Authenticator(Wire):
    """An authenticator app is set up."""

    added_at: datetime
    last_used_at: datetime | None


class Passkey(Wire):
    """`host` is the name under which it was made, the only one where it works."""

    id: str
    name: str
    host: str
    added_at: datetime
    last_used_at: datetime | None


class SecondFactors(Wire):
    """`required`: the person must have at least one. `recovery_codes_left` stand in for a lost one."""

    authenticator: Authenticator | None
    passkeys: list[Passkey]
    recovery_codes_left: int
    required: bool


class UserSecondFactors(Wire):
    """What an administrator sees of somebody's second factors."""

    user_id: str
    authenticator: bool
    passkeys: int


class TotpSetup(Wire):
    """For the authenticator app: as an `otpauth:` address for a QR code, and as text to type."""

    secret: str
    uri: str


class PasskeyQuestion(Wire):
    """For `navigator.credentials.create`: `options` is its `publicKey`, with base64url for binary values."""

    options: dict[str, Any]


class PasskeyMade(Wire):
    """What `navigator.credentials.create` gave, in base64url."""

    credential_id: CredentialId
    client_data: Bytes
    attestation: Bytes


class PasskeyAnswer(Wire):
    """What `navigator.credentials.get` gave, in base64url."""

    credential_id: CredentialId
    client_data: Bytes
    authenticator_data: Bytes
    signature: Bytes
