"""The process that takes the words out of one PDF for `pdf_texts`: the descriptor and the most characters are its
arguments, the text goes to standard output. A hostile PDF may crash it or want all memory; the server goes on."""

import ctypes
import re
import resource
import signal
import sys
from typing import Final

import pypdfium2

MEMORY_BYTES: Final = 768 * 1024**2
CPU_S: Final = 20
MOST_PAGES: Final = 500
_BROKEN_WORD: Final = re.compile(r"(?<=\w)[\u00ad\ufffe\x02]\s*")
_DIE_WITH_PARENT: Final = 1


def main() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    descriptor, most = map(int, sys.argv[1:3])
    sys.stdout.buffer.write(_text(f"/proc/self/fd/{descriptor}", most).encode(errors="replace"))


def _text(path: str, most: int) -> str:
    """The words of the first pages in one line, up to so many characters; empty where there are none, as of scans."""
    found: list[str] = []
    room = most
    with pypdfium2.PdfDocument(path) as document:
        for number in range(min(len(document), MOST_PAGES)):
            if room <= 0:
                break
            text = " ".join(page_text(document, number).split())
            found.append(text[:room])
            room -= len(text) + 1
    return " ".join(filter(None, found))


def page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    """As it is written, but for words that a line has broken. Empty where a page is broken, which says nothing of the
    others. Only for a process that may crash."""
    try:
        page = document[number]
        text = page.get_textpage().get_text_bounded()
        page.close()
    except pypdfium2.PdfiumError:
        return ""
    return _BROKEN_WORD.sub("", text.replace("\r\n", "\n"))


if __name__ == "__main__":
    main()
