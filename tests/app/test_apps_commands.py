"""`talome apps`, `catalog`, `stores` and `registries` as they are typed, against a whole house."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.home.apps.shop import APP, COMPOSE, ICON
from tests.support.house import House


async def talome(house: House, *arguments: str, token: str | None = None, stdin: str = "") -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), "PYTHONWARNINGS": "error"}
    told = {"TALOME_URL": house.base, "TALOME_TOKEN": token or house.admin.token or "", "XDG_CONFIG_HOME": "/nowhere"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "talome", *arguments,
        env=known | told, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 40)
    return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def store(house: House, tmp_path: Path) -> Path:
    """A small store; a file in it would like to steer the terminal."""
    folder = tmp_path / "store" / "apps" / "shop"
    folder.mkdir(parents=True)
    text = APP.format(version="1.0", patience_s=1)
    broken = folder.with_name("broken")
    broken.mkdir()
    (broken / "app.yml").write_text(
        text.replace("id: shop", "id: broken").replace("A page", "\x1b[2J\x1b]0;owned\x07A page")
    )
    (broken / "compose.yml").write_text(COMPOSE.format(image="x:1"))
    (folder / "icon.svg").write_text(ICON)
    (folder / "app.yml").write_text(text)
    (folder / "compose.yml").write_text(COMPOSE.format(image="registry.nowhere:5000/shop:1.0"))
    code, out, err = await talome(house, "stores", "add", "--url", str(folder.parents[1]), "--type", "talome", "--wait")
    assert code == 0, out + err
    return folder


async def test_lists_are_tables_and_all_of_it_is_in_the_json(house: House, store: Path) -> None:
    assert (await talome(house, "apps", "installed"))[:2] == (0, "Nothing to show.\n")
    code, out, _ = await talome(house, "catalog", "list", "--search", "shop")
    assert code == 0
    assert "ID" in out
    assert "STORE NAME" not in out, "what is not worth a column is in the JSON"
    code, out, _ = await talome(house, "--json", "catalog", "list", "--search", "shop")
    assert "storeName" in json.loads(out)["apps"][0]
    assert "\x1b" not in out
    code, out, _ = await talome(house, "stores", "list")
    assert out.split("\n")[0].split()[:5] == ["ID", "NAME", "TYPE", "APPS", "PROBLEMS"]
    code, out, err = await talome(house, "stores", "problems", "store")
    assert "broken" in out
    assert "\x1b" not in out + err


async def test_waiting_tells_the_stages_and_fails_with_the_reason(house: House, store: Path) -> None:
    pairs = ("--env", "TITLE=3", "--env", "PIN=x=y", "--ports", "8080=18099")
    code, out, _ = await talome(house, "apps", "install", "--app-id", "shop", *pairs, "--plan", "--json")
    assert code == 0, out
    assert [port["port"] for port in json.loads(out)["ports"]] == [18099]
    code, out, err = await talome(house, "apps", "install", "--app-id", "shop", "--wait")
    assert code == 1
    assert "Install Shop: " in err
    assert "registry cannot be reached" in out


async def test_exit_codes_say_what_went_wrong(house: House) -> None:
    assert (await talome(house, "apps", "start", "nothing"))[0] == 4
    assert (await talome(house, "apps", "installed", token="wrong"))[0] == 3
    code, _, err = await talome(house, "apps", "install", "--app-id", "shop", "--ports", "web=door")
    assert (code, "is not a number" in err) == (2, True)
    code, _, err = await talome(
        house,
        "registries",
        "add",
        "--host",
        "nowhere.home:5000",
        "--username",
        "x",
        "--password",
        "-",
        stdin="hunter2\n",
    )
    assert code == 1
    assert "hunter2" not in err
