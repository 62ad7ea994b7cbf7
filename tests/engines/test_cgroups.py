"""Counters of containers: from written files of both cgroup versions, and of real containers beside Docker's stats."""

from __future__ import annotations

from pathlib import Path

import pytest

from talome.engines.cgroups import CgroupSampler, Counters
from tests.support.docker_engine import EngineDaemon, wait_until

ID = "c0ffee" + "0" * 58
NET = """Inter-|   Receive                            |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo:    9999 1 0 0 0 0 0 0     9999 1 0 0 0 0 0 0
  eth0:    1000 5 0 0 0 0 0 0      200 3 0 0 0 0 0 0
  eth1:      30 5 0 0 0 0 0 0        4 3 0 0 0 0 0 0
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def machine_v2(root: Path, folder: str = f"system.slice/docker-{ID}.scope") -> CgroupSampler:
    proc, group = root / "proc", root / "cgroup"
    write(proc / "self/mountinfo", f"30 23 0:26 / {group} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n")
    write(proc / "77/cgroup", f"0::/{folder}\n")
    write(proc / "77/net/dev", NET)
    scope = group / f"system.slice/docker-{ID}.scope"
    write(scope / "cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n")
    write(scope / "memory.current", "1000000\n")
    write(scope / "memory.stat", "anon 5\nfile 6\nactive_file 7\ninactive_file 400000\n")
    write(scope / "memory.max", "2000000\n")
    write(scope / "pids.current", "4\n")
    write(scope / "io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n252:0 rbytes=1 wbytes=2\n")
    return CgroupSampler(proc=proc)


WHOLE = Counters(
    cpu_ns=1_500_000,
    memory_bytes=600_000,
    memory_limit_bytes=2_000_000,
    pids=4,
    read_bytes=11,
    write_bytes=22,
    rx_bytes=1030,
    tx_bytes=204,
)


def test_v2(tmp_path: Path) -> None:
    assert machine_v2(tmp_path).sample({ID: 77}) == {ID: WHOLE}


def test_v2_init_that_moved_below_its_own_group(tmp_path: Path) -> None:
    sampler = machine_v2(tmp_path, f"system.slice/docker-{ID}.scope/init.scope")
    assert sampler.sample({ID: 77}) == {ID: WHOLE}


def test_v2_without_limit_io_or_network(tmp_path: Path) -> None:
    sampler = machine_v2(tmp_path)
    scope = tmp_path / f"cgroup/system.slice/docker-{ID}.scope"
    write(scope / "memory.max", "max\n")  # before the first sample: limits are read anew only now and then
    (scope / "io.stat").unlink()
    (tmp_path / "proc/77/net/dev").unlink()
    counters = sampler.sample({ID: 77})[ID]
    assert (counters.memory_limit_bytes, counters.read_bytes, counters.rx_bytes) == (None, 0, None)


def test_v1_with_a_hierarchy_rooted_below(tmp_path: Path) -> None:
    proc, group = tmp_path / "proc", tmp_path / "cgroup"
    lines = [
        f"31 23 0:28 /docker/outer {group}/{name} rw - cgroup cgroup rw,{name}" for name in ("cpu,cpuacct", "memory")
    ]
    lines += [f"38 31 0:38 / {group}/unified rw - cgroup2 cgroup2 rw"]
    write(proc / "self/mountinfo", "\n".join(lines) + "\n")
    write(proc / "5/cgroup", f"4:memory:/docker/outer/docker/{ID}\n3:cpu,cpuacct:/docker/outer/docker/{ID}\n0::/\n")
    write(proc / "5/net/dev", NET)
    write(group / f"cpu,cpuacct/docker/{ID}/cpuacct.usage", "123456\n")
    memory = group / f"memory/docker/{ID}"
    write(memory / "memory.usage_in_bytes", "5000\n")
    write(memory / "memory.stat", "inactive_file 1\ntotal_inactive_file 1000\n")
    write(memory / "memory.limit_in_bytes", "9223372036854771712\n")
    counters = CgroupSampler(proc=proc).sample({ID: 5})[ID]
    assert counters == Counters(123456, 4000, None, 0, 0, 0, 1030, 204)


def test_a_container_that_is_gone_is_left_out_and_found_again(tmp_path: Path) -> None:
    sampler = machine_v2(tmp_path)
    assert sampler.sample({ID: 77, "dead" * 16: 78}).keys() == {ID}
    scope = tmp_path / f"cgroup/system.slice/docker-{ID}.scope"
    scope.rename(scope.with_name("away"))
    assert sampler.sample({ID: 77}) == {}
    scope.with_name("away").rename(scope)
    assert sampler.sample({ID: 77}).keys() == {ID}
    (tmp_path / "proc/77").rename(tmp_path / "proc/79")  # restarted: another init
    assert sampler.sample({ID: 79}) == {ID: WHOLE}


@pytest.mark.docker
def test_real_containers_beside_dockers_own_stats(clean_daemon: EngineDaemon) -> None:
    limit = 64 * 1024 * 1024
    busy = clean_daemon.run(
        ["sh", "-c", "x=$(head -c 20000000 /dev/zero | tr '\\0' a); sleep 600 & wait"],
        host={"mem_limit": limit},
    )
    idle = clean_daemon.run(["sleep", "600"])
    pids = {id: clean_daemon.api.inspect_container(id)["State"]["Pid"] for id in (busy, idle)}
    sampler = CgroupSampler()
    wait_until(lambda: sampler.sample(pids)[busy].pids == 2, "the work to end")
    ours = sampler.sample(pids)
    for id in (busy, idle):
        theirs = clean_daemon.api.stats(id, stream=False, one_shot=True)
        cpu, memory = theirs["cpu_stats"]["cpu_usage"]["total_usage"], theirs["memory_stats"]
        stats = memory["stats"]
        used = memory["usage"] - stats.get("total_inactive_file", stats.get("inactive_file", 0))
        assert ours[id].cpu_ns == pytest.approx(cpu, rel=0.02, abs=2_000_000)
        assert ours[id].memory_bytes == pytest.approx(used, rel=0.1, abs=1_000_000)
        assert ours[id].pids == theirs["pids_stats"]["current"]
        network = theirs["networks"]["eth0"]
        assert ours[id].rx_bytes == pytest.approx(network["rx_bytes"], abs=2000)
        assert ours[id].tx_bytes == pytest.approx(network["tx_bytes"], abs=2000)
    assert ours[busy].memory_limit_bytes == limit
    assert ours[idle].memory_limit_bytes is None
    assert ours[busy].memory_bytes > 15_000_000 > 10 * ours[idle].memory_bytes
    clean_daemon.api.remove_container(busy, force=True)
    assert sampler.sample(pids).keys() == {idle}
