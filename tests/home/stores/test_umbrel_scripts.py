"""Scripts of an Umbrel app: run only when a person says so, sealed off from everything, and believed once looked at."""

import asyncio
import textwrap
from pathlib import Path

import pytest
import yaml

from talome.engines.docker.engine import Docker
from talome.home.manifest import Part
from talome.home.stores.formats.found import StoreSource, Told
from talome.home.stores.formats.umbrel import read, scripts_of
from tests.home.stores.rendering import apps
from tests.support.docker_engine import EngineDaemon, busybox_tar
from tests.support.house import House, open_house

IMAGE = "talome-test/shell:1"
EXPORTS = """
export APP_NOTES_MODE=plain
case "$(expr 40 + 2)" in 42) export APP_NOTES_PORT=$(expr 8000 + 42);; esac
export APP_NOTES_KEY="k-$(derive_entropy "env-${app_entropy_identifier}-KEY" | head -c32)"
export APP_NOTES_URL="$(printf 'http://%s' "$DEVICE_DOMAIN_NAME")/x"
"""
NOSY = """
export APP_NOTES_SEES="$( (wget -T1 -q http://127.0.0.1 || echo no-net; touch /x 2>/dev/null || echo read-only; \
id -u; ls /var/run/docker.sock 2>/dev/null; env | grep -c "5[e]5e5e5e") | tr '\\n' ' ')"
"""


def write(root: Path, exports: str, *names: str) -> Path:
    folder = root / "notes"
    folder.mkdir(parents=True, exist_ok=True)
    told = {"manifestVersion": 1, "id": "notes", "name": "Notes", "version": "1.0", "port": 8200, "category": "files"}
    (folder / "umbrel-app.yml").write_text(yaml.safe_dump(told))
    web = {"image": "notes:1", "environment": {name: f"${{{name}}}" for name in names}}
    proxy = {"environment": {"APP_HOST": "notes_web_1", "APP_PORT": 80}}
    (folder / "docker-compose.yml").write_text(yaml.safe_dump({"services": {"app_proxy": proxy, "web": web}}))
    (folder / "exports.sh").write_text(textwrap.dedent(exports))
    return root


NAMES = ("APP_NOTES_PORT", "APP_NOTES_KEY", "APP_NOTES_URL")


def test_what_was_told_counts_for_just_these_scripts(tmp_path: Path) -> None:
    root = write(tmp_path / "store", EXPORTS, *NAMES)
    scripts = scripts_of(root, "notes")
    assert "APP_NOTES_PORT" in scripts.unknown
    told = {"notes": Told(scripts.digest, {name: (Part(text="8042"),) for name in scripts.unknown})}
    found = apps(list(read(root, StoreSource("u", "U", told))))["notes"]
    assert (found.lacks, found.compose["services"]["web"]["environment"]["APP_NOTES_PORT"]) == ([], "8042")
    write(root, EXPORTS + "# changed\n", *NAMES)
    assert apps(list(read(root, StoreSource("u", "U", told))))["notes"].lacks != []


def test_a_made_up_secret_is_known_again_and_a_forged_one_is_not(tmp_path: Path) -> None:
    scripts = scripts_of(write(tmp_path / "store", EXPORTS, *NAMES), "notes")
    forged = [
        f"S {'0' * 64} app-bitcoin-seed",
        "V APP_NOTES_PORT MDAwMDAwMDAwMDAwMDAwMDAwMDA=",
        "V PATH eA==",
        "V",
        "S",
    ]
    assert scripts.answers(forged, "n" * 32) == {"APP_NOTES_PORT": (Part(text="0" * 20),)}


@pytest.fixture
def shell(clean_daemon: EngineDaemon) -> EngineDaemon:
    repository, _, tag = IMAGE.partition(":")
    clean_daemon.api.import_image_from_data(busybox_tar(), repository=repository, tag=tag)
    return clean_daemon


@pytest.fixture
async def stored(tmp_path: Path, shell: EngineDaemon) -> House:  # type: ignore[misc]  # pytest's own kind of generator
    async with open_house(tmp_path / "home", None, docker_host=shell.host, start_terminal=False) as house:
        root = write(tmp_path / "store", EXPORTS + NOSY, *NAMES, "APP_NOTES_SEES")
        added = await house.admin.post("/api/stores", {"url": str(root), "type": "umbrel", "name": "Mine"})
        await _ended(house, added.json["job"]["id"])
        yield house


async def _ended(house: House, job: str) -> None:
    async with asyncio.timeout(20):
        while (found := (await house.admin.get(f"/api/jobs/{job}")).json)["finishedAt"] is None:
            await asyncio.sleep(0.05)
    assert found["state"] == "done", found


@pytest.mark.docker
async def test_a_person_has_them_run_looks_and_takes_what_they_said(stored: House, shell: EngineDaemon) -> None:
    [store] = [one["id"] for one in (await stored.admin.get("/api/stores")).json if one["name"] == "Mine"]
    before = (await stored.admin.get("/api/apps/notes")).json
    assert any("with a shell" in line for line in before["lacks"])
    path = f"/api/stores/{store}/scripts/notes"
    key = await stored.key(["stores:write"])
    assert (await key.post(f"{path}/run", {"image": IMAGE})).status == 403
    assert (await stored.admin.post(f"{path}/run", {"image": "not/here:1"})).status == 404

    said = (await stored.admin.post(f"{path}/run", {"image": IMAGE})).json
    values = {one["name"]: one["value"] for one in said["values"]}
    assert values["APP_NOTES_PORT"] == "8042"
    assert values.get("APP_NOTES_URL", "http://[domain]/x") == "http://[domain]/x"
    assert values["APP_NOTES_SEES"].split()[:3] == ["no-net", "read-only", "65534"]
    assert values["APP_NOTES_SEES"].split()[3:] == ["0"], "nothing of the machine, no secret of the house"
    assert shell.api.containers(all=True) == [], "it is thrown away"

    assert (await stored.admin.post(f"{path}/take", {"digest": "0" * 64})).status == 409
    taken = await stored.admin.post(f"{path}/take", {"digest": said["digest"]})
    await _ended(stored, taken.json["id"])
    after = (await stored.admin.get("/api/apps/notes")).json
    assert after["lacks"] == []
    assert "8042" in after["compose"]


@pytest.mark.docker
async def test_a_script_that_does_not_end_is_ended(shell: EngineDaemon) -> None:
    engine = Docker(shell.host)
    try:
        with pytest.raises(Exception, match="did not end within 1 seconds"):
            await engine.containers.run_sealed(IMAGE, "sleep 1000", limit_s=1.0)
        bomb = await engine.containers.run_sealed(IMAGE, "f() { f | f & }; f; echo done", limit_s=15.0)
        assert bomb.stdout[:1] in ((), ("done",))
        full = await engine.containers.run_sealed(
            IMAGE, "dd if=/dev/zero of=/tmp/x bs=1M count=64; echo $?", limit_s=15.0
        )
        assert full.stdout[-1] != "0"
    finally:
        await engine.close()
    assert shell.api.containers(all=True) == []
