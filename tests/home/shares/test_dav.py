"""WebDAV at `/dav/`: who gets in, what a folder tells, and what changes."""

import asyncio
import os
import socket

import pytest

from talome.engines.beneath import Beneath
from tests.home.shares.drive import D, Drive, properties
from tests.home.unseen import written
from tests.support.house import House

BOMB = (
    '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'
    '<D:propfind xmlns:D="DAV:"><D:prop><a>&c;</a></D:prop></D:propfind>'
)
LOCK = (
    '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
    "<D:owner>Ada</D:owner></D:lockinfo>"
)


async def test_only_an_api_key_with_its_owners_name_opens_the_drive(house: House, drive: Drive) -> None:
    answer = await house.nobody.call("PROPFIND", "/dav/", headers={"Depth": "0"})
    assert (answer.status, answer.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    cookie = await house.nobody.call("PROPFIND", "/dav/", headers={"Cookie": f"talome_session={house.admin.token}"})
    assert cookie.status == 401
    for username, password in (
        ("ada", "correct horse battery"),
        ("ada", house.admin.token or ""),
        ("ben", drive.password),
    ):
        stranger = Drive(house, username, password, drive.folder)
        assert (await stranger.call("PROPFIND", headers={"Depth": "0"})).status == 401
    assert (
        await Drive(house, "Ada", drive.password, drive.folder).call("PROPFIND", headers={"Depth": "0"})
    ).status == 207


async def test_guessing_is_delayed_and_working_beside_each_other_is_not(house: House, drive: Drive) -> None:
    answers = await asyncio.gather(*(drive.call("PROPFIND", headers={"Depth": "0"}) for _ in range(12)))
    assert {answer.status for answer in answers} == {207}
    thief = Drive(house, "ada", "talome_nothing", drive.folder)
    statuses = [(await thief.call("PROPFIND", headers={"Depth": "0"})).status for _ in range(5)]
    assert statuses[:3] == [401, 401, 401]
    assert 429 in statuses


async def test_rights_of_the_key_and_of_the_root_both_count(house: House, drive: Drive) -> None:
    key = await house.key(["files:read"])
    reader = Drive(house, "ada", key.token or "", drive.folder)
    (drive.folder / "a.txt").write_text("a")
    assert (await reader.call("GET", "a.txt")).text == "a"
    for method, headers in (
        ("PUT", {}),
        ("DELETE", {}),
        ("MKCOL", {}),
        ("LOCK", {}),
        ("MOVE", {"Destination": "/dav/shared/b"}),
    ):
        assert (await reader.call(method, "a.txt", None if method != "LOCK" else LOCK, headers)).status == 403, method
    assert (drive.folder / "a.txt").read_text() == "a"
    ben = await house.member("ben", ["files:read", "files:write"])
    key = await house.key(["files:read", "files:write"], ben)
    stranger = Drive(house, "ben", key.token or "", drive.folder)
    assert (await stranger.call("GET", "a.txt")).status == 404
    listed = await house.nobody.call("PROPFIND", "/dav/", headers={"Depth": "1", "Authorization": stranger.basic})
    assert list(properties(listed.text)) == ["/dav/"]


async def test_a_folder_tells_files_and_folders_and_nothing_else(drive: Drive) -> None:
    (drive.folder / "sub").mkdir()
    (drive.folder / "ü & <b>.txt").write_text("12345")
    (drive.folder / "link").symlink_to("/etc/passwd")
    os.mkfifo(drive.folder / "pipe")
    (drive.folder / ".talome-part-x").write_text("hidden")
    found = await drive.listed()
    assert set(found) == {"/dav/shared/", "/dav/shared/sub/", "/dav/shared/%C3%BC%20%26%20%3Cb%3E.txt"}
    file = found["/dav/shared/%C3%BC%20%26%20%3Cb%3E.txt"]
    assert (file[f"{D}getcontentlength"].text, file[f"{D}displayname"].text) == ("5", "ü & <b>.txt")
    assert found["/dav/shared/sub/"][f"{D}resourcetype"].find(f"{D}collection") is not None
    asked = '<D:propfind xmlns:D="DAV:"><D:prop><D:quota-available-bytes/><D:getetag/></D:prop></D:propfind>'
    room = await drive.listed("", "0", asked)
    assert int(room["/dav/shared/"][f"{D}quota-available-bytes"].text) > 0
    assert f"{D}getetag" not in room["/dav/shared/"]
    for name in ("link", "pipe", ".talome-part-x"):
        assert (await drive.call("GET", name)).status == 404, name
        assert (await drive.call("DELETE", name)).status == 404, name


async def test_infinite_depth_and_documents_that_grow_are_refused(drive: Drive) -> None:
    for depth in ({}, {"Depth": "infinity"}):
        answer = await drive.call("PROPFIND", "", None, depth)
        assert answer.status == 403
        assert "propfind-finite-depth" in answer.text
    assert (await drive.call("PROPFIND", "", BOMB, {"Depth": "0"})).status == 400
    assert (await drive.call("PROPFIND", "", "<a>" * 100 + "</a>" * 100, {"Depth": "0"})).status == 400
    assert (await drive.call("PROPFIND", "", "<a>" + " " * 300_000 + "</a>", {"Depth": "0"})).status == 413
    assert (await drive.call("PROPPATCH", "", "not xml")).status == 400


async def test_a_file_goes_in_whole_and_comes_out_in_parts(drive: Drive) -> None:
    answer = await drive.call("PUT", "a.bin", b"0123456789")
    assert (answer.status, (drive.folder / "a.bin").read_bytes()) == (201, b"0123456789")
    etag = answer.headers["ETag"]
    part = await drive.call("GET", "a.bin", headers={"Range": "bytes=2-4", "If-Range": etag})
    assert (part.status, part.text, part.headers["Content-Range"]) == (206, "234", "bytes 2-4/10")
    assert (await drive.call("GET", "a.bin", headers={"If-None-Match": etag})).status == 304
    assert (await drive.call("PUT", "a.bin", b"x", {"If-Match": '"other"'})).status == 412
    assert (await drive.call("PUT", "a.bin", b"x", {"If-None-Match": "*"})).status == 412
    assert (await drive.call("PUT", "a.bin", b"x", {"Content-Range": "bytes 0-0/1"})).status == 400
    assert (await drive.call("PUT", "a.bin", b"new", {"If-Match": etag})).status == 204
    assert (await drive.call("PUT", "no/such/folder.txt", b"x")).status == 409
    assert (await drive.call("PUT", "", b"x")).status == 405
    assert (drive.folder / "a.bin").read_bytes() == b"new"


@pytest.mark.parametrize("nameless", [True, False])
async def test_an_upload_that_breaks_off_leaves_what_was_there(
    house: House, drive: Drive, monkeypatch: pytest.MonkeyPatch, nameless: bool
) -> None:
    if not nameless:
        monkeypatch.setattr(Beneath, "make_nameless", lambda *_: None)
    (drive.folder / "a.txt").write_text("old")
    host, port = house.base.removeprefix("http://").split(":")
    head = f"PUT /dav/shared/a.txt HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {drive.basic}\r\n"
    head += "Content-Length: 1000\r\n\r\n"
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"half")
    await writer.drain()
    while not written(drive.folder):
        await asyncio.sleep(0.01)
    if nameless:
        assert os.listdir(drive.folder) == ["a.txt"]  # so that even a crash of the machine leaves nothing
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.close()
    while written(drive.folder):
        await asyncio.sleep(0.01)
    assert os.listdir(drive.folder) == ["a.txt"]
    assert (drive.folder / "a.txt").read_text() == "old"
    del reader


async def test_what_is_deleted_or_written_over_by_a_move_lies_in_the_trash(house: House, drive: Drive) -> None:
    for name in ("a.txt", "b.txt"):
        (drive.folder / name).write_text(name)
    destination = {"Destination": f"{drive.url}/b.txt"}
    assert (await drive.call("MOVE", "a.txt", headers={**destination, "Overwrite": "F"})).status == 412
    assert (await drive.call("MOVE", "a.txt", headers=destination)).status == 204
    assert (drive.folder / "b.txt").read_text() == "a.txt"
    assert (await drive.call("DELETE", "b.txt")).status == 204
    trash = (await house.admin.get("/api/files/trash")).json
    assert sorted(item["path"] for item in trash) == ["/shared/b.txt", "/shared/b.txt"]
    log = (await house.admin.get("/api/audit-log?limit=5")).text
    assert "files.delete" in log


async def test_a_destination_elsewhere_or_inside_itself_is_refused(drive: Drive) -> None:
    (drive.folder / "folder").mkdir()
    for destination, status in (
        ("http://example.org/dav/shared/x", 502), ("/api/files", 502), ("/dav/shared/folder/inside", 403),
        ("/dav/shared/folder", 403), ("/dav/shared/none/x", 409), ("/dav/", 403), ("", 400),
    ):  # fmt: skip
        for method in ("COPY", "MOVE"):
            answer = await drive.call(method, "folder", headers={"Destination": destination})
            assert answer.status == status, (method, destination, answer.text)
    assert [path.name for path in drive.folder.iterdir()] == ["folder"]


PATHS = (
    *(
        "../talome.db",
        "%2e%2e/talome.db",
        "..%2ftalome.db",
        "%252e%252e/talome.db",
        "..\\talome.db",
        "a%00b",
        "a//b",
        ".",
    ),
    *("/etc/passwd", "~root", "%ff", "x" * 300, ".talome-trash/x", "a%0d%0ab", "talome.db."),
)


async def test_no_path_leads_out_of_the_root(house: House, drive: Drive) -> None:
    (house.settings.home / "canary").write_text("secret")
    host, port = house.base.removeprefix("http://").split(":")
    before = sorted(house.settings.home.iterdir())
    for path in PATHS:
        for method in ("GET", "PUT", "DELETE", "MKCOL", "PROPFIND"):
            reader, writer = await asyncio.open_connection(host, int(port))
            head = f"{method} /dav/shared/{path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {drive.basic}\r\n"
            writer.write(f"{head}Depth: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
            assert b"secret" not in answer
            assert b"SQLite" not in answer
            assert sorted(house.settings.home.iterdir()) == before, (method, path)


async def test_a_lock_keeps_others_out_until_it_ends(house: House, drive: Drive) -> None:
    (drive.folder / "a.txt").write_text("a")
    answer = await drive.call("LOCK", "a.txt", LOCK, {"Timeout": "Second-60"})
    token = answer.headers["Lock-Token"]
    assert answer.status == 200
    assert (await drive.call("PUT", "a.txt", b"b")).status == 423
    assert (await drive.call("DELETE", "a.txt")).status == 423
    key = await house.key(["files:read", "files:write"])  # another program of hers that heard of the token may go on
    other = Drive(house, "ada", key.token or "", drive.folder)
    assert (await other.call("PUT", "a.txt", b"b", {"If": f"({token})"})).status == 204
    assert (await drive.call("UNLOCK", "a.txt", headers={"Lock-Token": "<urn:uuid:none>"})).status == 409
    assert (await drive.call("UNLOCK", "a.txt", headers={"Lock-Token": token})).status == 204
    assert (await drive.call("DELETE", "a.txt")).status == 204


async def test_a_page_of_another_site_changes_nothing(drive: Drive) -> None:
    (drive.folder / "a.txt").write_text("a")
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await drive.call("DELETE", "a.txt", headers=headers)).status == 403
    assert (drive.folder / "a.txt").exists()


async def test_a_key_that_is_deleted_opens_nothing_from_then_on(house: House, drive: Drive) -> None:
    assert (await drive.call("PROPFIND", headers={"Depth": "0"})).status == 207
    for key in (await house.admin.get("/api/keys")).json:
        await house.admin.delete(f"/api/keys/{key['id']}")
    assert (await drive.call("PROPFIND", headers={"Depth": "0"})).status == 401


async def test_what_changes_is_in_the_audit_log(house: House, drive: Drive) -> None:
    to = {"Destination": f"{drive.url}/new/b.txt"}
    assert (await drive.call("MKCOL", "new")).status == 201
    assert (await drive.call("PUT", "a.txt", b"a", {"If": "(<urn:uuid:secret>) (Not <DAV:no-lock>)"})).status == 201
    assert (await drive.call("COPY", "a.txt", headers=to)).status == 201
    assert (await drive.call("MOVE", "a.txt", headers=to)).status == 204
    assert (await drive.call("MKCOL", "none/new")).status == 409
    assert (await drive.call("DELETE", "new")).status == 204
    entries = (await house.admin.get("/api/audit-log?limit=6")).json["entries"]
    told = {"path": "/shared/a.txt", "to": "/shared/new/b.txt", "overwrite": True}
    assert [(each["operation"], each["arguments"], each["outcome"]) for each in reversed(entries)] == [
        ("dav.mkcol", {"path": "/shared/new"}, "ok"),
        ("dav.put", {"path": "/shared/a.txt"}, "ok"),
        ("dav.copy", {**told, "deep": True}, "ok"),
        ("dav.move", told, "ok"),
        ("dav.mkcol", {"path": "/shared/none/new"}, "failed"),
        ("files.delete", {"path": "/shared/new"}, "ok"),
    ]
    assert {each["actorKind"] for each in entries} == {"key"}
