"""The machine, its graphics cards and its Compose, from written files and from the machine the tests run on."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import psutil
import pytest

from talome.core.errors import Unavailable
from talome.engines.compose import find_compose
from talome.engines.gpu import GpuProbe
from talome.engines.host import HostProbe
from talome.engines.mounts import MountedDisk, real_disks

MOUNTS = r"""
21 1 8:2 / / rw,relatime - ext4 /dev/sda2 rw
22 21 8:1 / /boot/efi rw - vfat /dev/sda1 rw
23 21 0:20 / /proc rw - proc proc rw
24 21 0:21 / /dev/shm rw - tmpfs tmpfs rw
25 21 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro
26 21 0:50 / /var/lib/docker/overlay2/ab/merged rw - overlay overlay rw
27 21 8:2 /var/lib/docker/x /var/lib/docker/bind rw - ext4 /dev/sda2 rw
28 21 0:60 / /mnt/my\040films rw - nfs4 nas:/films rw
29 21 0:61 / /srv/pool rw - fuse.mergerfs a:b rw
30 21 0:44 /@ /data rw - btrfs /dev/sdb1 rw
31 21 0:44 /@home /data/home rw - btrfs /dev/sdb1 rw
32 21 0:70 net:[1] /run/docker/netns/x rw - nsfs nsfs rw
broken line
"""


def test_real_disks(tmp_path: Path) -> None:
    file = tmp_path / "mountinfo"
    file.write_text(MOUNTS)
    assert [(disk.mount, disk.device, disk.fs) for disk in real_disks(file)] == [
        ("/", "/dev/sda2", "ext4"),
        ("/boot/efi", "/dev/sda1", "vfat"),
        ("/data", "/dev/sdb1", "btrfs"),
        ("/mnt/my films", "nas:/films", "nfs4"),
        ("/srv/pool", "a:b", "fuse.mergerfs"),
    ]
    file.write_text("1 0 0:5 / / rw - overlay overlay rw\n")
    assert real_disks(file) == [MountedDisk("/", "overlay", "overlay")]


def test_this_machine() -> None:
    probe = HostProbe()
    first = probe.read()
    facts = probe.facts()
    assert facts.hostname
    assert facts.os
    assert facts.cpu_count == len(first.cores) == psutil.cpu_count()
    assert facts.booted_at_s < time.time()
    assert 0 <= first.cpu_percent <= 100
    assert all(0 <= core <= 100 for core in first.cores)
    assert 0 < first.memory_used_bytes < first.memory_total_bytes
    assert first.uptime_s > 0
    assert first.disks
    for disk in first.disks:
        assert 0 < disk.used_bytes <= disk.total_bytes
        assert 0 < disk.percent <= 100
    assert probe.read().cores == first.cores  # at once again: too short to say anything new


def test_cpu_is_of_now_and_not_since_boot() -> None:
    probe = HostProbe()
    stop = threading.Event()
    deadline = time.monotonic() + 0.4

    def burn() -> None:
        while not stop.is_set() and time.monotonic() < deadline:
            sum(range(1000))

    burn()
    busy = probe.read().cpu_percent
    since_boot = psutil.cpu_times()
    average = 100 * (sum(since_boot) - since_boot.idle) / sum(since_boot)
    # One thread burnt one core of this machine during the whole interval.
    assert busy > 60 / (psutil.cpu_count() or 1)
    assert average < 100


def test_a_dead_network_mount_blocks_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mountinfo"
    file.write_text(MOUNTS)
    released, asked = threading.Event(), []

    def statvfs(path: str) -> os.statvfs_result:
        asked.append(path)
        if path == "/mnt/my films":
            released.wait(30)
        return os.statvfs("/")

    probe = HostProbe(mountinfo=file, disk_timeout_s=0.05, statvfs=statvfs)
    started = time.monotonic()
    reading = probe.read()
    assert time.monotonic() - started < 5
    assert reading.unreachable == ("/mnt/my films",)
    assert {disk.mount for disk in reading.disks} == {"/", "/boot/efi", "/data", "/srv/pool"}
    assert probe.read().unreachable == ("/mnt/my films",)
    assert asked.count("/mnt/my films") == 1  # no second thread beside the one that hangs
    released.set()
    deadline = time.monotonic() + 5
    while probe.read().unreachable:
        assert time.monotonic() < deadline


# --- graphics cards ---


def smi(folder: Path, script: str) -> str:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def card(drm: Path, name: str, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = drm / name / "device" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")


def test_no_gpu(tmp_path: Path) -> None:
    reading = GpuProbe(nvidia_smi=str(tmp_path / "absent"), drm=tmp_path).read()
    assert reading.gpus == ()
    assert reading.reason == "No GPU found."


def test_nvidia(tmp_path: Path) -> None:
    program = smi(
        tmp_path,
        'test "$2" = --format=csv,noheader,nounits || exit 9\n'
        "echo '0, NVIDIA GeForce RTX 3060, 37, 1024, 12288, 54, 71.25'\n"
        "echo '1, Tesla K80, [N/A], 0, 11441, 33, [Not Supported]'",
    )
    reading = GpuProbe(nvidia_smi=program, drm=tmp_path / "drm").read()
    assert reading.reason is None
    first, second = reading.gpus
    assert (first.name, first.utilization_percent, first.memory_total_bytes) == (
        "NVIDIA GeForce RTX 3060", 37, 12288 * 1024 * 1024,
    )  # fmt: skip
    assert (first.temperature_celsius, first.power_w) == (54, 71.25)
    assert (second.index, second.utilization_percent, second.power_w) == (1, None, None)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('echo "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver."; exit 9', "has failed"),
        ("exec sleep 60", "did not answer"),
        ("echo nonsense", "answered nothing"),
    ],
)
def test_nvidia_that_fails_says_why(tmp_path: Path, script: str, reason: str) -> None:
    card(tmp_path / "drm", "card0", {"vendor": "0x10de"})
    reading = GpuProbe(nvidia_smi=smi(tmp_path, script), drm=tmp_path / "drm", timeout_s=0.3).read()
    assert reading.gpus == ()
    assert reading.reason is not None
    assert reason in reading.reason


def test_nvidia_without_its_program(tmp_path: Path) -> None:
    card(tmp_path, "card0", {"vendor": "0x10de"})
    reading = GpuProbe(nvidia_smi=str(tmp_path / "absent"), drm=tmp_path).read()
    assert reading.reason == "An NVIDIA card is present but nvidia-smi is not installed."


def test_amd_and_intel(tmp_path: Path) -> None:
    card(tmp_path, "card0", {"vendor": "0x8086"})
    amd = {"vendor": "0x1002", "gpu_busy_percent": "12", "mem_info_vram_used": "5", "mem_info_vram_total": "100"}
    card(tmp_path, "card1", {**amd, "hwmon/hwmon3/temp1_input": "47000", "hwmon/hwmon3/power1_average": "8500000"})
    (tmp_path / "card1-HDMI-A-1").mkdir()
    intel, radeon = GpuProbe(nvidia_smi=str(tmp_path / "absent"), drm=tmp_path).read().gpus
    assert (intel.vendor, intel.index, intel.utilization_percent) == ("intel", 0, None)
    assert (radeon.vendor, radeon.index, radeon.utilization_percent) == ("amd", 1, 12)
    assert (radeon.memory_used_bytes, radeon.memory_total_bytes) == (5, 100)
    assert (radeon.temperature_celsius, radeon.power_w) == (47, 8.5)


# --- compose ---


def test_the_packaged_compose_is_found_and_its_exit_code_is_kept() -> None:
    found = find_compose(docker="no-such-docker")
    assert found.source == "package"
    assert found.version.startswith("2.")
    assert os.access(found.command[0], os.X_OK)


def test_the_systems_compose_is_preferred(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho \'{"version":"v2.40.9"}\'\n')
    docker.chmod(0o755)
    found = find_compose(docker=str(docker))
    assert (found.command, found.version, found.source) == ((str(docker), "compose"), "2.40.9", "system")
    docker.write_text('#!/bin/sh\necho \'{"version":"1.29.2"}\'\n')
    assert find_compose(docker=str(docker)).source == "package"
    with pytest.raises(Unavailable, match="Compose v2"):
        find_compose(docker=str(docker), package="no_such_package")
