"""What somebody made by hand becomes an app without a restart, and goes back untouched."""

import asyncio

import pytest

from tests.home.adopt.conftest import SERVES, Handmade
from tests.home.apps.shop import Apps

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]


async def test_a_project_is_taken_over_without_a_restart_and_given_back(apps: Apps, handmade: Handmade) -> None:
    before = handmade.running()
    [found] = (await apps.person.get("/api/adopt")).json
    assert (found["id"], found["maker"], found["state"]) == ("handmade", "Docker Compose", "running")
    assert found["folder"] == str(handmade.folder)

    answer = await apps.person.get("/api/adopt/handmade")
    assert answer.status == 200, answer.text
    plan = answer.json
    assert "s3cret" not in answer.text
    assert plan["source"] == "file"
    assert (plan["untouched"], plan["madeAnewNow"], plan["madeAnewLater"]) == (["db", "web"], [], [])
    assert [(port["key"], port["port"]) for port in plan["plan"]["ports"]] == [("web/8080/tcp", 18091)]
    assert '+      DB_PASSWORD: "${DB_PASSWORD}"' in plan["difference"]
    assert str(handmade.folder / "conf") in str(plan["plan"]["sheet"]["items"])
    assert handmade.running() == before

    done = await apps.ended(await apps.person.post("/api/adopt/handmade"))
    assert done["state"] == "done", done
    assert handmade.running() == before
    assert await apps.page("handmade") == "by hand"
    assert (await apps.person.get("/api/adopt")).json == []
    settings = (await apps.person.get("/api/apps/handmade/settings")).json
    assert settings["answers"]["DB_PASSWORD"] == "(configured)"
    assert settings["origin"]["folder"] == str(handmade.folder)

    done = await apps.ended(await apps.person.post("/api/apps/handmade/start"))
    assert done["state"] == "done", done
    assert handmade.running() == before, "Compose itself sees no difference"

    done = await apps.ended(await apps.person.delete("/api/adopt/handmade"))
    assert done["state"] == "done", done
    assert handmade.running() == before
    handmade.compose("up", "-d")
    assert handmade.running() == before, "nor does it with the old file"
    assert [one["id"] for one in (await apps.person.get("/api/adopt")).json] == ["handmade"]


@pytest.mark.whole  # a whole life of an app on a real engine takes ten seconds
async def test_what_was_taken_over_is_an_app_like_any_other_and_its_data_outlives_it(
    apps: Apps, handmade: Handmade
) -> None:
    handmade.run_in("handmade", "echo precious > /kept/file")
    handmade.run_in("handmade-db-1", "echo older > /old/file")
    assert (await apps.ended(await apps.person.post("/api/adopt/handmade")))["state"] == "done"

    change = {"env": {"TITLE": "another"}, "limits": {"web": {"memoryBytes": 64 * 2**20, "cpus": 0.5}}}
    done = await apps.ended(await apps.person.put("/api/apps/handmade/settings", change))
    assert done["state"] == "done", done
    assert await apps.page("handmade") == "by hand"
    shown = await apps.person.get("/api/containers?project=handmade")
    named = {one["service"]: one["name"] for one in shown.json}
    web = handmade.daemon.api.inspect_container(named["web"])
    assert {"TITLE=another", "DB_PASSWORD=s3cret-of-old", "EXTRA=1"} <= set(web["Config"]["Env"])
    assert (web["HostConfig"]["Memory"], web["HostConfig"]["NanoCpus"]) == (64 * 2**20, 500_000_000)
    assert handmade.run_in(named["web"], "cat /kept/file") == "precious\n"
    assert handmade.run_in(named["db"], "cat /old/file") == "older\n", "an anonymous volume goes along"
    refused = await apps.person.delete("/api/adopt/no-such-app")
    assert refused.status == 404

    done = await apps.ended(await apps.person.delete("/api/apps/handmade?keep_data=false"))
    assert done["state"] == "done", done
    assert handmade.running() == {}
    assert (handmade.folder / "conf" / "page").read_text() == "by hand"
    assert "handmade_kept" in [one["Name"] for one in handmade.daemon.api.volumes()["Volumes"]]
    handmade.compose("up", "-d")
    assert handmade.run_in("handmade", "cat /kept/file") == "precious\n"


@pytest.mark.whole  # a second way to the same, six seconds
async def test_without_its_file_a_project_is_read_from_its_containers(apps: Apps, handmade: Handmade) -> None:
    before = handmade.running()
    (handmade.folder / "compose.yml").unlink()
    plan = (await apps.person.get("/api/adopt/handmade")).json
    assert (plan["source"], plan["untouched"], plan["madeAnewLater"]) == ("containers", [], ["db", "web"])
    assert (await apps.ended(await apps.person.post("/api/adopt/handmade")))["state"] == "done"
    assert handmade.running() == before

    assert (await apps.ended(await apps.person.post("/api/apps/handmade/restart")))["state"] == "done"
    assert await apps.page("handmade") == "by hand"
    assert handmade.running().keys() == {"/handmade", "/handmade-db-1"}
    assert handmade.run_in("handmade", "echo $DB_PASSWORD $TITLE $EXTRA") == "s3cret-of-old a$b 1\n"


@pytest.mark.whole  # fails once and succeeds once on a real engine, ten seconds
async def test_a_container_alone_is_made_anew_and_comes_back_where_that_fails(apps: Apps, handmade: Handmade) -> None:
    handmade.compose("down", "-v")
    api, folder = handmade.daemon.api, handmade.folder / "conf"
    first = "[ -e /conf/who ] || hostname > /conf/who; [ -e /conf/ok ] || hostname | cmp -s - /conf/who || exit 3"
    made = api.create_container(
        "hand/web:1", ["sh", "-c", f"{first}; {SERVES}"], name="My.Page", ports=[8080],
        environment={"WORD": "it's $5", "KEY": "several\nlines"}, stop_timeout=1,
        host_config=api.create_host_config(port_bindings={8080: 18092}, binds=[f"{folder}:/conf"]),
    )["Id"]  # fmt: skip
    api.start(made)
    async with asyncio.timeout(20):  # until Docker's event of it is heard
        while not (listed := (await apps.person.get("/api/adopt")).json):
            await asyncio.sleep(0.05)
    [found] = listed
    assert (found["id"], found["kind"], found["maker"]) == ("container:My.Page", "container", "by hand")
    plan = (await apps.person.get("/api/adopt/container:My.Page")).json
    assert (plan["plan"]["app"], plan["madeAnewNow"]) == ("my-page", ["my-page"])

    failed = await apps.ended(await apps.person.post("/api/adopt/container:My.Page"))
    assert failed["state"] == "failed"
    assert "ended with the code 3" in failed["reason"]
    back = api.inspect_container("My.Page")
    assert (back["Id"], back["State"]["Running"]) == (made, True)
    assert not (apps.home / "apps" / "my-page").exists()
    assert (await apps.person.get("/api/apps/installed")).json == []

    (folder / "ok").write_text("")
    done = await apps.ended(await apps.person.post("/api/adopt/container:My.Page"))
    assert done["state"] == "done", done
    assert handmade.running().keys() == {"/My.Page"}
    assert handmade.run_in("My.Page", 'echo "$WORD $KEY"') == "it's $5 several\nlines\n"
    assert handmade.run_in("My.Page", "cat /conf/page") == "by hand"
