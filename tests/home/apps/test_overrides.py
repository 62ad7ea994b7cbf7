"""What a person changes of an app beyond its form: limits and folders, kept over updates."""

import os
from pathlib import Path
from typing import Any

import pytest

from talome.core.errors import Invalid
from talome.home.apps.overrides import ExtraFolder, Limits, Overrides, apply, check, merged
from talome.home.manifest import AppManifest
from tests.home.apps.shop import Apps, Shop
from tests.support.docker_engine import EngineDaemon


def document() -> dict[str, Any]:
    return {
        "services": {
            "web": {
                "image": "web:1",
                "mem_limit": "1g",
                "memswap_limit": "2g",
                "deploy": {"resources": {"limits": {"pids": 50}, "reservations": {"memory": "900m"}}},
                "volumes": [{"type": "bind", "source": "${APP_DATA_DIR}/state", "target": "/state"}],
            }
        }
    }


def test_a_limit_is_said_once_and_the_rest_of_what_the_file_says_stays() -> None:
    compose = document()
    apply(compose, Overrides(limits={"web": Limits(memory_bytes=64 * 2**20, cpus=0.5), "gone": Limits(cpus=1)}))
    web = compose["services"]["web"]
    assert web["deploy"] == {"resources": {"limits": {"pids": 50, "memory": str(64 * 2**20), "cpus": "0.5"}}}
    assert not {"mem_limit", "memswap_limit"} & web.keys()


@pytest.mark.parametrize(
    "wrong",
    [
        {"limits": {"db": Limits(cpus=1)}},
        {"limits": {"web": Limits(cpus=1000)}},
        {"folders": {"web:/elsewhere": "/srv"}},
        {"folders": {"web:/state": "relative"}},
        {"folders": {"web:/state": "/srv/../etc"}},
        {"folders": {"web:/state": "/"}},
        {"folders": {"web:/state": "/no/such/folder"}},
        {"extra": [ExtraFolder(service="web", source="/srv", target="/state")]},
        {"extra": [ExtraFolder(service="web", source="/srv", target="films")]},
        {"extra": [ExtraFolder(service="web", source="/srv\n", target="/films")]},
        {"extra": [ExtraFolder(service="web", source=folder, target="/a") for folder in ("/srv", "/usr")]},
    ],
)  # fmt: skip
def test_what_fits_neither_the_app_nor_the_machine_is_refused(wrong: dict[str, Any]) -> None:
    manifest = AppManifest(id="shop", name="Shop", compose=document())
    check(Overrides(limits={"web": Limits(cpus=min(0.5, os.cpu_count() or 1))}), manifest)
    with pytest.raises(Invalid):
        check(Overrides(**wrong), manifest)


def test_what_is_named_with_nothing_goes_and_the_rest_stays() -> None:
    now = Overrides(limits={"a": Limits(cpus=1), "b": Limits(cpus=2)}, folders={"a:/x": "/srv"})
    assert merged(now, {"a": None}, {"a:/x": None}, None) == Overrides(limits={"b": Limits(cpus=2)})
    assert merged(now, None, None, None) == now


@pytest.mark.whole  # two updates on a real engine
@pytest.mark.docker
@pytest.mark.timeout(120)
async def test_limits_and_folders_outlast_an_update(
    apps: Apps, shop: Shop, clean_daemon: EngineDaemon, tmp_path: Path
) -> None:
    await apps.install()
    films, state = tmp_path / "films $1", tmp_path / "state"
    films.mkdir()
    state.mkdir()
    (films / "a film").write_text("moving pictures")
    [part] = (await apps.person.get("/api/apps/shop/settings")).json["parts"]
    [folder] = part["folders"]
    assert (folder["key"], folder["own"], folder["source"]) == ("web:/state", True, str(apps.data() / "state"))

    change = {
        "limits": {"web": {"memoryBytes": 32 * 2**20, "cpus": 0.25}},
        "folders": {"web:/state": str(state)},
        "extraFolders": [{"service": "web", "source": str(films), "target": "/films"}],
    }
    plan = (await apps.person.put("/api/apps/shop/settings", {**change, "plan": True})).json
    assert {"“web” has other limits.", "“web” has other folders."} <= set(plan["changes"])
    assert {item["id"] for item in plan["difference"]["added"]}
    done = await apps.ended(await apps.person.put("/api/apps/shop/settings", change))
    assert done["state"] == "done", done
    assert (state / "starts").read_text() == "1.0\n"

    shop.push("2.0")
    shop.release("2.0")
    await apps.sync(apps.store)
    done = await apps.ended(await apps.person.post("/api/apps/shop/update"))
    assert done["state"] == "done", done
    web = clean_daemon.api.inspect_container("shop-web-1")
    assert (web["HostConfig"]["Memory"], web["HostConfig"]["NanoCpus"]) == (32 * 2**20, 250_000_000)
    assert (state / "starts").read_text() == "1.0\n2.0\n"
    mounts = {mount["Destination"]: (mount["Source"], mount["RW"]) for mount in web["Mounts"]}
    assert mounts["/films"] == (str(films), False)

    back = {"limits": {"web": None}, "folders": {"web:/state": None}, "extraFolders": []}
    assert (await apps.ended(await apps.person.put("/api/apps/shop/settings", back)))["state"] == "done"
    web = clean_daemon.api.inspect_container("shop-web-1")
    assert web["HostConfig"]["Memory"] == 0
    assert "/films" not in {mount["Destination"] for mount in web["Mounts"]}
    assert (films / "a film").read_text() == "moving pictures"
