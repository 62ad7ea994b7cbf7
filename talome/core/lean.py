"""Keeps the process of the server small, and its start short. Source: man 3 mallopt."""

import ctypes
import gc
from typing import Final

_ARENA_MAX: Final = -8
"""`M_ARENA_MAX` of glibc."""
_ARENAS: Final = 2


def begin_loading() -> None:
    """To be called before the modules are loaded. Nearly nothing that is made then is ever thrown away, so that to look
    for it takes a sixth of the start; and every thread would soon have a heap of its own, with gaps of its own."""
    gc.disable()
    if (set_option := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:  # of glibc only
        set_option(_ARENA_MAX, _ARENAS)


def end_loading() -> None:
    """To be called when all is open. It stays for good, so the collector need not walk it again and again: by default
    it does so every few hundred events of a stream, which takes a third of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
