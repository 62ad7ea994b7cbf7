"""The short and long forms of a Compose service's volumes."""

import re
from typing import Any, Final

from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.names import names_in, split_outside

_VOLUME_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}")
_PROPAGATION: Final = ("shared", "rshared", "slave", "rslave", "private", "rprivate")
_KEYS: Final = {"type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"}
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "bind": {"propagation": str, "create_host_path": bool, "selinux": str, "recursive": str},
    "volume": {"nocopy": bool, "subpath": str, "labels": dict},
    "tmpfs": {"size": int | str, "mode": int | str},
}


def long_volumes(value: Any, where: str) -> list[dict[str, Any]]:
    """Each as {type, source?, target, read_only?, bind?, volume?, tmpfs?}; the same one twice is kept once."""
    if not isinstance(value, list):
        raise BadManifest(f"{where}: volumes must be a list.")
    volumes: list[dict[str, Any]] = []
    for entry in value:
        volume = _from_map(entry, where) if isinstance(entry, dict) else _from_text(entry, where)
        if volume not in volumes:
            volumes.append(volume)
    return volumes


def is_host_path(source: str) -> bool:
    """Whether it is a path of the machine and not a volume's name. A variable at its start stands for a folder."""
    return source.startswith((".", "/", "~", "$")) or "/" in source


def _from_text(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, str):
        raise BadManifest(f"{where}: a volume is neither a text nor a map.")
    pieces = split_outside(entry.strip(), ":")
    if len(pieces) == 1:
        return {"type": "volume", "target": _target(pieces[0], where)}
    if len(pieces) > 3:
        raise BadManifest(f"{where}: {entry[:80]!r} is not a volume.")
    source, target = pieces[0], _target(pieces[1], where)
    volume: dict[str, Any] = {"type": _type_of(source, where), "source": source, "target": target}
    for mode in (pieces[2] if len(pieces) == 3 else "").split(","):
        if mode == "ro":
            volume["read_only"] = True
        elif volume["type"] == "bind" and mode in ("z", "Z"):
            volume.setdefault("bind", {})["selinux"] = mode
        elif volume["type"] == "bind" and mode in _PROPAGATION:
            volume.setdefault("bind", {})["propagation"] = mode
        elif volume["type"] == "volume" and mode == "nocopy":
            volume["volume"] = {"nocopy": True}
    return volume


def _from_map(entry: dict[Any, Any], where: str) -> dict[str, Any]:
    kind = entry.get("type", "volume")
    if not isinstance(kind, str) or kind not in _OPTIONS:
        raise BadManifest(f"{where}: volumes of the type {str(kind)[:40]!r} are not taken from a store.")
    for key in entry:
        if key not in _KEYS and not str(key).startswith("x-"):
            raise BadManifest(f"{where}: a volume has the unknown key {str(key)[:60]!r}.")
    volume: dict[str, Any] = {"type": kind}
    source = entry.get("source")
    if source is not None and kind != "tmpfs":
        volume["source"] = _text(source, where)
        if kind == "volume" and is_host_path(volume["source"]):
            raise BadManifest(f"{where}: {volume['source'][:80]!r} is a path, not a volume.")
        if kind == "volume":
            _type_of(volume["source"], where)
    elif kind == "bind":
        raise BadManifest(f"{where}: a bind mount has no source.")
    volume["target"] = _target(_text(entry.get("target"), where), where)
    if _flag(entry.get("read_only"), where):
        volume["read_only"] = True
    options = entry.get(kind)
    if options is not None:
        volume[kind] = _options(kind, options, where)
    return volume


def _options(kind: str, options: Any, where: str) -> dict[str, Any]:
    known = _OPTIONS[kind]
    if not isinstance(options, dict):
        raise BadManifest(f"{where}: a volume's {kind} must be a map.")
    for key, value in options.items():
        if key not in known or not isinstance(value, known[key]):
            raise BadManifest(f"{where}: a volume's {kind} has an unknown key or value: {str(key)[:60]!r}.")
    return dict(options)


def _type_of(source: str, where: str) -> str:
    if is_host_path(source):
        return "bind"
    if not _VOLUME_NAME.fullmatch(source) and not names_in(source):
        raise BadManifest(f"{where}: {source[:80]!r} is neither a path nor the name of a volume.")
    return "volume"


def _target(text: str, where: str) -> str:
    text = text.strip()
    if not text.startswith("/") and not names_in(text):
        raise BadManifest(f"{where}: the path inside the container must begin with a slash: {text[:80]!r}.")
    return text


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise BadManifest(f"{where}: a volume's source or target is missing or not a text.")
    return value


def _flag(value: Any, where: str) -> bool:
    if value not in (None, True, False, "true", "false"):
        raise BadManifest(f"{where}: a volume's read_only is neither true nor false.")
    return value in (True, "true")
