"""A house whose models are the scripted upstream's or the real small one's, and the official clients for it."""

from tests.support.house import House, Person
from tests.support.upstream import Upstream

PRICED = {
    "openai": ("gpt-4o-mini", "text-embedding-3-small", "dall-e-3", "tts-1", "whisper-1"),
    "anthropic": ("claude-sonnet-4-5",),
    "google": ("gemini-2.5-flash",),
}
HELLO = [{"role": "user", "content": "Hello"}]


async def with_endpoint(house: House, url: str, headers: dict[str, str] | None = None) -> str:
    """Register a local endpoint; its id."""
    answer = await house.admin.post("/v1/local-endpoints", {"url": url, "label": "box", "headers": headers or {}})
    assert answer.status == 201, answer.text
    assert answer.json["status"] == "healthy", answer.text
    return str(answer.json["id"])


async def with_key(house: House, upstream: Upstream, provider: str = "openai") -> str:
    """Register a provider's key whose calls go to the scripted upstream; its id."""
    upstream.models = PRICED[provider]
    base = {"anthropic": upstream.anthropic, "google": upstream.google}.get(provider, upstream.openai)
    body = {"provider": provider, "label": provider, "secret": "sk-upstream-secret", "base_url": base}
    answer = await house.admin.post("/v1/provider-keys", body)
    assert answer.status == 201, answer.text
    listed = await house.admin.get("/v1/provider-keys")
    return str(listed.json["data"][-1]["id"])


async def runtime_key(house: House, **more: object) -> Person:
    """Somebody with a `tok_` key, as programs have one."""
    answer = await house.admin.post("/v1/keys", {"name": "program", **more})
    assert answer.status in (200, 201), answer.text
    return house.person(answer.json["key"])
