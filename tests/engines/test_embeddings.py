"""The models of this machine: their files are read, their vectors mean something, a broken file is said to be one."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from talome.core.errors import Unavailable
from talome.engines.embeddings.files import map_table
from talome.engines.embeddings.local import NAMES, default_model, local_model


@pytest.mark.parametrize("name", NAMES)
def test_near_texts_have_near_vectors(name: str) -> None:
    model = local_model(name)
    assert model is not None
    vectors = model.embed(["a new hard disk for the server", "the server gets another hard drive", "apple pie", ""])
    assert vectors.shape == (4, model.dimensions)
    assert np.allclose(np.linalg.norm(vectors[:3], axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert model.count_tokens(["one two three"]) >= 3


def test_a_text_alone_has_the_vector_that_it_has_among_others() -> None:
    for name in NAMES:
        model = local_model(name)
        assert model is not None
        texts = ["disk", "a rather long text about the garden and all that grows in it", "window"]
        together = model.embed(texts)
        assert np.allclose(together, np.concatenate([model.embed([text]) for text in texts]), atol=1e-4)
        model.embed(["disk"])[:] = 0
        assert np.allclose(model.embed(["disk"])[0], together[0], atol=1e-4), "what is remembered is nobody's to change"


def test_the_cheapest_is_the_default_and_unknown_ones_are_none() -> None:
    model = default_model()
    assert model is not None
    assert (model.name, model.swift, model.shortens) == ("wordllama-256", True, True)
    assert local_model("none-such") is None


def test_a_file_that_is_cut_short_is_not_read(tmp_path: Path) -> None:
    header = json.dumps({"t": {"dtype": "F16", "shape": [4, 2], "data_offsets": [0, 16]}}).encode()
    whole = struct.pack("<Q", len(header)) + header + np.arange(8, dtype="<f2").tobytes()
    file = tmp_path / "t.safetensors"
    file.write_bytes(whole)
    assert map_table(file, "t")[3].tolist() == [6, 7]
    for broken in (whole[:-1], struct.pack("<Q", 1 << 40) + whole[8:]):
        file.write_bytes(broken)
        with pytest.raises(Unavailable):
            map_table(file, "t")
