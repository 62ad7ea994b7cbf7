"""A software authenticator: makes passkeys and signs with them as a browser and its key would (WebAuthn level 2)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@dataclass
class Authenticator:
    """One passkey for one host. `origin` is what the browser says where it is."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    counter: int = 0

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _cose_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives, as the dashboard sends it; the attestation is "none"."""
        credential = len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._cose_key()
        data = self._data(options["rp"]["id"], PRESENT | VERIFIED | ATTESTED) + bytes(16) + credential
        return {
            "credentialId": text(self.credential_id),
            "clientData": text(self._client_data("create", options["challenge"])),
            "attestation": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }

    def get(self, options: dict[str, Any], *, rp_id: str | None = None, flags: int = PRESENT) -> dict[str, Any]:
        """What `navigator.credentials.get` gives."""
        self.counter += 1
        data = self._data(rp_id or options["rpId"], flags)
        client_data = self._client_data("get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return {
            "credentialId": text(self.credential_id),
            "clientData": text(client_data),
            "authenticatorData": text(data),
            "signature": text(signature),
        }
