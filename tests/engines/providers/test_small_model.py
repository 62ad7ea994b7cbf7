"""The adapters against a real model server."""

import json

import pytest

from talome.engines.providers.models import Endpoint, UpstreamError
from talome.engines.providers.providers import Providers
from tests.support.small_model import SmallModel

ASK = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8, "temperature": 0}


@pytest.fixture
def local(small_model: SmallModel) -> Endpoint:
    return Endpoint("e", "llamacpp", small_model.base_url, small_model.key, local=True, addresses=("127.0.0.1",))


async def test_a_real_model_answers(small_model: SmallModel, local: Endpoint) -> None:
    async with Providers() as providers:
        probe = await providers.probe(local)
        assert (probe.ok, probe.kind, probe.models) == (True, "llamacpp", (small_model.name,))
        whole = await providers.chat(local, small_model.name, ASK)
        stream = await providers.open_chat(local, small_model.name, ASK)
        text = ""
        async for chunks in stream:
            text += "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
        assert text == whole.body["choices"][0]["message"]["content"] != ""
        assert stream.tokens is not None
        assert (stream.tokens.output, stream.tokens.prompt) == (8, whole.tokens.prompt)


async def test_a_real_model_follows_a_schema(small_model: SmallModel, local: Endpoint) -> None:
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    body = {**ASK, "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}}
    async with Providers() as providers:
        answer = await providers.chat(local, small_model.name, {**body, "max_tokens": 60})
    assert isinstance(json.loads(answer.body["choices"][0]["message"]["content"])["ok"], bool)


async def test_a_real_model_embeds(small_model: SmallModel, local: Endpoint) -> None:
    async with Providers() as providers:
        answer = await providers.embed(local, small_model.name, {"input": ["A cat.", "A dog."]})
    assert len(answer.vectors) == 2
    assert answer.vectors[0] != answer.vectors[1]
    assert answer.tokens.input > 0


async def test_a_real_model_refuses(small_model: SmallModel, local: Endpoint) -> None:
    long = {"messages": [{"role": "user", "content": "word " * 5000}]}
    wrong = Endpoint("e", "llamacpp", small_model.base_url, "another key")
    async with Providers() as providers:
        with pytest.raises(UpstreamError) as raised:
            await providers.chat(local, small_model.name, long)
        assert raised.value.code == "context_length_exceeded"
        with pytest.raises(UpstreamError) as raised:
            await providers.chat(wrong, small_model.name, ASK)
        assert raised.value.kind == "unauthorized"
