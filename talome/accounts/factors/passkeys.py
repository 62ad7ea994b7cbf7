"""Passkeys: what a browser is asked for, and whether its answer is right (WebAuthn level 2, by the package `webauthn`).

The package is imported when a passkey is first checked, in a thread: a house without passkeys does not carry it.
"""

import asyncio
import ipaddress
import secrets as random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from talome.accounts.factors.models import PasskeyAnswer, PasskeyMade
from talome.accounts.factors.store import PasskeyRow
from talome.core.errors import Invalid
from talome.core.operations import Client

TIMEOUT_MS: Final = 300_000
_ALGORITHMS: Final = (-7, -8, -257)
"""ES256, EdDSA, RS256, as COSE numbers them."""


class PasskeyRefused(Exception):
    """The browser's answer does not prove what it should."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are made and used: the host name is theirs, and the origin is the page's."""

    rp_id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Question:
    """A challenge, good for one answer from that place."""

    challenge: bytes
    place: Place


@dataclass(frozen=True, slots=True)
class NewPasskey:
    credential_id: str
    public_key: str
    sign_count: int


def place_of(client: Client) -> Place | None:
    """None where a browser offers no passkeys: at an IP address, or over plain http from another machine."""
    parts = urlsplit(client.origin)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
        return None
    except ValueError:
        secure = parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
        return Place(host, client.origin) if host and secure else None


def needed_place(client: Client) -> Place:
    place = place_of(client)
    if place is None:
        raise Invalid(
            "Passkeys need a name and HTTPS. Open Talome under its host name with https, then add the passkey there.",
            code="passkeys_unavailable",
        )
    return place


def new_question(place: Place) -> Question:
    return Question(random.token_bytes(32), place)


def creation_options(question: Question, user_id: str, username: str, known: Iterable[PasskeyRow]) -> dict[str, Any]:
    """`PublicKeyCredentialCreationOptions` as JSON; binary values are base64url."""
    return {
        "rp": {"id": question.place.rp_id, "name": "Talome"},
        "user": {"id": to_text(user_id.encode()), "name": username, "displayName": username},
        "challenge": to_text(question.challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in _ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "attestation": "none",
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
        "excludeCredentials": [_descriptor(row) for row in known if row.rp_id == question.place.rp_id],
    }


def request_options(question: Question, known: Iterable[PasskeyRow]) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptions` as JSON."""
    return {
        "rpId": question.place.rp_id,
        "challenge": to_text(question.challenge),
        "timeout": TIMEOUT_MS,
        "userVerification": "preferred",
        "allowCredentials": [_descriptor(row) for row in known if row.rp_id == question.place.rp_id],
    }


def _descriptor(row: PasskeyRow) -> dict[str, Any]:
    return {"type": "public-key", "id": row.credential_id}


async def check_new(made: PasskeyMade, question: Question) -> NewPasskey:
    """The passkey that the browser made. Raises `PasskeyRefused`."""
    return await asyncio.to_thread(_check_new, made, question)


def _check_new(made: PasskeyMade, question: Question) -> NewPasskey:
    import webauthn

    response = {
        "clientDataJSON": made.client_data.get_secret_value(),
        "attestationObject": made.attestation.get_secret_value(),
    }
    with _refusing():
        found = webauthn.verify_registration_response(
            credential=_credential(made.credential_id, response),
            expected_challenge=question.challenge,
            expected_rp_id=question.place.rp_id,
            expected_origin=question.place.origin,
        )
    return NewPasskey(to_text(found.credential_id), to_text(found.credential_public_key), found.sign_count)


async def check_use(answer: PasskeyAnswer, row: PasskeyRow, question: Question) -> int:
    """The new value of the passkey's counter. Raises `PasskeyRefused`, also where the counter went back: a copy."""
    return await asyncio.to_thread(_check_use, answer, row, question)


def _check_use(answer: PasskeyAnswer, row: PasskeyRow, question: Question) -> int:
    import webauthn

    response = {
        "clientDataJSON": answer.client_data.get_secret_value(),
        "authenticatorData": answer.authenticator_data.get_secret_value(),
        "signature": answer.signature.get_secret_value(),
    }
    with _refusing():
        found = webauthn.verify_authentication_response(
            credential=_credential(answer.credential_id, response),
            expected_challenge=question.challenge,
            expected_rp_id=question.place.rp_id,
            expected_origin=question.place.origin,
            credential_public_key=_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
        )
    return found.new_sign_count


@contextmanager
def _refusing() -> Iterator[None]:
    """The package tells of malformed bytes with whatever its parsers raise; all of it means no."""
    try:
        yield
    except Exception as error:
        raise PasskeyRefused(type(error).__name__) from error


def _credential(credential_id: str, response: dict[str, str]) -> dict[str, Any]:
    return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}


def to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _to_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
