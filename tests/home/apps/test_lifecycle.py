"""Apps on a real engine and from a real registry: proven before they count, and back as they were where they fail."""

import asyncio
import json

import pytest

from tests.home.apps.shop import ENDS, Apps, Shop
from tests.support.docker_engine import EngineDaemon

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]


async def test_an_app_is_installed_updated_broken_and_taken_back(apps: Apps, shop: Shop) -> None:
    plan = (await apps.person.post("/api/apps/install?plan=true", {"appId": f"{apps.store}:shop"})).json
    assert [(port["key"], port["port"]) for port in plan["ports"]] == [("web/8080/tcp", 18080)]
    assert plan["images"] == [{"service": "web", "image": shop.image("1.0"), "present": False}]
    assert not apps.data().exists()

    done = await apps.install(env={"PIN": "it's $ecret"})
    assert done["state"] == "done", done
    assert await apps.page() == "1.0"
    [shown] = (await apps.person.get("/api/apps/installed")).json
    assert (shown["id"], shown["version"], shown["state"]) == ("shop", "1.0", "running")
    settings = (await apps.person.get("/api/apps/shop/settings")).json
    assert settings["answers"] == {"PIN": "(configured)"}
    assert f"{shop.image('1.0')}@sha256:" in settings["compose"]
    (apps.data() / "state" / "photo.jpg").write_bytes(b"a photo")

    shop.push("2.0")
    shop.release("2.0")
    await apps.sync(apps.store)
    async with asyncio.timeout(10):  # the store's offers are taken over as soon as it is synced
        while [one["update"] for one in (await apps.person.get("/api/apps/updates")).json] != ["2.0"]:
            await asyncio.sleep(0.05)
    plan = (await apps.person.post("/api/apps/shop/update", {"plan": True})).json
    assert "Version 1.0 becomes 2.0." in plan["changes"]
    done = await apps.ended(await apps.person.post("/api/apps/shop/update"))
    assert done["state"] == "done", done
    assert await apps.page() == "2.0"
    assert (apps.data() / "state" / "starts").read_text() == "1.0\n2.0\n"

    shop.push("3.0", command=ENDS)
    shop.release("3.0")
    await apps.sync(apps.store)
    broken = await apps.ended(await apps.person.post("/api/apps/shop/update"))
    assert broken["state"] == "failed"
    assert "the cellar is flooded" in broken["reason"]
    assert await apps.page() == "2.0"
    assert (apps.data() / "state" / "starts").read_text() == "1.0\n2.0\n2.0\n"
    assert (apps.data() / "state" / "photo.jpg").read_bytes() == b"a photo"

    done = await apps.ended(await apps.person.post("/api/apps/shop/rollback", {"revision": 1}))
    assert done["state"] == "done", done
    assert await apps.page() == "1.0"
    assert (apps.data() / "state" / "starts").read_text() == "1.0\n1.0\n"


async def test_what_cannot_be_fetched_leaves_the_old_version_answering(apps: Apps, shop: Shop) -> None:
    await apps.install()
    shop.release("2.0", tag="never-pushed")
    await apps.sync(apps.store)
    failed = await apps.ended(await apps.person.post("/api/apps/shop/update"))
    assert failed["state"] == "failed"
    assert await apps.page() == "1.0"
    assert (apps.data() / "state" / "starts").read_text() == "1.0\n", "it was not even stopped"


@pytest.mark.whole  # eight seconds of real containers
async def test_a_failed_installation_leaves_nothing(apps: Apps, shop: Shop, clean_daemon: EngineDaemon) -> None:
    shop.push("4.0", command="sleep 1000")
    shop.release("4.0", patience_s=3)
    await apps.sync(apps.store)
    failed = await apps.install()
    assert failed["state"] == "failed"
    assert "was not ready after 3 seconds" in failed["reason"]
    assert clean_daemon.api.containers(all=True) == []
    assert {network["Name"] for network in clean_daemon.api.networks()} == {"bridge", "host", "none"}
    assert not (apps.home / "apps" / "shop").exists()
    assert (await apps.person.get("/api/apps/installed")).json == []


async def test_uninstalling_keeps_the_data_or_moves_it_to_the_trash(apps: Apps) -> None:
    await apps.install()
    assert (await apps.ended(await apps.person.delete("/api/apps/shop")))["state"] == "done"
    assert (apps.data() / "state" / "starts").read_text() == "1.0\n"
    await apps.install()
    assert (apps.data() / "state" / "starts").read_text() == "1.0\n1.0\n"
    done = await apps.ended(await apps.person.delete("/api/apps/shop?keepData=false"))
    assert done["state"] == "done", done
    assert not (apps.home / "apps" / "shop").exists()
    [kept] = (apps.home / "trash").glob("*/apps/shop-app/data/state/starts")
    assert kept.read_text() == "1.0\n1.0\n"
    assert [one["name"] for one in (await apps.person.get("/api/volumes/trash")).json] == ["shop_kept"]


@pytest.mark.whole  # eleven seconds of real containers
async def test_a_tag_that_moved_is_an_update_and_settings_change(apps: Apps, shop: Shop) -> None:
    await apps.install()
    shop.push("1.0", mark="1.0 anew")
    assert [one["update"] for one in (await apps.person.get("/api/apps/updates?refresh=true")).json] == [
        "a newer image"
    ]
    assert (await apps.ended(await apps.person.post("/api/apps/shop/update")))["state"] == "done"
    assert await apps.page() == "1.0 anew"
    changed = await apps.person.put("/api/apps/shop/settings", {"ports": {"web/8080/tcp": 18099}})
    assert (await apps.ended(changed))["state"] == "done"
    assert await apps.page() == "1.0 anew"
    assert (await apps.person.get("/api/apps/installed/shop")).json["url"] == "http://{host}:18099/"
    for action, state in (("stop", "stopped"), ("start", "running"), ("restart", "running")):
        assert (await apps.ended(await apps.person.post(f"/api/apps/shop/{action}")))["state"] == "done"
        assert (await apps.person.get("/api/apps/installed/shop")).json["state"] == state


@pytest.mark.whole  # seven seconds of real containers
async def test_going_back_means_the_image_of_then_also_where_it_was_cleaned_up(
    apps: Apps, shop: Shop, clean_daemon: EngineDaemon
) -> None:
    await apps.install()
    first = json.loads((apps.home / "apps/shop/revisions/1/app.json").read_text())["images"][shop.image("1.0")]
    shop.push("1.0", mark="1.0 anew")
    await apps.ended(await apps.person.post("/api/apps/shop/update"))
    assert await apps.page() == "1.0 anew"
    clean_daemon.api.remove_image(first, force=True)
    done = await apps.ended(await apps.person.post("/api/apps/shop/rollback"))
    assert done["state"] == "done", done
    assert await apps.page() == "1.0"
