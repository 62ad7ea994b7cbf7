"""Which reader a file is for: by how it begins, then by its name, then by what its sender calls it."""

from importlib import import_module
from typing import Final, NamedTuple

from talome.memory.sources.formats.parts import Given, Reader, Unreadable


class Kind(NamedTuple):
    """`name` is what people see; `reader` is `module.function` in this package, loaded only when it is needed."""

    name: str
    reader: str


_TEXT: Final = Kind("text", "chats.read_plain")
_MARKDOWN: Final = Kind("markdown", "text.read_markdown")
_HTML: Final = Kind("html", "html.read_html")
_PDF: Final = Kind("pdf", "pdf.read_pdf")
_WORD: Final = Kind("word", "office.read_docx")
_SLIDES: Final = Kind("slides", "office.read_pptx")
_SHEET: Final = Kind("sheet", "sheets.read_xlsx")
_CSV: Final = Kind("csv", "tables.read_csv")
_JSON: Final = Kind("json", "chats.read_json_or_chat")
_JSON_LINES: Final = Kind("json", "tables.read_json_lines")
_MAIL: Final = Kind("mail", "mail.read_eml")
_MAILBOX: Final = Kind("mail", "mail.read_mbox")
_TRANSCRIPT: Final = Kind("transcript", "chats.read_subtitles")
_CODE: Final = Kind("code", "text.read_text")
_PACKED: Final = {"docx": _WORD, "docm": _WORD, "pptx": _SLIDES, "pptm": _SLIDES, "xlsx": _SHEET, "xlsm": _SHEET}
_ENDINGS: Final = {
    **_PACKED,
    "md": _MARKDOWN, "markdown": _MARKDOWN, "mdx": _MARKDOWN,
    "html": _HTML, "htm": _HTML, "xhtml": _HTML,
    "pdf": _PDF, "csv": _CSV, "tsv": _CSV,
    "json": _JSON, "jsonl": _JSON_LINES, "ndjson": _JSON_LINES,
    "eml": _MAIL, "mbox": _MAILBOX, "vtt": _TRANSCRIPT, "srt": _TRANSCRIPT,
    **dict.fromkeys(("txt", "text", "log", "rst", "adoc", "org", "tex"), _TEXT),
    **dict.fromkeys(
        (
            "py", "pyi", "js", "mjs", "ts", "tsx", "jsx", "c", "h", "cc", "cpp", "hpp", "rs", "go", "java", "kt", "rb",
            "php", "sh", "bash", "ps1", "sql", "toml", "yaml", "yml", "ini", "cfg", "conf", "css", "scss", "lua", "pl",
            "swift", "cs", "scala", "r", "jl", "ex", "exs", "nix", "tf", "proto", "graphql", "vue", "svelte",
        ),
        _CODE,
    ),
}  # fmt: skip
_NAMES: Final = {"dockerfile": _CODE, "makefile": _CODE, "readme": _MARKDOWN, "license": _TEXT, "changelog": _MARKDOWN}
_TYPES: Final = {
    "text/markdown": _MARKDOWN, "text/html": _HTML, "application/xhtml+xml": _HTML, "application/pdf": _PDF,
    "text/csv": _CSV, "text/tab-separated-values": _CSV, "application/json": _JSON, "application/ld+json": _JSON,
    "application/x-ndjson": _JSON_LINES, "message/rfc822": _MAIL, "application/mbox": _MAILBOX, "text/vtt": _TRANSCRIPT,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _WORD,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": _SLIDES,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _SHEET,
}  # fmt: skip
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_known(name: str) -> bool:
    """Whether a file of this name in a folder is worth reading."""
    lower = name.lower()
    return lower.rpartition(".")[2] in _ENDINGS or lower.partition(".")[0] in _NAMES


def kind_of(given: Given) -> Kind:
    """Raises `Unreadable` for what is of no kind that Talome reads."""
    begin = given.file.read(2048)
    given.file.seek(0)
    lower = given.name.lower()
    by_name = _ENDINGS.get(lower.rpartition(".")[2]) if "." in lower else _NAMES.get(lower)
    by_type = _TYPES.get(given.type.partition(";")[0].strip().lower())
    if b"%PDF-" in begin[:1024]:
        return _PDF
    if begin.startswith(b"PK\x03\x04"):
        return _packed(by_name or by_type)
    if begin.startswith(_OLD_OFFICE):
        raise Unreadable("It is of the old Office format. Save it as docx, xlsx or pptx, then add it again.")
    if begin.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return _HTML  # whatever the address ends in: pages about files end as the files do
    found = by_name or by_type or _TEXT
    if found in (*_PACKED.values(), _PDF):
        raise Unreadable(f"It is called {found.name}, but is something else inside.")
    return found


def _packed(known: Kind | None) -> Kind:
    if known in _PACKED.values():
        return known  # type: ignore[return-value]  # None is not among the values
    raise Unreadable("It is a packed file of no kind that Talome reads. Unpack it and add what is in it.")


def reader_of(kind: Kind) -> Reader:
    module, _, function = kind.reader.partition(".")
    reader: Reader = getattr(import_module(f"{__package__}.{module}"), function)
    return reader
