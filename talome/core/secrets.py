"""Secrets at rest: one master secret, a key for each purpose by HKDF-SHA256, values sealed with AES-256-GCM.

The row's id is the associated data, so that a value cannot be moved to another row. A sealed value is `v1.` and
base64url of nonce (12 bytes) and ciphertext. Sources: RFC 5869 (HKDF), NIST SP 800-38D (GCM).
"""

import os
import re
import secrets as random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from talome.core.errors import Internal


class SecretUnusable(Exception):
    """The master secret is missing, malformed or readable by others; the server refuses to run."""


class Secrets:
    """Keys derived from the master secret, and values sealed with them."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose; the same for the same master secret."""
        return HKDF(SHA256(), 32, salt=None, info=f"talome/{purpose}".encode()).derive(self._master)

    def seal(self, plain: str, *, purpose: str, row: str) -> str:
        nonce = random.token_bytes(12)
        return "v1." + urlsafe_b64encode(
            nonce + AESGCM(self.key(purpose)).encrypt(nonce, plain.encode(), row.encode())
        ).decode("ascii")

    def open(self, sealed: str, *, purpose: str, row: str) -> str:
        """The plain text; `Internal` where it was sealed with another secret, for another row, or was altered."""
        try:
            raw = urlsafe_b64decode(sealed.removeprefix("v1."))
            return AESGCM(self.key(purpose)).decrypt(raw[:12], raw[12:], row.encode()).decode()
        except (InvalidTag, ValueError):
            raise Internal("A stored secret cannot be read with this TALOME_SECRET. Enter it again.") from None


def write_whole(path: Path, content: str | bytes) -> None:
    """A file of mode 0600 that is there with all of its content or not at all, also when the power fails."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_master(given: str | None, path: Path) -> bytes:
    """The master secret: `given` (64 hex characters), else the file, which is made at first start with mode 0600."""
    if given is None:
        if not path.exists():
            write_whole(path, random.token_hex(32))
        if path.stat().st_mode & 0o077:
            raise SecretUnusable(f"{path} can be read by others; run: chmod 600 {path}")
        given = path.read_text().strip()
    if not re.fullmatch(r"[0-9a-fA-F]{64}", given):
        raise SecretUnusable(
            f"The master secret must be 64 hexadecimal characters (TALOME_SECRET, or the file {path})."
        )
    return bytes.fromhex(given)
