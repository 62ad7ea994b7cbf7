"""Network folders (SMB): a real smbd that Talome runs, and Debian's smbclient against it."""

import asyncio
import os
import pwd
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from talome.core.errors import Invalid
from talome.engines.programs import Programs
from talome.engines.samba import Samba, SmbShare, render, render_names
from talome.home.shares.smb import account_of
from tests.home.shares.drive import run
from tests.support.house import House

PORT = 14450
USER, PASSWORD = account_of("usr_test"), "krabi-moose-7-lamp"
READER = account_of("usr_reader")

needs_samba = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("smbd") is None or shutil.which("smbclient") is None,
    reason="needs root, smbd and smbclient (apt install samba smbclient)",
)


def test_nothing_that_people_write_becomes_a_setting(tmp_path: Path) -> None:
    for name in ("global", "a]\n[global", "x\nguest ok = yes", "", " a", "Homes", "a;b", "%S"):
        with pytest.raises(Invalid):
            render(tmp_path, tmp_path, PORT, [SmbShare(name, tmp_path, (USER,), ())])
    for folder in ("/a\nguest ok = yes", "/a%S", '/a"', "/a\\"):
        with pytest.raises(Invalid):
            render(tmp_path, tmp_path, PORT, [SmbShare("a", Path(folder), (USER,), ())])
    with pytest.raises(Invalid):
        render(tmp_path, tmp_path, PORT, [SmbShare("a", tmp_path, ("root",), ())])
    assert render_names({'a"\nroot = b': USER, "ben": READER}) == f'!{READER} = "ben"\n'


def test_a_folder_that_nobody_may_read_is_not_everybodys(tmp_path: Path) -> None:
    text = render(tmp_path, tmp_path, PORT, [SmbShare("empty", tmp_path, (), ())])
    assert "valid users = talome-smb-nobody" in text
    assert "guest ok = no" in text


@pytest.fixture
async def samba(tmp_path: Path) -> AsyncIterator[Samba]:
    server = Samba(Programs(), tmp_path / "samba", PORT)
    yield server
    for account in (USER, READER):
        await server.remove_account(account)
    await server.stop()


async def smb(share: str, user: str, command: str, password: str = PASSWORD, port: int = PORT) -> tuple[int, str]:
    target = f"//127.0.0.1/{share}"
    return await run(
        "smbclient",
        target,
        "--port",
        str(port),
        "--user",
        f"{user}%{password}",
        "--configfile=/dev/null",
        "-c",
        command,
    )


async def until_it_answers(port: int = PORT) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


@pytest.fixture
async def no_account_stays(house: House) -> AsyncIterator[None]:
    """Whatever becomes of the test; the password goes first, so that this asks before the house is closed."""
    yield
    await house.admin.delete("/api/shares/smb/password")


@needs_samba
@pytest.mark.usefixtures("no_account_stays")
async def test_the_house_serves_its_roots_while_the_setting_is_on(house: House, tmp_path: Path) -> None:
    access = (await house.admin.get("/api/shares/access")).json
    assert access["webdav"] == {"path": "/dav/", "username": "ada"}
    assert (access["smb"]["running"], access["smb"]["hasPassword"]) == (False, False)
    told = (await house.admin.post("/api/shares/smb/password")).json
    changed = await house.admin.put("/api/settings", {"shares.smb": True})
    assert changed.status == 200, changed.text
    await until_it_answers(445)
    access = (await house.admin.get("/api/shares/access")).json["smb"]
    assert (access["running"], access["username"], access["shares"]) == (True, "ada", ["shared"])
    (tmp_path / "a.txt").write_text("a")
    code, said = await smb("shared", "ada", f"put {tmp_path}/a.txt a.txt; ls", told["password"], port=445)
    assert code == 0, said
    assert (house.settings.home / "shared" / "a.txt").read_text() == "a"
    await house.admin.delete("/api/shares/smb/password")
    assert "LOGON_FAILURE" in (await smb("shared", "ada", "ls", told["password"], port=445))[1]
    await house.admin.put("/api/settings", {"shares.smb": False})
    while (await house.admin.get("/api/shares/access")).json["smb"]["running"]:
        await asyncio.sleep(0.05)


@needs_samba
async def test_a_home_of_a_long_path_is_served_too(tmp_path: Path) -> None:
    home = tmp_path / ("a" * 100) / "samba"
    server = Samba(Programs(), home, PORT)
    try:
        await server.configure((), {})
        await server.start()
        await until_it_answers()
        assert server.running
    finally:
        await server.stop()
    sockets = re.findall(r"(?:lock|ncalrpc) dir\w* = (.+)", (home / "smb.conf").read_text())
    assert len(sockets) == 2
    assert not any(Path(folder).exists() for folder in sockets)


async def network_folders(house: House) -> dict[str, Any]:
    found: dict[str, Any] = (await house.admin.get("/api/shares/access")).json["smb"]
    return found


@needs_samba
async def test_a_server_that_ends_by_itself_is_told_of_and_started_again(house: House) -> None:
    with socket.socket(socket.AF_INET6) as taken:
        taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        taken.bind(("::", 445))  # and nobody listens, so that Talome takes it for free
        await house.admin.put("/api/settings", {"shares.smb": True})
        while "ended by itself" not in ((await network_folders(house))["reason"] or ""):
            await asyncio.sleep(0.05)
        told = await network_folders(house)
        assert "No sockets available" in told["reason"]
        assert not told["running"]
    await until_it_answers(445)
    while (await network_folders(house))["reason"] is not None:
        await asyncio.sleep(0.05)
    await house.admin.put("/api/settings", {"shares.smb": False})
    while (await network_folders(house))["running"]:
        await asyncio.sleep(0.05)


ORPHAN = """
import asyncio, sys
from pathlib import Path
from talome.engines.programs import Programs
from talome.engines.samba import Samba

async def main():
    samba = Samba(Programs(), Path(sys.argv[1]), int(sys.argv[2]))
    await samba.configure((), {})
    await samba.start()
    await asyncio.sleep(60)

asyncio.run(main())
"""


@needs_samba
async def test_the_server_ends_with_a_talome_that_was_killed(samba: Samba, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", ORPHAN, str(tmp_path / "samba"), str(PORT)]
    talome = await asyncio.create_subprocess_exec(*argv)
    await until_it_answers()
    assert "Another program" in (samba.problem() or "")
    talome.kill()
    await talome.wait()
    while samba.problem() is not None:
        await asyncio.sleep(0.05)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where others than root get to; pytest's own folders are closed to them."""
    with tempfile.TemporaryDirectory(prefix="talome-test-") as made:
        yield Path(made)


@needs_samba
async def test_smbclient_works_within_its_rights_only(samba: Samba, folder: Path, tmp_path: Path) -> None:
    owner = pwd.getpwnam("daemon")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    (folder / "way out").symlink_to("/etc")
    (folder / ".talome-trash").mkdir()
    for account in (USER, READER):
        await samba.add_account(account, PASSWORD)
    share = SmbShare("films", folder, (USER, READER), (USER,))
    await samba.configure([share], {"Ada": USER, "ben": READER})
    await samba.start()
    await until_it_answers()
    file = tmp_path / "film.txt"
    file.write_text("a film")
    code, said = await smb("films", "Ada", f"put {file} a.txt; mkdir sub; rename a.txt sub\\b.txt; ls; ls sub\\*")
    assert code == 0, said
    assert (folder / "sub" / "b.txt").read_text() == "a film"
    assert (folder / "sub" / "b.txt").stat().st_uid == owner.pw_uid
    assert ".talome-trash" not in said
    code, said = await smb("films", "Ada", 'cd "way out"; get passwd /dev/null')
    assert "NT_STATUS" in said
    code, said = await smb("films", "ben", f"get sub\\b.txt {tmp_path}/back.txt")
    assert (code, (tmp_path / "back.txt").read_text()) == (0, "a film"), said
    assert "ACCESS_DENIED" in (await smb("films", "ben", f"put {file} x.txt"))[1]
    assert "LOGON_FAILURE" in (await smb("films", "Ada", "ls", "wrong"))[1]
    assert "NT_STATUS" in (await smb("films", "nobody", "ls", ""))[1]
    await samba.configure([SmbShare("films", folder, (USER,), (USER,))], {"Ada": USER, "ben": READER})
    await samba.reload()
    assert "ACCESS_DENIED" in (await smb("films", "ben", "ls"))[1]
    await samba.remove_account(USER)
    assert "LOGON_FAILURE" in (await smb("films", "Ada", "ls"))[1]
    with pytest.raises(KeyError):
        pwd.getpwnam(USER)
