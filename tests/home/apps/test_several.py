"""Several apps updated at once: one plan, each its own end, and nobody's rights grow unseen."""

import asyncio

import pytest

from tests.home.apps.shop import SERVES, Apps, Shop

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]


@pytest.mark.whole  # three apps on a real engine, one of which has to fail
async def test_one_update_that_does_not_work_does_not_keep_the_others(apps: Apps, shop: Shop) -> None:
    await apps.install(env={"TITLE": "good"})
    await apps.install(nameAs="second", env={"TITLE": "bad"})
    shop.push("2.0", command="if [ $TITLE = bad ]; then echo the cellar is flooded; exit 3; fi; " + SERVES)
    shop.release("2.0")
    await apps.sync(apps.store)
    update = {"action": "update", "appIds": ["shop", "gone", "second"]}
    plan = (await apps.person.post("/api/apps/bulk", {**update, "plan": True})).json
    assert [(one["id"], one["error"] is None) for one in plan["apps"]] == [
        ("shop", True), ("gone", False), ("second", True),
    ]  # fmt: skip
    assert plan["imagesToFetch"] == 1, "both need the same one"
    assert plan["roomIsEnough"]
    assert (await apps.person.post("/api/apps/bulk", {**update, "action": "stop", "plan": True})).status == 400

    begun = (await apps.person.post("/api/apps/bulk", update)).json
    assert "no installed app" in begun[1]["error"]
    good, bad = await asyncio.gather(*(apps.end_of(begun[number]["job"]["id"]) for number in (0, 2)))
    assert (good["state"], bad["state"]) == ("done", "failed"), (good, bad)
    assert "the cellar is flooded" in bad["reason"]
    assert await apps.page() == "2.0"
    assert await apps.page("second") == "1.0"


async def test_more_rights_are_accepted_for_each_app_or_it_is_left_out(apps: Apps, shop: Shop) -> None:
    await apps.install()
    shop.push("2.0")
    shop.release("2.0")
    compose = shop.folder / "apps" / "shop" / "compose.yml"
    compose.write_text(compose.read_text().replace("      - kept:/kept", "      - kept:/kept\n      - /root:/machine"))
    await apps.sync(apps.store)
    update = {"action": "update", "appIds": ["shop"]}
    [planned] = (await apps.person.post("/api/apps/bulk", {**update, "plan": True})).json["apps"]
    assert planned["mustBeAccepted"]
    [refused] = (await apps.person.post("/api/apps/bulk", update)).json
    assert "more rights" in refused["error"]
    [begun] = (await apps.person.post("/api/apps/bulk", {**update, "acceptRisksOf": ["shop"]})).json
    assert (await apps.end_of(begun["job"]["id"]))["state"] == "done"
    assert await apps.page() == "2.0"
