"""What lsblk, smartctl, mdstat, btrfs and zpool say, in our words; and programs that misbehave."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from talome.core.errors import Unavailable
from talome.engines.blocks import read_blocks
from talome.engines.pools import parse_mdstat, parse_zpool, read_mdstat, understand_btrfs
from talome.engines.programs import Missing, Programs
from talome.engines.smart import drive_types, read_smart

MDSTAT = """Personalities : [raid1] [raid6] [raid5] [raid4]
md0 : active raid1 sdb1[1] sda1[0]
      976630464 blocks super 1.2 [2/2] [UU]
      bitmap: 0/8 pages [0KB], 65536KB chunk

md1 : active raid5 sde1[4] sdd1[3](F) sdc1[1] sdb2[0]
      1953260544 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [UU_]
      [=>...................]  recovery =  8.5% (83097600/976630272) finish=75.3min speed=197640K/sec

md2 : active (auto-read-only) raid1 sdf1[0] sdg1[2](S)
      10 blocks [2/1] [U_]

md127 : inactive sdh[0](S)
      976631512 blocks super 1.2

unused devices: <none>
"""
ZPOOL = """  pool: tank
 state: DEGRADED
status: One or more devices is currently being resilvered.
action: Wait for the resilver to complete.
  scan: resilver in progress since Sun Nov 22 10:00:00 2026
        1.23T scanned at 200M/s, 800G issued at 120M/s, 2.00T total
        400G resilvered, 39.06% done, 02:52:11 to go
config:

        NAME             STATE     READ WRITE CKSUM
        tank             DEGRADED     0     0     0
          mirror-0       DEGRADED     0     0     0
            ata-A        ONLINE       0     0     0
            replacing-1  DEGRADED     0     0     0
              ata-B      FAULTED      3    12     0  too many errors
              ata-C      ONLINE       0     0     2  (resilvering)

errors: No known data errors
"""
ATA = {
    "smartctl": {"exit_status": 0},
    "model_name": "WDC WD40EFRX", "serial_number": "WD-1", "firmware_version": "82.00A82",
    "smart_status": {"passed": True}, "temperature": {"current": 34}, "power_on_time": {"hours": 41234},
    "power_cycle_count": 40,
    "ata_smart_attributes": {"table": [
        {"id": 5, "raw": {"value": 0}}, {"id": 197, "raw": {"value": 0}}, {"id": 241, "raw": {"value": 1000}},
    ]},
    "ata_smart_self_test_log": {"standard": {"table": [{"status": {"string": "Completed without error"}}]}},
}  # fmt: skip
NVME = {
    "smartctl": {"exit_status": 0}, "model_name": "Samsung SSD 980", "smart_status": {"passed": True},
    "nvme_smart_health_information_log": {
        "critical_warning": 0, "percentage_used": 3, "media_errors": 0, "data_units_written": 1000,
    },
}  # fmt: skip
NOTHING = {"smartctl": {"exit_status": 1, "messages": [{"string": "/dev/vda: Unable to detect device type"}]}}
ASLEEP = {"smartctl": {"exit_status": 2, "messages": [{"string": "Device is in STANDBY mode, exit(2)"}]}}


def stand_in(folder: Path, name: str, script: str) -> Programs:
    """A program of this name in place of the machine's."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Programs(f"{folder}:/usr/bin:/bin")


def saying(folder: Path, name: str, said: Any, code: int = 0) -> Programs:
    (folder / f"{name}.out").write_text(said if isinstance(said, str) else json.dumps(said))
    return stand_in(folder, name, f"cat '{folder}/{name}.out'; exit {code}")


def test_mdstat_tells_each_array_and_what_is_wrong_with_it() -> None:
    whole, rebuilding, degraded, still = parse_mdstat(MDSTAT)
    assert (whole.name, whole.level, whole.state, whole.progress_percent) == ("md0", "raid1", "healthy", None)
    assert [member.name for member in whole.members] == ["sdb1", "sda1"]
    assert (rebuilding.state, rebuilding.progress_percent, rebuilding.errors) == ("rebuilding", 8.5, 1)
    assert [member.state for member in rebuilding.members] == ["active", "failed", "active", "active"]
    assert (degraded.state, degraded.level) == ("degraded", "raid1")
    assert degraded.detail == "1 of 2 disks are missing. Replace it before another fails."
    assert (still.name, still.state) == ("md127", "failed")
    assert read_mdstat(Path("/nowhere/mdstat")) == []


def test_zfs_and_btrfs_tell_of_missing_disks_and_errors() -> None:
    pool = parse_zpool("tank", ZPOOL)
    assert (pool.state, pool.level, pool.progress_percent, pool.errors) == ("rebuilding", "mirror", 39.06, 17)
    assert {member.name: member.state for member in pool.members} == {
        "ata-A": "online", "ata-B": "faulted", "ata-C": "online",
    }  # fmt: skip
    devices = [{"device": "/dev/sda", "write_io_errs": "2", "corruption_errs": 1}, {"device": "/dev/sdb"}]
    whole = understand_btrfs("/data", devices, "Label: none\n\tTotal devices 2 FS bytes used 1.00GiB\n")
    assert (whole.state, whole.errors, [member.state for member in whole.members]) == (
        "healthy", 3, ["errors", "active"],
    )  # fmt: skip
    missing = understand_btrfs(
        "/data", devices[:1], "\tTotal devices 2 FS bytes used 1.00GiB\n*** Some devices missing"
    )
    assert missing.state == "degraded"


async def test_smart_of_healthy_worn_and_failing_drives(tmp_path: Path) -> None:
    read = await read_smart(saying(tmp_path, "smartctl", ATA), "/dev/sda")
    assert (read.health, read.temperature_celsius, read.power_on_hours, read.written_bytes) == (
        "passed",
        34,
        41234,
        512_000,
    )
    assert read.last_test == "Completed without error"
    read = await read_smart(saying(tmp_path, "smartctl", NVME), "/dev/nvme0")
    assert (read.health, read.wear_percent, read.written_bytes) == ("passed", 3, 512_000_000)
    pending = {**ATA, "ata_smart_attributes": {"table": [{"id": 197, "raw": {"value": 8}}]}}
    assert (await read_smart(saying(tmp_path, "smartctl", pending, 4), "/dev/sda")).health == "warning"
    failing = {**ATA, "smart_status": {"passed": False}, "smartctl": {"exit_status": 8}}
    assert (await read_smart(saying(tmp_path, "smartctl", failing, 8), "/dev/sda")).health == "failing"


async def test_smart_that_says_nothing_is_an_answer(tmp_path: Path) -> None:
    for said, reason in ((NOTHING, "Unable to detect"), (ASLEEP, "asleep"), ("garbage", "JSON"), ("[]", "nothing")):
        read = await read_smart(saying(tmp_path, "smartctl", said, 1), "/dev/vda")
        assert read.health == "unavailable"
        assert reason in (read.reason or "")
    (tmp_path / "smartctl").unlink()
    read = await read_smart(Programs(str(tmp_path)), "/dev/vda")
    assert (read.health, read.reason) == (
        "unavailable", "smartctl is not installed. Install it: apt install smartmontools.",
    )  # fmt: skip
    assert await drive_types(Programs(str(tmp_path))) == {}


async def test_lsblk_of_today_and_of_before(tmp_path: Path) -> None:
    old = {"name": "sda", "type": "disk", "size": "1000", "rm": "1", "rota": "0", "mountpoint": None, "children": [
        {"name": "sda1", "type": "part", "size": "900", "fstype": "ext4", "uuid": "a-b", "mountpoint": "/data"},
    ]}  # fmt: skip
    [disk] = await read_blocks(saying(tmp_path, "lsblk", {"blockdevices": [old]}))
    assert (disk.path, disk.size_bytes, disk.removable, disk.rotational) == ("/dev/sda", 1000, True, False)
    assert [(part.name, part.mounts) for part in disk.below()] == [("sda1", ("/data",))]
    for nonsense in ("", "{}", '{"blockdevices": [1]}', '{"blockdevices": null}'):
        with pytest.raises(Unavailable):
            await read_blocks(saying(tmp_path, "lsblk", nonsense))
    assert await read_blocks(Programs())  # this machine's own


async def test_programs_that_hang_flood_or_are_missing_are_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match="did not come to an end"):
        await stand_in(tmp_path, "hangs", f"sleep 61 & echo $! > {tmp_path}/child").run(["hangs"], timeout_s=0.3)
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/cmdline")
    while child.exists() and child.read_bytes():  # it was killed; one that nobody waited for yet has none
        await asyncio.sleep(0.01)
    with pytest.raises(Unavailable, match="more than"):
        await stand_in(tmp_path, "floods", "head -c 300000 /dev/zero").run(["floods"], limit_bytes=100_000)
    with pytest.raises(Missing, match="nothing-of-this-name is not installed"):
        await Programs().run(["nothing-of-this-name"])
    assert time.monotonic() - began < 10
    ran = await stand_in(tmp_path, "asks", "cat; env; echo wrong >&2; exit 3").run(["asks"], given=b"told\n")
    assert (ran.code, ran.last_words, ran.out.splitlines()[0]) == (3, "wrong", b"told")
    assert b"HOME" not in ran.out
    task = asyncio.create_task(stand_in(tmp_path, "long", f"echo $$ > {tmp_path}/pid; sleep 60").run(["long"]))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
