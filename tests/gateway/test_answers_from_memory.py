"""The cache through the whole house, and the media."""

import asyncio
import base64

from tests.gateway.houses import HELLO, runtime_key, with_endpoint, with_key
from tests.gateway.test_chat import events
from tests.support.house import Answer, House, Person
from tests.support.upstream import Script, Upstream

pytest_plugins = ("tests.support.upstream",)
ASKED = {"model": "gpt-4o-mini", "messages": HELLO, "temperature": 0}
CHAT = "/v1/chat/completions"


def calls(upstream: Upstream) -> int:
    return sum(seen.path.endswith("completions") for seen in upstream.seen)


def hit(answer: Answer) -> bool:
    assert answer.status == 200, answer.text
    return bool(answer.headers["x-tokaroo-cache"] == "hit")


async def test_the_same_question_is_asked_once(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    assert not hit(await house.admin.post(CHAT, ASKED))
    again = await house.admin.post(CHAT, ASKED)
    assert hit(again)
    assert again.headers["x-tokaroo-cost"] == "0.0"
    assert again.json["choices"][0]["message"]["content"] == "Good morning."
    stream = await house.admin.post(CHAT, {**ASKED, "stream": True})
    assert hit(stream)
    assert events(stream)[0]["choices"][0]["delta"]["content"] == "Good morning."
    assert calls(upstream) == 1
    for body, headers in (
        ({**ASKED, "temperature": 0.7}, {}),
        ({**ASKED, "max_tokens": 5}, {}),
        ({**ASKED, "messages": [{"role": "user", "content": "Hello!"}]}, {}),
        (ASKED, {"X-Talome-Cache": "skip"}),
        (ASKED, {"Cache-Control": "no-cache"}),
    ):
        assert not hit(await house.admin.post(CHAT, body, headers=headers))
    rows = (await house.admin.get("/v1/usage?limit=10")).json["data"]
    assert {row["charged_usd"] for row in rows if row["cached"]} <= {0}
    upstream.always(Script(pace_s=0.05))
    fresh = {**ASKED, "messages": [{"role": "user", "content": "All at once"}]}
    before = calls(upstream)
    together = await asyncio.gather(*(house.admin.post(CHAT, fresh) for _ in range(10)))
    assert calls(upstream) == before + 1
    assert sorted(map(hit, together)) == [False] + [True] * 9


async def test_nothing_crosses_a_partition(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    for name in ("garden", "kitchen"):
        await house.admin.post("/v1/workspaces", {"workspace_id": name, "name": name})
    people: list[Person] = [
        house.admin,
        await house.member("ben"),
        await runtime_key(house, workspace_id="garden"),
        await runtime_key(house, workspace_id="kitchen"),
    ]
    for number, person in enumerate(people):
        assert not hit(await person.post(CHAT, ASKED)), number
        assert hit(await person.post(CHAT, ASKED)), number
    assert calls(upstream) == len(people)


async def test_similar_questions_share_an_answer_only_where_the_house_wants_it(
    house: House, upstream: Upstream
) -> None:
    await with_key(house, upstream)
    upstream.models = ("nomic-embed-text",)
    await with_endpoint(house, upstream.openai)
    first = {**ASKED, "messages": [{"role": "user", "content": "How large is the moon?"}]}
    similar = {**ASKED, "messages": [{"role": "user", "content": "How big is the moon?"}]}
    other = {**ASKED, "messages": [{"role": "user", "content": "How big are 2 moons?"}]}
    assert not hit(await house.admin.post(CHAT, first))
    assert not hit(await house.admin.post(CHAT, similar))
    changed = await house.admin.put("/api/settings", {"gateway.cache_semantic": True})
    assert changed.status == 200, changed.text
    first["max_tokens"] = similar["max_tokens"] = other["max_tokens"] = 50
    assert not hit(await house.admin.post(CHAT, first))
    assert hit(await house.admin.post(CHAT, similar))  # the endpoint gives every text the same vector
    assert not hit(await house.admin.post(CHAT, other))  # another figure is another question
    assert not hit(await (await house.member("ben")).post(CHAT, similar))


async def test_media(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    vectors = await house.admin.post("/v1/embeddings", {"model": "text-embedding-3-small", "input": ["a", "b"]})
    assert [row["index"] for row in vectors.json["data"]] == [0, 1]
    assert vectors.json["data"][0]["embedding"] == [0.5, -0.25, 1.0]
    packed = await house.admin.post(
        "/v1/embeddings", {"model": "text-embedding-3-small", "input": "a", "encoding_format": "base64"}
    )
    assert len(base64.b64decode(packed.json["data"][0]["embedding"])) == 12
    picture = await house.admin.post("/v1/images/generations", {"prompt": "A cat", "n": 2, "model": "dall-e-3"})
    assert [row["url"][:22] for row in picture.json["data"]] == ["data:image/png;base64,"] * 2
    assert float(picture.headers["x-tokaroo-cost"]) > 0
    sound = await house.admin.post("/v1/audio/speech", {"input": "Hello", "model": "tts-1", "voice": "nova"})
    assert (sound.status, sound.headers["Content-Type"]) == (200, "audio/mpeg")
    assert sound.text.startswith("ID3")
    for kind, begins in (("json", '{"text":"Good morning."'), ("text", "Good"), ("srt", "1\n00:00"), ("vtt", "WEBVTT")):
        form = multipart({"model": "whisper-1", "response_format": kind})
        written = await house.admin.call("POST", "/v1/audio/transcriptions", data=form[0], headers=form[1])
        assert (written.status, written.text.startswith(begins)) == (200, True), written.text
    refused = await house.admin.call(
        "POST", "/v1/audio/transcriptions", data=b"--x\r\n", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert refused.status == 400
    film = await house.admin.post("/v1/videos/generations", {"prompt": "A cat walks"})
    assert (film.status, film.json["code"]) == (503, "no_capable_model")
    stranger = await house.admin.get("/v1/videos/generations/video_v1.AAAA")
    assert stranger.status == 404


def multipart(fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    named = "--x\r\nContent-Disposition: form-data; name="
    parts = [f'{named}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    file = f'{named}"file"; filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\nID3\r\n'
    return ("".join(parts) + file + "--x--\r\n").encode(), {"Content-Type": "multipart/form-data; boundary=x"}
