"""A patch file as `git format-patch` writes it, for `git am` and `git apply`."""

import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Final

_COMMIT: Final = "0" * 40
_HEAD: Final = (
    "From {commit} Mon Sep 17 00:00:00 2001\n"
    "From: {author} <{mailbox}@talome.invalid>\n"
    "Date: {date}\n"
    "Subject: {subject}\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n\n"
    "{body}\n---\n"
)


def patch(
    subject: str, body: str, author: str, at: datetime, files: Mapping[str, tuple[str | None, str]]
) -> str:  # fmt: skip
    """`files` are by their paths: what is there (None: nothing) and what is to be; each text ends with its line."""
    head = _HEAD.format(
        commit=_COMMIT,
        author=_encoded(author),
        mailbox="".join(one for one in author.lower() if one.isascii() and one.isalnum()) or "somebody",
        date=format_datetime(at),
        subject=_encoded(f"[PATCH] {subject}"),
        body=_line(body),
    )
    return (
        head
        + "".join(piece for path, (old, new) in files.items() for piece in _change(path, old, new))
        + "-- \nTalome\n"
    )


def _change(path: str, old: str | None, new: str) -> Iterator[str]:
    if old == new:
        return
    yield f"diff --git a/{path} b/{path}\n"
    if old is None:
        yield "new file mode 100644\n"
    before = "/dev/null" if old is None else f"a/{path}"
    yield from difflib.unified_diff(_lines(old or ""), _lines(new), before, f"b/{path}")


def _lines(text: str) -> list[str]:
    """As git has them: only a line feed ends one."""
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n")] if text else []


def _encoded(text: str) -> str:
    plain = _line(text)
    return plain if plain.isascii() else Header(plain, "utf-8", maxlinelen=200).encode(linesep="\n")


def _line(text: str) -> str:
    """One line that no reader of a patch takes for something else."""
    words = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return words.lstrip("-<>: ")[:200] or "An app"
