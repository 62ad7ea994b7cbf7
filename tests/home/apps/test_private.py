"""What is given in confidence stays so: a registry's password, and the secrets that an app's programs tell about."""

import pytest

from tests.home.apps.shop import Apps, Shop
from tests.support.registry import Front

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]
PASSWORD = "corr ect&horse"


async def test_an_image_behind_a_password_is_fetched_and_its_tag_watched(apps: Apps, shop: Shop, front: Front) -> None:
    front.password = ("mara", PASSWORD)
    manifest = shop.folder / "apps" / "shop" / "compose.yml"
    manifest.write_text(manifest.read_text().replace(front.registry.address, front.address))
    await apps.sync(apps.store)
    refused = await apps.install()
    assert refused["state"] == "failed"
    assert "user name and password" in refused["reason"]

    sign_in = {"host": front.address, "username": "mara", "password": "guessed"}
    assert (await apps.person.post("/api/registries", sign_in)).status == 400
    added = await apps.person.post("/api/registries", {**sign_in, "password": PASSWORD})
    assert added.status == 201, added.text
    done = await apps.install()
    assert (done["state"], done["subject"]) == ("done", "app:shop"), done
    assert await apps.page() == "1.0"

    assert (await apps.person.get("/api/apps/updates?refresh=true")).json == []
    shop.push("1.0", mark="moved")
    assert [one["update"] for one in (await apps.person.get("/api/apps/updates?refresh=true")).json] == [
        "a newer image"
    ]
    front.password = ("mara", "a new one")
    failed = await apps.ended(await apps.person.post("/api/apps/shop/update"))
    assert failed["state"] == "failed"
    [listed] = (await apps.person.get("/api/registries")).json
    assert "user name and password" in listed["failure"]
    for told in (failed["reason"], str(listed), (await apps.person.get("/api/audit-log")).text):
        assert PASSWORD not in told
    assert await apps.page() == "1.0"


async def test_what_an_app_says_of_its_secrets_is_not_repeated(apps: Apps, shop: Shop) -> None:
    shop.push(
        "9.0", command="echo pin $PIN; echo url=postgres://shop:$DB_PASSWORD@db; echo the cellar is flooded; exit 3"
    )
    shop.release("9.0")
    await apps.sync(apps.store)
    failed = await apps.install(env={"PIN": "nine sevens and a $"})
    assert failed["state"] == "failed"
    assert "the cellar is flooded" in failed["reason"]
    assert "pin [hidden]" in failed["reason"]
    assert "shop:[hidden]@db" in failed["reason"]
    news = (await apps.person.get("/api/notifications")).text
    log = (await apps.person.get(f"/api/jobs/{failed['id']}/log")).text
    for told in (str(failed), news, log, (await apps.person.get("/api/jobs?subject=app:shop")).text):
        assert "sevens" not in told
