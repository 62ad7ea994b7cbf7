"""An app as a ZIP with one folder: its two files, and a `.env` with which plain Compose runs it."""

import io
import re
import secrets
import zipfile
from collections.abc import Mapping
from typing import Final

from talome.home.manifest import AppManifest, Part
from talome.home.stores.own.files import COMPOSE, MANIFEST
from talome.home.stores.own.models import UserAppFiles

_FACTS: Final = {"data": "./data", "timezone": "Etc/UTC", "uid": "1000", "gid": "1000", "address": "127.0.0.1"}
_CLEAN: Final = re.compile(r"[^'\\\r\n\0]*")
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HEAD: Final = "# Values for docker compose, made at the export. Look through them before the first start.\n"


def export_zip(files: UserAppFiles, manifest: AppManifest) -> bytes:
    """Secrets in it are made anew for each export."""
    made: dict[str, str] = {}
    values = {one.name: "".join(_part(part, manifest, made) for part in one.parts) for one in manifest.variables}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{files.id}/{MANIFEST}", files.manifest)
        archive.writestr(f"{files.id}/{COMPOSE}", files.compose)
        archive.writestr(f"{files.id}/.env", _HEAD + "".join(_line(*one) for one in values.items()))
        for scaffold in manifest.scaffold:
            text = _filled(scaffold.text, values) if scaffold.template else scaffold.text
            archive.writestr(f"{files.id}/data/{scaffold.path}", text)
    return out.getvalue()


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def _line(name: str, value: str) -> str:
    if not _CLEAN.fullmatch(value):
        return f"# {name}: its value has quotes in it; enter it by hand.\n{name}=''\n"
    return f"{name}='{value}'\n"


def _part(part: Part, manifest: AppManifest, made: dict[str, str]) -> str:
    if part.text is not None:
        return part.text
    if part.field is not None:
        return next((one.default for one in manifest.fields if one.name == part.field), "")
    if part.secret is not None:
        return made.setdefault(part.secret, secrets.token_hex(32))[: part.length or 64]
    if part.port is not None:
        return part.port.split("/")[1]
    if part.folder is not None:
        return f"./{part.folder}"
    return _FACTS.get(part.fact or "", manifest.id if part.fact == "app_id" else "")
