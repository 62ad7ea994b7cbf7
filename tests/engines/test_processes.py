"""The processes of the machine, from written files and from the machine the tests run on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from talome.engines.processes import ProcessProbe

CONTAINER = "ab" * 32
SECRET = "hunter2hunter2"


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    """A process that burns a core, with a secret in its arguments."""
    code = "import sys\nsys.stdout.write('up'); sys.stdout.flush()\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code, f"--password={SECRET}"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"up"
        yield process
        process.kill()


def test_this_machine(busy: subprocess.Popen[bytes]) -> None:
    probe = ProcessProbe()
    found = {process.pid: process for process in probe.read()}
    ours, known = found[busy.pid], psutil.Process(busy.pid)
    assert ours.name.startswith("python")
    assert ours.user == known.username()
    assert (ours.threads, ours.container_id) == (1, None)
    assert abs(ours.started_at_s - known.create_time()) < 2
    assert 0.5 < ours.memory_bytes / known.memory_info().rss < 2
    assert 10 < ours.cpu_percent < 130
    assert SECRET not in repr(found)
    assert set(found) & {os.getpid(), os.getppid()} == {os.getpid(), os.getppid()}
    busy.kill()
    busy.wait()
    assert busy.pid not in {process.pid for process in probe.read()}


def write(proc: Path, pid: int, name: str, ticks: int, start: int = 100, cgroup: str = "0::/\n", uid: int = 0) -> None:
    folder = proc / str(pid)
    folder.mkdir(exist_ok=True)
    rest = f"S 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 3 0 {start} 1000 50"
    (folder / "stat").write_text(f"{pid} ({name}) {rest} 0 0\n")
    (folder / "status").write_text(f"Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
    (folder / "cgroup").write_text(cgroup)


def test_strange_names_containers_and_reused_numbers(tmp_path: Path) -> None:
    write(tmp_path, 7, "a) S 1 (b <b>x</b>", 0, cgroup=f"0::/docker/{CONTAINER}\n", uid=987654)
    write(tmp_path, 8, "\u202egnp.exe", 5)
    write(tmp_path, 9, "gone", 5)
    (tmp_path / "9" / "stat").unlink()
    (tmp_path / "uptime").write_text("1 1")
    probe = ProcessProbe(proc=tmp_path)
    first = {process.pid: process for process in probe.read()}
    assert set(first) == {7, 8}
    assert (first[7].name, first[7].user, first[7].container_id) == ("a) S 1 (b <b>x</b>", "987654", CONTAINER)
    assert (first[7].threads, first[7].memory_bytes) == (3, 50 * os.sysconf("SC_PAGESIZE"))
    assert [process.cpu_percent for process in first.values()] == [0, 0]
    write(tmp_path, 7, "other", 3, start=900)
    second = {process.pid: process for process in probe.read()}
    assert (second[7].name, second[7].user, second[7].container_id) == ("other", "root", None)
    assert second[7].cpu_percent > 0, "another process under the number of an old one, all of its time is new"


def test_the_whole_name_of_a_program(tmp_path: Path) -> None:
    write(tmp_path, 7, "a_very_long_pro", 0)
    (tmp_path / "7" / "exe").symlink_to("/usr/bin/a_very_long_program")
    write(tmp_path, 8, "renamed_itself_", 0)
    (tmp_path / "8" / "exe").symlink_to("/usr/bin/python3")
    assert {process.name for process in ProcessProbe(proc=tmp_path).read()} == {
        "a_very_long_program",
        "renamed_itself_",
    }


def test_a_thousand_processes_are_read(tmp_path: Path) -> None:
    for pid in range(1, 1001):
        write(tmp_path, pid, f"worker {pid}", pid)
    probe = ProcessProbe(proc=tmp_path)
    assert len(probe.read()) == len(probe.read()) == 1000
