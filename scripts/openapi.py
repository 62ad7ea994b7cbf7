#!/usr/bin/env python3
"""Write docs/openapi.json from the operations; with --check, only tell whether it is current (exit 1 if not)."""

import sys
from pathlib import Path

import orjson

from talome import __version__
from talome.app import API_CLASSES
from talome.core.http.document import PLAIN_ROUTES
from talome.core.openapi import openapi_document
from talome.core.operations import Registry

TARGET = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def render() -> bytes:
    registry = Registry()
    registry.add(*API_CLASSES)
    document = openapi_document(registry, version=__version__, plain_routes=PLAIN_ROUTES)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main() -> int:
    current = render()
    if "--check" in sys.argv[1:]:
        if TARGET.read_bytes() == current:
            return 0
        print("docs/openapi.json is not current; run: python scripts/openapi.py")
        return 1
    TARGET.write_bytes(current)
    return 0


if __name__ == "__main__":
    sys.exit(main())
