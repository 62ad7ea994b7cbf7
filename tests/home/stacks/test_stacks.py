"""A stack on a real engine: installed in order, wired, stopped where one fails, and gone on with."""

import asyncio
from typing import Any

import pytest

from tests.home.apps.shop import Apps
from tests.home.stacks.conftest import ENDS, Trio

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"without": ["four"]}, "not one of the apps of Trio"),
    ({"env": {"one": {"nothing": "x"}}}, "asks nothing by the name"),
    ({"without": ["one", "two", "three"]}, "All apps of Trio"),
)


async def install(apps: Apps, **more: object) -> dict[str, Any]:
    return dict(await apps.ended(await apps.person.post("/api/stacks/trio/install", more)))


async def names(apps: Apps) -> list[str]:
    return sorted(app["id"] for app in (await apps.person.get("/api/apps/installed")).json)


async def test_a_stack_is_planned_installed_in_order_wired_and_gone_on_with(apps: Apps, trio: Trio) -> None:
    trio.push("one")
    trio.push("two")
    trio.push("three", ENDS)
    plan = (await apps.person.post("/api/stacks/trio/install", {"plan": True})).json
    assert [(one["appId"], one["outcome"]) for one in plan["members"]] == [
        ("one", "installed"), ("two", "installed"), ("three", "installed"),
    ]  # fmt: skip
    assert plan["members"][1]["given"] == [
        {
            "name": "peer",
            "label": "Address of the other",
            "value": "http://host.docker.internal:18081",
            "fromApp": "one",
        },
        {"name": "key", "label": "Key of the other", "value": "kept secret", "fromApp": "one"},
    ]
    assert (plan["images"], plan["imagesMissing"], plan["accept"], plan["ready"]) == (3, 3, [], True)
    foreseen = [one["plan"]["ports"] for one in plan["members"]]
    assert [[port["port"] for port in ports] for ports in foreseen] == [[18081], [18082], [18083]]
    assert await names(apps) == [], "a plan does nothing"

    for body, said in WRONG:
        refused = await apps.person.post("/api/stacks/trio/install", body)
        assert refused.status == 400
        assert said in refused.json["error"]
    assert await names(apps) == []

    failed = await install(apps, env={"three": {"key": "a person's own"}})
    assert failed["state"] == "failed"
    assert "Three, number 3 of 3" in failed["reason"]
    assert "the cellar is flooded" in failed["reason"]
    assert "The 2 before it are there and stay." in failed["reason"]
    assert await names(apps) == ["one", "two"]
    assert await apps.page("two") == "http://host.docker.internal:18081"
    assert (apps.data("one") / "state" / "starts").read_text() == "start\n"

    trio.push("three")
    done = await install(apps, env={"three": {"key": "a person's own"}})
    assert done["state"] == "done", done
    assert await names(apps) == ["one", "three", "two"]
    settings = [(await apps.person.get(f"/api/apps/{name}/settings")).json for name in ("one", "two", "three")]
    assert [one["ports"] for one in settings] == foreseen
    assert (apps.data("one") / "state" / "starts").read_text() == "start\n", "what was there was left alone"

    shown = (await apps.person.get("/api/stacks/trio")).json
    assert [link["done"] for link in shown["wiring"]] == [True, None]
    assert [member["app"]["installed"] for member in shown["members"]] == ["one", "two", "three"]
    again = await apps.person.post("/api/stacks/trio/install")
    assert again.status == 400
    assert "All apps of Trio are there already" in again.json["error"]

    own = _value(apps, "one", "OWN_KEY")
    assert len(own) == 24
    assert _value(apps, "two", "KEY") == own
    told = (await apps.person.get("/api/jobs")).text + (await apps.person.get("/api/audit-log")).text
    kept = b"".join(path.read_bytes() for path in apps.home.glob("talome.db*"))
    for secret in (own, "a person's own"):
        assert secret not in told
        assert secret.encode() not in kept


def _value(apps: Apps, app: str, name: str) -> str:
    lines = (apps.home / "apps" / app / ".env").read_text().splitlines()
    return next(line.partition("=")[2].strip("'") for line in lines if line.startswith(f"{name}="))


@pytest.mark.whole  # it waits for an app that never answers
async def test_cancelling_takes_back_only_what_was_not_whole(apps: Apps, trio: Trio) -> None:
    trio.push("one")
    trio.push("two", "sleep 1000")
    job = (await apps.person.post("/api/stacks/trio/install")).json["id"]
    await _reached(apps, job, "Two: Waiting until it is ready")
    again = await apps.person.post("/api/stacks/trio/install")
    assert again.status == 409, "one at a time"
    assert (await apps.person.post(f"/api/jobs/{job}/cancel")).status == 200
    ended = await apps.end_of(job)
    assert ended["state"] == "cancelled"
    assert await names(apps) == ["one"]
    assert not (apps.home / "apps" / "two").exists()


async def _reached(apps: Apps, job: str, stage: str) -> None:
    async with asyncio.timeout(60):
        while not ((found := (await apps.person.get(f"/api/jobs/{job}")).json)["stage"] or "").startswith(stage):
            assert found["finishedAt"] is None, found
            await asyncio.sleep(0.05)
