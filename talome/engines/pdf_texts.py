"""The words of a PDF, taken out by a process of its own, as PDFs come from strangers and PDFium is C++."""

import sys
from pathlib import Path
from typing import Final

from talome.core.errors import Unavailable
from talome.engines.programs import Programs

_TIMEOUT_S: Final = 60.0
_BYTES_OF_A_CHARACTER: Final = 4
_ENVIRONMENT: Final = {"PYTHONPATH": str(Path(__file__).parents[2])}


async def text_of_pdf(descriptor: int, most: int) -> str:
    """Up to so many characters of the PDF that is open; empty where it has none, is locked, or is no PDF."""
    argv = [sys.executable, "-m", "talome.engines.pdf_process", str(descriptor), str(most)]
    try:
        ran = await Programs().run(
            argv,
            timeout_s=_TIMEOUT_S,
            environment=_ENVIRONMENT,
            limit_bytes=most * _BYTES_OF_A_CHARACTER,
            keep=(descriptor,),
        )
    except Unavailable:
        return ""
    return ran.out.decode(errors="replace") if ran.code == 0 else ""
