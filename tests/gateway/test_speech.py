"""Speech through the whole house: a provider's voice first, this machine's own where there is none."""

import shutil

import pytest

from tests.gateway.houses import with_key
from tests.support.house import House
from tests.support.upstream import Upstream

SAY = {"model": "auto", "input": "Good morning.", "voice": "nova"}
needs_voice = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("ffmpeg")), reason="needs the programs espeak-ng and ffmpeg"
)


@needs_voice
async def test_the_house_speaks_by_itself(house: House, upstream: Upstream) -> None:
    head = {"Authorization": f"Bearer {house.admin.token}"}
    url = f"{house.admin.base}/v1/audio/speech"
    for wishes in ({}, {"local_only": True}):
        async with house.admin.http.post(url, json={**SAY, **wishes, "response_format": "wav"}, headers=head) as answer:
            sound = await answer.read()
            assert (answer.status, answer.content_type) == (200, "audio/wav"), sound[:300]
            assert sound.startswith(b"RIFF")
            assert answer.headers["x-tokaroo-cost"] == "0.0"
    refused = await house.admin.post("/v1/audio/speech", {**SAY, "voice": "nobody at all"})
    assert (refused.status, "no such voice" in refused.text) == (400, True)
    usage = (await house.admin.get("/v1/usage")).json
    [row, *_] = usage["data"]
    assert row["request_type"] == "speech"


@needs_voice
async def test_a_provider_speaks_better(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    answer = await house.admin.post("/v1/audio/speech", SAY)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/mpeg")
    assert upstream.seen[-1].path == "/v1/audio/speech"


async def test_a_voice_alone_is_no_model(house: House, upstream: Upstream) -> None:
    answer = await house.admin.post("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]})
    assert answer.status == 503
    assert "No model is set up" in answer.text
    assert "house" not in (await house.admin.get("/v1/models")).text
