"""Markdown with front matter, as Obsidian and basic-memory keep it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from talome.memory.transfer.formats.lines import Line, problem

LARGEST_NOTE_BYTES: Final = 60_000
_FENCE: Final = "---"
_KEY: Final = re.compile(r"([A-Za-z_][\w -]{0,60}):(?:[ \t]+(.*))?$")
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(.*)$")
_RELATION: Final = re.compile(
    r"[ \t]*[-*][ \t]+([a-z][\w -]{0,60}?)[ \t]+\[\[([^\[\]|#\n]{1,200})(?:[|#][^\[\]\n]*)?\]\]"
)
_WIKI: Final = re.compile(r"(?<!!)\[\[([^\[\]|#\n]{1,200})(?:[|#][^\[\]\n]*)?\]\]")
_TAG: Final = re.compile(r"(?<![\w/#&])#([A-Za-z][\w/-]{0,60})")
_UNFIT: Final = re.compile(r'[\x00-\x1f\\/:*?"<>|#^\[\]]+')
_PLAIN_KIND: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_OWN: Final = (
    *("status", "importance", "confidence", "metadata", "claim_key", "valid_from", "valid_to", "workspace_id"),
)
_MOST_LINKS: Final = 200
_LINKS: Final = "## Links"


# --- writing ---


def file_name(title: str, content: str) -> str:
    """What a note is called as a file: its title, or how it begins. Without an ending."""
    text = title.strip() or next((line for line in content.splitlines() if line.strip()), "")
    name = " ".join(_UNFIT.sub(" ", text).split()).strip(". ")
    return name[:80].strip(". ") or "Note"


def write(front: Mapping[str, Any], body: str, links: Sequence[tuple[str, str]]) -> str:
    """`links` are names of relations and of files. Values are written as JSON, which is YAML too."""
    head = "\n".join(
        f"{key}: {orjson.dumps(value).decode()}" for key, value in front.items() if value not in (None, "")
    )
    listed = "".join(f"- {relation} [[{target}]]\n" for relation, target in links)
    return f"{_FENCE}\n{head}\n{_FENCE}\n\n{body.rstrip()}\n" + (f"\n{_LINKS}\n\n{listed}" if links else "")


# --- reading ---


def read_folder(folder: Path) -> Iterator[Line]:
    """Every `.md` file below the folder, and the links between them."""
    paths = sorted(path for path in folder.rglob("*.md") if path.is_file() and not path.is_symlink())
    known: dict[str, Line] = {}
    links: list[tuple[Line, str, str]] = []
    for path in paths:
        place = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in place.split("/")):
            continue  # Obsidian's own settings and bin
        line, found = _read(path, place)
        yield line
        if line["record"] == "problem":
            continue
        for name in {path.stem, place.removesuffix(".md"), *line["names"]}:
            known.setdefault(str(name).casefold(), line)
        links += [(line, relation, target) for relation, target in found]
    for source, relation, target in links:
        other = known.get(target.casefold())
        if other is not None and other is not source:
            ends = {"source_type": source["record"], "source_id": source["id"]}
            ends |= {"target_type": other["record"], "target_id": other["id"]}
            yield {"record": "link", **ends, "relation": relation}


def _read(path: Path, place: str) -> tuple[Line, list[tuple[str, str]]]:
    if path.stat().st_size > LARGEST_NOTE_BYTES:
        return problem(place, "It is longer than a note may be. Add it as a source instead."), []
    try:
        note, links = read_note(path.read_text(encoding="utf-8-sig"), place)
    except UnicodeDecodeError:
        return problem(place, "It is no text in UTF-8."), []
    return (problem(place, "There is nothing in it."), []) if note is None else (note, links)


def read_note(text: str, place: str) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """The note of a file, and what it links to, by name. None where there is no text in it."""
    front, body = split(text)
    if front.get("talome_entity"):
        return {**_entity(front, body), "names": [str(front.get("title", ""))]}, []
    listed, links = _links(body, own=bool(front.get("talome_id")))
    if not listed.strip():
        return None, []
    title = str(front.get("title") or Path(place).stem)[:200]
    note: dict[str, Any] = {
        "record": "note",
        "id": str(front.get("talome_id") or place)[:200],
        "title": "" if front.get("talome_id") and "title" not in front else title,
        "content": listed.strip(),
        "tags": _tags(front, listed),
        "created_at": front.get("created_at") or front.get("created") or front.get("date"),
        "names": [
            title,
            *(str(front[name]) for name in ("permalink",) if front.get(name)),
            *_texts(front.get("aliases")),
        ],
    }
    kind = str(front.get("kind") or front.get("type") or "").lower()
    if _PLAIN_KIND.fullmatch(kind):
        note["kind"] = kind
    note |= {key: front[key] for key in _OWN if key in front}
    return note | _identity(front, place), links


def _identity(front: Mapping[str, Any], place: str) -> dict[str, Any]:
    if front.get("external_id"):
        return {"external_source": front.get("external_source"), "external_id": front["external_id"]}
    if front.get("talome_id"):
        return {}
    if front.get("permalink"):
        return {"external_source": "basic-memory", "external_id": str(front["permalink"])[:200]}
    return {"external_source": "markdown", "external_id": place[:200]}


def _entity(front: Mapping[str, Any], body: str) -> dict[str, Any]:
    return {
        "record": "entity",
        "id": str(front["talome_entity"])[:200],
        "name": str(front.get("title", ""))[:200],
        "type": str(front.get("type") or "thing"),
        "description": body.strip()[:2000],
        "aliases": _texts(front.get("aliases")),
        **{key: front[key] for key in ("external_source", "external_id", "workspace_id") if key in front},
    }


def split(text: str) -> tuple[dict[str, Any], str]:
    """Front matter and body. What of the front matter is no plain value or list is passed over."""
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != _FENCE:
        return {}, text
    for end in range(1, min(len(lines), 400)):
        if lines[end].rstrip() in (_FENCE, "..."):
            return _front(lines[1:end]), "\n".join(lines[end + 1 :])
    return {}, text


def _front(lines: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    key = ""
    for line in lines:
        if match := _KEY.match(line):
            key, value = match[1].strip(), (match[2] or "").strip()
            found[key] = _value(value) if value else []
        elif (item := _ITEM.match(line)) and isinstance(found.get(key), list):
            found[key].append(_value(item[1].strip()))
    return {key: value for key, value in found.items() if value != []}


def _value(text: str) -> Any:
    """A value of YAML as far as notes need them: what JSON knows, a list without quotes, or a text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    if text.startswith("[") and text.endswith("]"):
        return [part.strip().strip("'\"") for part in text[1:-1].split(",") if part.strip()]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text.partition(" #")[0].strip()


def _links(body: str, *, own: bool) -> tuple[str, list[tuple[str, str]]]:
    """The body, without the links that an export of ours (`own`) wrote below it, and every link with its relation."""
    text, mark, listed = body.rpartition(f"\n{_LINKS}\n")
    ours = own and bool(mark) and all(not line.strip() or _RELATION.match(line) for line in listed.splitlines())
    links: dict[str, str] = {}
    for match in _RELATION.finditer(listed if ours else body):
        links.setdefault(match[2].strip(), match[1].strip().replace(" ", "_"))
    for match in () if own else _WIKI.finditer(body):
        links.setdefault(match[1].strip(), "links_to")
    return (text if ours else body), [(relation, target) for target, relation in links.items()][:_MOST_LINKS]


def _tags(front: Mapping[str, Any], body: str) -> list[str]:
    given = [tag.lstrip("#") for tag in _texts(front.get("tags"))]
    inline = [] if front.get("talome_id") else _TAG.findall(body)
    return list(dict.fromkeys(tag[:64] for tag in (*given, *inline) if tag))[:50]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(one) for one in value if isinstance(one, str | int | float)] if isinstance(value, list) else []
