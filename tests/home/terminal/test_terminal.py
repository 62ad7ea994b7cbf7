"""Terminals through the whole of Talome, with the real terminal process and real shells."""

import asyncio
import itertools
import json
import os
import stat
from pathlib import Path

import pytest

from talome.home.terminal.process.ring import SCROLLBACK_BYTES
from tests.fakes.docker import FakeEngine
from tests.home.terminals import Process, attach, create, hello, make_plain, plain_shell
from tests.support.house import House, open_house


async def test_a_shell_answers_and_its_end_is_told(house: House) -> None:
    screen = await plain_shell(house)
    await screen.type("echo grüße 漢字 | tr a-z A-Z\n")
    await screen.shows("GRüßE 漢字\r\n")
    await screen.type("exit 7\n")
    assert await screen.closed() == 1000
    assert screen.said("exit") == [7]
    [session] = (await house.admin.get("/api/terminal/sessions")).json
    assert session["exitCode"] == 7


async def test_characters_split_across_frames_arrive_whole(house: House) -> None:
    screen = await plain_shell(house)
    for byte in "echo €🏡 | od -An -tx1\n".encode():
        await screen.type(bytes([byte]))
    await screen.shows("e2 82 ac f0 9f 8f a1")


async def test_the_shell_begins_at_home_and_knows_nothing_of_the_server(house: House, process: Process) -> None:
    screen = await plain_shell(house)
    await screen.type("pwd; echo $0; umask; env | sort; echo do''ne\n")
    await screen.shows("done\r\n")
    text = screen.output.decode()
    assert f"{Path.home()}\r\n" in text or "/root\r\n" in text
    assert "-bash\r\n" in text or "-sh\r\n" in text or "-zsh\r\n" in text
    assert "0022\r\n" in text
    assert "planted-secret" not in text
    assert "TALOME" not in text
    assert "TERM=xterm-256color\r\n" in text
    await screen.type(f"cat /proc/{process.child.pid}/cmdline | tr '\\0' ' '; ls /proc/self/fd | wc -l\n")
    await screen.shows("talome terminal")


async def test_a_resize_reaches_the_child_and_the_other_viewers(house: House) -> None:
    screen = await plain_shell(house)
    id = (await house.admin.get("/api/terminal/sessions")).json[0]["id"]
    other = await attach(house.admin, id)
    await screen.resize(133, 41)
    await other.until(lambda it: {"cols": 133, "rows": 41} in it.said("size"))
    await screen.type("stty size\n")
    await screen.shows("41 133\r\n")
    answer = await house.admin.post(f"/api/terminal/sessions/{id}/resize", {"cols": 99, "rows": 22})
    assert (answer.json["cols"], answer.json["rows"]) == (99, 22)
    await screen.type("stty size\n")
    await screen.shows("22 99\r\n")


@pytest.mark.parametrize("size", [{"cols": 0, "rows": 10}, {"cols": 10**9, "rows": 1}, {"cols": "8"}, None, []])
async def test_a_senseless_control_frame_changes_nothing(house: House, size: object) -> None:
    screen = await plain_shell(house)
    await screen.socket.send_json({"resize": size})
    await screen.socket.send_str("{nonsense")
    await screen.type("stty size\n")
    await screen.shows("24 80\r\n")


async def test_ten_megabytes_come_through_byte_for_byte(house: House, tmp_path: Path) -> None:
    data = os.urandom(10_000_000)
    (tmp_path / "data").write_bytes(data)
    screen = await plain_shell(house)
    await screen.type(f"stty raw; cat {tmp_path}/data; exit\n")
    assert await screen.closed() == 1000
    assert data in bytes(screen.output)


async def test_a_huge_paste_arrives_whole(house: House, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    screen = await plain_shell(house)
    await screen.type(f"stty raw; echo go; head -c {len(data)} > {tmp_path}/pasted; exit\n")
    await screen.shows("go")
    for offset in range(0, len(data), 500_000):
        await screen.type(data[offset : offset + 500_000])
    assert await screen.closed() == 1000
    assert (tmp_path / "pasted").read_bytes() == data


async def test_two_viewers_see_the_same_and_both_may_type(house: House) -> None:
    first = await plain_shell(house)
    id = (await house.admin.get("/api/terminal/sessions")).json[0]["id"]
    second = await attach(house.admin, id)
    await first.type("echo from-the-fi''rst\n")
    await second.shows("from-the-first")
    await second.type("echo from-the-sec''ond\n")
    await first.shows("from-the-second")
    [session] = (await house.admin.get("/api/terminal/sessions")).json
    assert session["viewers"] == 2


async def test_a_viewer_that_never_reads_stops_nobody(house: House) -> None:
    reading = await plain_shell(house)
    id = (await house.admin.get("/api/terminal/sessions")).json[0]["id"]
    lazy = await attach(house.admin, id)
    lazy.socket._reader._protocol.pause_reading()
    await reading.type("head -c 30000000 /dev/zero | tr '\\0' x; echo; echo al''l\n")
    await reading.until(lambda it: b"\r\nall\r\n" in it.output[-60:])
    # On a busy machine the lazy one's buffers fill first, and the reading one may be told that it missed a piece.
    assert len(reading.output) + sum(reading.said("skipped")) > 30_000_000
    lazy.socket._reader._protocol.resume_reading()
    await lazy.until(lambda it: b"\r\nall\r\n" in it.output[-60:])
    assert lazy.said("skipped")


async def test_a_lone_viewer_that_does_not_read_holds_the_program_up(house: House, tmp_path: Path) -> None:
    screen = await plain_shell(house)
    screen.socket._reader._protocol.pause_reading()
    await screen.type(f"head -c 30000000 /dev/zero | tr '\\0' x; echo > {tmp_path}/through\n")
    assert (await house.admin.get("/api/terminal/sessions")).status == 200
    assert not (tmp_path / "through").exists()
    screen.socket._reader._protocol.resume_reading()
    await screen.until(lambda it: len(it.output) >= 30_000_000)


async def test_whoever_comes_back_sees_what_was_there(house: House) -> None:
    screen = await plain_shell(house)
    id = (await house.admin.get("/api/terminal/sessions")).json[0]["id"]
    await screen.type("cd /usr; echo before-the-l''oss\n")
    await screen.shows("before-the-loss")
    screen.socket._response.connection.transport.abort()
    again = await attach(house.admin, id)
    await again.shows("before-the-loss")
    assert again.ready["replayBytes"] == len(again.output)
    await again.type("pwd\n")
    await again.shows("/usr\r\n")


async def test_the_scroll_back_is_bounded_and_begins_with_a_line(house: House) -> None:
    screen = await plain_shell(house)
    id = (await house.admin.get("/api/terminal/sessions")).json[0]["id"]
    await screen.type("seq -f 'line number %.0f ü' 40000; echo en''d\n")
    await screen.shows("end\r\n")
    again = await attach(house.admin, id)
    await again.shows("end\r\n")
    assert len(again.output) <= SCROLLBACK_BYTES
    assert again.output.startswith(b"line number ")
    again.output.decode()


async def test_the_shell_outlives_the_server(process: Process) -> None:
    async with open_house(process.home, FakeEngine()) as house:
        screen = await plain_shell(house)
        id = (await house.admin.get("/api/terminal/sessions")).json[0]["id"]
        await screen.type("cd /usr; mine=still-here\n")
        await screen.type("echo o''k\n")
        await screen.shows("ok")
    async with open_house(process.home, FakeEngine()) as house:
        [session] = (await house.admin.get("/api/terminal/sessions")).json
        assert session["id"] == id
        again = await attach(house.admin, id)
        await again.type("echo $mine in $PWD\n")
        await again.shows("still-here in /usr")


async def test_titles_are_changed_and_cleaned(house: House) -> None:
    screen = await plain_shell(house)
    id = (await house.admin.get("/api/terminal/sessions")).json[0]["id"]
    answer = await house.admin.put(f"/api/terminal/sessions/{id}", {"title": "Photos \u001b]0;evil\u0007 2"})
    assert answer.json["title"] == "Photos ]0;evil 2"
    await screen.until(lambda it: it.said("title") == ["Photos ]0;evil 2"])
    assert (await house.admin.put(f"/api/terminal/sessions/{id}", {"title": "\u0007"})).status == 400


async def test_a_close_ends_everything_in_it(house: House) -> None:
    screen = await plain_shell(house)
    [session] = (await house.admin.get("/api/terminal/sessions")).json
    await screen.type("sleep 4242 & echo pid=$!=; trap '' HUP; sleep 4243\n")
    await screen.until(lambda it: it.output.count(b"=") >= 2)
    pid = int(screen.output.split(b"=")[1])
    assert (await house.admin.delete(f"/api/terminal/sessions/{session['id']}")).status == 200
    assert await screen.closed() == 1000
    assert screen.said("exit")
    async with asyncio.timeout(5):
        while Path(f"/proc/{pid}").exists() and "sleep" in Path(f"/proc/{pid}/cmdline").read_text():
            await asyncio.sleep(0.01)
    assert (await house.admin.get("/api/terminal/sessions")).json == []
    assert (await house.admin.delete(f"/api/terminal/sessions/{session['id']}")).status == 404


async def test_a_recording_is_an_asciicast(house: House, process: Process) -> None:
    id = await create(house.admin, record=True, cols=100, rows=30)
    [session] = (await house.admin.get("/api/terminal/sessions")).json
    screen = await attach(house.admin, id)
    await make_plain(screen)
    await screen.type("echo re''corded €\n")
    await screen.shows("recorded €".encode())
    await screen.resize(120, 30)
    await screen.until(lambda it: it.said("size"))
    answer = await house.admin.post(f"/api/terminal/sessions/{id}/recording", {"on": False})
    assert answer.json["recording"] is None
    file = process.home / "recordings" / session["recording"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    head, *events = map(json.loads, file.read_text().splitlines())
    assert (head["version"], head["width"], head["height"]) == (2, 100, 30)
    assert "recorded €" in "".join(text for _, kind, text in events if kind == "o")
    assert [text for _, kind, text in events if kind == "r"] == ["120x30"]
    assert all(earlier[0] <= later[0] for earlier, later in itertools.pairwise(events))


async def test_without_the_process_it_is_said_in_words(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home", FakeEngine()) as house:
        for answer in (
            await house.admin.get("/api/terminal/sessions"),
            await house.admin.post("/api/terminal/sessions", {"kind": "host"}),
        ):
            assert answer.status == 503
            assert answer.json["code"] == "terminal_down"
            assert "talome terminal" in answer.json["error"]


async def test_the_socket_of_the_process_is_the_owners_alone(process: Process) -> None:
    assert stat.S_IMODE((process.home / "terminal.sock").stat().st_mode) == 0o600


async def test_the_process_is_small(process: Process) -> None:
    lines = Path(f"/proc/{process.child.pid}/status").read_text().splitlines()
    memory = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    assert memory < 40_000, f"{memory} KiB"
    loaded = Path(f"/proc/{process.child.pid}/maps").read_text()
    assert "pydantic" not in loaded
    assert "aiohttp" not in loaded


async def test_the_process_says_hello_to_its_server(process: Process) -> None:
    said = await hello(process.link())
    assert said["pid"] == process.child.pid
