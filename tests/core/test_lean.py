"""What the start of the server does not load, and that the collector is at work again when it is done."""

import json
import subprocess
import sys
from typing import Any

import pytest

_PROGRAM = """
import gc, json, sys
from talome.core import lean
lean.begin_loading()
stopped = not gc.isenabled()
import talome.app
lean.end_loading()
found = {"stopped": stopped, "goes_on": gc.isenabled(), "kept": gc.get_freeze_count(), "loaded": [*sys.modules]}
print(json.dumps(found))
"""
_ON_FIRST_USE = (
    "cbor2",
    "html.parser",
    "http.server",
    "multiprocessing",
    "numpy",
    "onnxruntime",
    "passlib",
    "pypdfium2",
    "pywebpush",
    "talome.core.cli",
    "talome.doctor",
    "talome.home.stores.formats.umbrel",
    "talome.home.terminal.process.sessions",
    "talome.memory.sources.formats.mail",
    "tokenizers",
    "unittest",
    "webauthn",
    "xml.etree",
)
"""What only some of the operations need, and what another process does."""


@pytest.fixture(scope="module")
def started() -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", _ON_FIRST_USE)
def test_the_start_does_not_load(started: dict[str, Any], name: str) -> None:
    assert name not in started["loaded"]


def test_the_collector_rests_while_the_modules_are_loaded_and_no_longer(started: dict[str, Any]) -> None:
    assert started["stopped"]
    assert started["goes_on"]
    assert started["kept"] > 50_000
