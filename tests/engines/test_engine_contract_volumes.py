"""The contract suite, over the fake engine and the real one: volumes and their content."""

from __future__ import annotations

import io
import tarfile
from collections.abc import AsyncIterator

import pytest

from talome.core.errors import Conflict, NotFound, TalomeError
from talome.engines.docker.protocol import ContainerEngine
from tests.engines.bench import Bench, gone


def sample_tar() -> bytes:
    """A database's folder as it is found in the wild: another owner, closed, links, old times, awkward names."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:

        def add(name: str, kind: bytes, mode: int, data: bytes = b"", link: str = "") -> None:
            header = tarfile.TarInfo(name)
            header.type, header.mode, header.size, header.linkname = kind, mode, len(data), link
            header.uid, header.gid, header.mtime = 999, 998, 1_600_000_000
            tar.addfile(header, io.BytesIO(data))

        add("volume", tarfile.DIRTYPE, 0o700)
        add("volume/data", tarfile.DIRTYPE, 0o2750)
        add("volume/data/big.bin", tarfile.REGTYPE, 0o600, bytes(range(256)) * 8192)
        add("volume/data/ünïcode name.txt", tarfile.REGTYPE, 0o644, b"hello")
        add("volume/" + "long" * 40, tarfile.REGTYPE, 0o640, b"")
        add("volume/link", tarfile.SYMTYPE, 0o777, link="data/big.bin")
        add("volume/run.sh", tarfile.REGTYPE, 0o4755, b"#!/bin/sh\n")
    return packed.getvalue()


def contents(tar: bytes) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        for entry in opened:
            data = opened.extractfile(entry) if entry.isfile() else None
            found[entry.name] = (
                entry.type, entry.mode & 0o7777, entry.uid, entry.gid, int(entry.mtime), entry.linkname,
                data.read() if data else b"",
            )  # fmt: skip
    return found


async def pieces(tar: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(tar), size):
        yield tar[start : start + size]
        yield b""


async def archived(engine: ContainerEngine, name: str) -> bytes:
    async with await engine.volumes.archive(name) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_volumes(bench: Bench) -> None:
    volumes = bench.engine.volumes
    made = await volumes.create("data", labels={"a": "b"})
    assert (made.name, made.driver, made.labels, made.anonymous) == ("data", "local", {"a": "b"}, False)
    assert await volumes.create("data") == made  # as Docker does: the one there is
    assert [volume.name for volume in await volumes.all()] == ["data"]
    id = await bench.run("web", volume="data")
    detail = await bench.engine.containers.inspect(id)
    assert [(mount.kind, mount.name, mount.target) for mount in detail.mounts] == [("volume", "data", "/data")]
    with pytest.raises(Conflict):
        await volumes.remove("data")
    usage = await bench.engine.disk_usage()
    assert [(volume.name, volume.references) for volume in usage.volumes] == [("data", 1)]
    await bench.engine.containers.remove(id, force=True)
    await volumes.remove("data")
    assert await volumes.all() == []


async def test_a_volume_comes_back_byte_for_byte(bench: Bench) -> None:
    volumes = bench.engine.volumes
    sample = sample_tar()
    await volumes.create("data")
    await volumes.restore("data", pieces(sample))
    kept = await archived(bench.engine, "data")
    assert contents(kept) == contents(sample)
    await volumes.remove("data")
    await volumes.create("data")
    await volumes.restore("data", pieces(kept, 512))
    assert await archived(bench.engine, "data") == kept
    assert await bench.engine.containers.all() == []
    await volumes.remove("data")


async def test_archive_of_a_volume_in_use_and_abandoned_half_way(bench: Bench) -> None:
    volumes = bench.engine.volumes
    await volumes.create("data")
    await volumes.restore("data", pieces(sample_tar()))
    id = await bench.run("web", volume="data")
    async with await volumes.archive("data") as chunks:
        assert await anext(chunks)
    assert contents(await archived(bench.engine, "data")) == contents(sample_tar())
    await bench.engine.containers.remove(id, force=True)
    assert await gone(bench.engine, id)
    await volumes.remove("data")


async def test_restore_tells_of_a_broken_source(bench: Bench) -> None:
    volumes = bench.engine.volumes
    await volumes.create("data")

    async def broken() -> AsyncIterator[bytes]:
        yield sample_tar()[:5000]
        raise Conflict("the disk with the trash was pulled out")

    with pytest.raises(Conflict, match="pulled out"):
        await volumes.restore("data", broken())
    with pytest.raises(TalomeError):
        await volumes.restore("data", pieces(b"this is not a tar" * 100))
    with pytest.raises(NotFound):
        await volumes.restore("absent", pieces(sample_tar()))
    assert [volume.name for volume in await volumes.all()] == ["data"]
    await volumes.remove("data")
