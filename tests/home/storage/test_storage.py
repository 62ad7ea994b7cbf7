"""Disks, who takes up the room, what can be cleared, and when it will be full, asked of a whole house."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from talome.engines.host import Disk
from talome.home.storage.clearable import Journal
from talome.home.storage.forecast import forecast
from talome.home.storage.models import UsageNode
from talome.home.storage.tree import Sizes, node, of_folder, whole
from tests.fakes.docker import FakeEngine
from tests.support.house import House, Person

DAY = 86_400
NOW = 1_800_000_000.0
GB = 10**9


async def ended(person: Person, job: dict[str, Any]) -> dict[str, Any]:
    while (found := (await person.get(f"/api/jobs/{job['id']}")).json)["finishedAt"] is None:
        await asyncio.sleep(0.02)
    return found


async def test_the_disks_of_this_machine_are_told_and_what_is_missing_too(house: House) -> None:
    answer = await house.admin.get("/api/storage")
    assert answer.status == 200, answer.text
    found = answer.json
    assert sum(system["holdsTalome"] for system in found["fileSystems"]) == 1
    assert all(drive["sizeBytes"] > 0 for drive in found["drives"])
    assert not [drive["name"] for drive in found["drives"] if drive["name"].startswith(("loop", "zram"))]
    smart = (await house.admin.get("/api/storage/smart")).json
    assert {drive["drive"] for drive in smart} == {drive["name"] for drive in found["drives"]}
    assert all(drive["reason"] for drive in smart if drive["health"] == "unavailable")
    [home] = [item for item in (await house.admin.get("/api/storage/forecast")).json if item["percent"] > 0][:1]
    assert home["fullAt"] is None
    assert home["reason"] == "There are less than two days of history. Look again later."


async def test_the_room_that_is_taken_up_is_measured_and_kept(house: House) -> None:
    folder = house.settings.home / "shared"
    (folder / "films").mkdir()
    (folder / "films" / "big.bin").write_bytes(os.urandom(3_000_000))
    os.mkdir(os.fsencode(folder) + b"/bad \xff name\n")
    (house.settings.home / "apps" / "jellyfin").mkdir(parents=True)
    (house.settings.home / "apps" / "jellyfin" / "data").write_bytes(os.urandom(500_000))
    assert (await house.admin.get("/api/storage/usage")).json["root"] is None
    first, second = [(await house.admin.post("/api/storage/usage")).json for _ in range(2)]
    assert first["id"] == second["id"]
    assert (await ended(house.admin, first))["state"] == "done"
    usage = (await house.admin.get("/api/storage/usage")).json
    assert usage["job"] is None
    boxes = {box["name"]: box for box in usage["root"]["children"]}
    assert boxes["Shared"]["sizeBytes"] >= 3_000_000
    assert boxes["Shared"]["children"][0]["name"] == "films"
    assert [(app["ref"], app["sizeBytes"] >= 500_000) for app in boxes["Apps"]["children"]] == [("jellyfin", True)]
    assert "Talome" in boxes
    assert sum(box["sizeBytes"] for box in usage["root"]["children"]) <= usage["root"]["sizeBytes"]


async def test_what_is_cleared_is_what_was_shown(house: House, fake: FakeEngine) -> None:
    exports, shared = house.settings.home / "exports", house.settings.home / "shared"
    exports.mkdir(exist_ok=True)
    (exports / "app.zip").write_bytes(bytes(20_000))
    (exports / "other.zip").write_bytes(bytes(10))
    (shared / "old.txt").write_bytes(b"x" * 9000)
    await house.admin.post("/api/files/delete", {"paths": ["/shared/old.txt"]})
    found = {item["category"]: item for item in (await house.admin.get("/api/storage/reclaimable")).json}
    assert set(found) == {"images", "volumes", "volume_trash", "file_trash", "exports", "journal"}
    assert (found["exports"]["count"], found["exports"]["sizeBytes"] >= 20_000) == (2, True)
    assert (found["file_trash"]["count"], found["file_trash"]["sizeBytes"] >= 9000) == (1, True)
    wish = {"category": "exports", "ids": ["app.zip"]}
    report = (await house.admin.post("/api/storage/reclaim", wish)).json
    assert (report["dryRun"], report["job"]) == (True, None)
    assert (await house.admin.post("/api/storage/reclaim", {"category": "exports", "dryRun": False})).status == 400
    gone = {"category": "exports", "ids": ["app.zip", "../secret"], "dryRun": False}
    assert (await house.admin.post("/api/storage/reclaim", gone)).status == 409
    report = (await house.admin.post("/api/storage/reclaim", {**wish, "dryRun": False})).json
    assert (await ended(house.admin, report["job"]))["state"] == "done"
    assert [path.name for path in exports.iterdir()] == ["other.zip"]
    wish = {"category": "file_trash", "ids": [found["file_trash"]["items"][0]["id"]], "dryRun": False}
    report = (await house.admin.post("/api/storage/reclaim", wish)).json
    assert (await ended(house.admin, report["job"]))["state"] == "done"
    assert (await house.admin.get("/api/files/trash")).json == []
    assert not list((shared / ".talome-trash").rglob("old.txt"))


async def test_a_member_needs_the_right_and_an_agent_never_clears(house: House) -> None:
    ben = await house.member("ben", ["storage:read"])
    assert (await ben.get("/api/storage/reclaimable")).status == 200
    for path, body in (
        ("/api/storage/reclaim", {"category": "exports"}),
        ("/api/storage/mounts", {"place": {"type": "device", "uuid": "abcd", "name": "a"}}),
    ):
        assert (await ben.post(path, body)).status == 403


async def test_only_archived_files_of_the_journal_may_go(tmp_path: Path) -> None:
    machine = tmp_path / "journal" / ("a" * 32)
    machine.mkdir(parents=True)
    for name in ("system.journal", "system@1-2.journal", "user-1000@3-4.journal~", "notes.txt"):
        (machine / name).write_bytes(bytes(5000))
    (machine / "evil@1.journal").symlink_to("/etc/passwd")

    class NoJobs:
        def register(self, *_: object) -> None:
            return None

    journal = Journal(NoJobs(), tmp_path / "journal")  # type: ignore[arg-type]  # it only lists here
    assert [item.name for item in await journal.items()] == ["system@1-2.journal", "user-1000@3-4.journal~"]
    await journal._delete(f"{'a' * 32}/system@1-2.journal")
    assert not (machine / "system@1-2.journal").exists()


def disk(percent: float) -> Disk:
    used = round(100 * GB * percent / 100)
    return Disk("/", "/dev/sda1", "ext4", 100 * GB, used, 100 * GB - used)


def test_a_disk_that_grows_steadily_is_full_on_its_day() -> None:
    points = [(NOW - (20 - day) * DAY, 40.0 + day) for day in range(20)]
    told = forecast(disk(60.0), points, NOW)
    assert told.bytes_per_day == GB
    assert (told.days_left, told.reason) == (40.0, None)
    assert told.full_at is not None
    assert round(told.full_at.timestamp() - NOW) == 40 * DAY


def test_one_large_copy_does_not_bend_the_line() -> None:
    points = [(NOW - (30 - day) * DAY, 40.0 + 0.1 * day + (25.0 if day == 17 else 0.0)) for day in range(30)]
    told = forecast(disk(43.0), points, NOW)
    assert told.bytes_per_day == pytest.approx(0.1 * GB, rel=0.1)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([], "less than two days"),
        ([(NOW - DAY, 1.0), (NOW, 90.0)], "less than two days"),
        ([(NOW - day * DAY, 50.0) for day in range(9, 0, -1)], "does not grow"),
        ([(NOW - day * DAY, 20.0 + day) for day in range(9, 0, -1)], "does not grow"),
        ([(NOW - day * DAY, 50.0 - day * 0.0051) for day in range(9, 0, -1)], "more than ten years"),
    ],
)
def test_what_cannot_be_foretold_is_said(points: list[tuple[float, float]], reason: str) -> None:
    told = forecast(disk(50.0), points, NOW)
    assert told.full_at is None
    assert reason in (told.reason or "")


def test_a_box_holds_its_parts_and_there_are_never_too_many() -> None:
    lines = [f"{size}\t/data/{size} with\ttab\nand line".encode() for size in range(1, 500)]
    sizes = Sizes.parsed(Path("/data"), b"\0".join([*lines, b"200000\t/data", b"broken", b""]))
    box = of_folder("Data", sizes)
    assert (len(box.children), box.size_bytes) == (20, 200_000)
    assert box.children[0].name == "499 with\ttab\nand line"
    everything = whole([box, node("logs", "logs", "Logs", 50)], 250_000, elsewhere=0)
    assert [child.name for child in everything.children] == ["Data", "The system and the rest", "Logs"]
    assert everything.size_bytes == 250_000
    assert whole([box], 10, elsewhere=200_000).children[-1].name == "The system and the rest"
    _fits(everything)


def _fits(box: UsageNode) -> None:
    assert sum(child.size_bytes for child in box.children) <= box.size_bytes
    for child in box.children:
        _fits(child)
