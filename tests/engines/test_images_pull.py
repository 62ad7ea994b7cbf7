"""Images fetched from a registry: one suite over the fake engine and a real one with a real registry, then what only
a real one can show."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Protocol

import pytest
import pytest_asyncio

from talome.core.errors import Forbidden, Invalid, NotFound, TooMany, Unavailable
from talome.engines.docker.engine import Docker
from talome.engines.docker.models import Port, PullProgress, RegistryAuth
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.docker.registry import refusal
from tests.engines.bench import eventually, pull
from tests.fakes.docker import FakeEngine
from tests.fakes.docker_images import Published
from tests.support.docker_engine import EngineDaemon
from tests.support.registry import Front, free_port

AUTH = RegistryAuth("mara", "corr ect&horse")
LAYER_BYTES = 300_000


class Shop(Protocol):
    """An engine and a registry. What is published is not on the engine."""

    engine: ContainerEngine

    async def publish(self, name: str) -> str:
        """A new image under this name; the whole reference."""
        ...

    def protect(self) -> None:
        """From now on it wants AUTH."""

    def limit(self) -> None:
        """From now on it gives nothing more for seven seconds."""

    def hold(self) -> None:
        """From now on images come half-way."""

    def let_go(self) -> None: ...


class FakeShop:
    def __init__(self) -> None:
        self.fake = FakeEngine()
        self.engine: ContainerEngine = self.fake
        self._published: list[Published] = []
        self._goes_on: asyncio.Event | None = None

    async def publish(self, name: str) -> str:
        reference = f"registry.test:5000/{name}"
        self._published.append(
            self.fake.images.publish(
                reference,
                size_bytes=LAYER_BYTES,
                goes_on=self._goes_on,
                exposed_ports=(Port(80, "tcp"), Port(53, "udp")),
                volumes=("/data",),
                user="guest",
                has_healthcheck=True,
                env=("COLOUR=blue",),
                labels={"maker": "test"},
            )
        )
        return reference

    def protect(self) -> None:
        for each in self._published:
            each.auth = AUTH

    def limit(self) -> None:
        for each in self._published:
            each.failure = refusal("toomanyrequests: retry-after: 7s", 500)

    def hold(self) -> None:
        self._goes_on = asyncio.Event()
        for each in self._published:
            each.goes_on = self._goes_on

    def let_go(self) -> None:
        assert self._goes_on is not None
        self._goes_on.set()


class RealShop:
    def __init__(self, engine: Docker, daemon: EngineDaemon, front: Front) -> None:
        self.engine: ContainerEngine = engine
        self.daemon, self.front = daemon, front

    async def publish(self, name: str) -> str:
        reference = f"{self.front.address}/{name}"
        await asyncio.to_thread(self._publish, f"{self.front.registry.address}/{name}")
        return reference

    def _publish(self, reference: str) -> None:
        repository, _, tag = reference.rpartition(":")
        changes = ["EXPOSE 80/tcp 53/udp", "VOLUME /data", "USER guest", "ENV COLOUR=blue", "LABEL maker=test"]
        changes.append("HEALTHCHECK CMD true")
        self.daemon.api.import_image_from_data(layer(), repository=repository, tag=tag, changes=changes)
        said = self.daemon.api.push(reference, auth_config={"username": "x", "password": "x"})
        assert "error" not in said, said
        self.daemon.api.remove_image(reference)

    def protect(self) -> None:
        self.front.password = (AUTH.username, AUTH.password)

    def limit(self) -> None:
        self.front.limited = "retry-after: 7s, allowed: 100/hour"

    def hold(self) -> None:
        self.front.let_through.clear()

    def let_go(self) -> None:
        self.front.let_through.set()


def layer() -> bytes:
    """A root file system that is one incompressible file, different each time."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        entry = tarfile.TarInfo("noise")
        entry.size = LAYER_BYTES
        tar.addfile(entry, io.BytesIO(os.urandom(LAYER_BYTES)))
    return content.getvalue()


@pytest_asyncio.fixture
async def real_shop(clean_daemon: EngineDaemon, front: Front) -> AsyncIterator[RealShop]:
    engine = Docker(clean_daemon.host)
    yield RealShop(engine, clean_daemon, front)
    front.let_through.set()
    front.answers.set()
    await engine.close()


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.docker)])
def shop(request: pytest.FixtureRequest) -> Shop:
    made: Shop = FakeShop() if request.param == "fake" else request.getfixturevalue("real_shop")
    return made


# --- both engines ---


async def test_a_pulled_image_is_there_and_tells_about_itself(shop: Shop) -> None:
    reference = await shop.publish("talome/web:1")
    with pytest.raises(NotFound):
        await shop.engine.images.inspect(reference)
    reports = await pull(shop.engine, reference)
    last = reports[-1]
    assert (last.status, last.layers_done, last.layers_total) == ("Done", 1, 1)
    assert last.bytes_done == last.bytes_total >= LAYER_BYTES
    found = await shop.engine.images.inspect(reference)
    digest = await shop.engine.images.remote_digest(reference)
    assert found.tags == (reference,)
    assert found.repo_digests == (f"{reference.removesuffix(':1')}@{digest}",)
    assert (found.os, found.architecture) == ("linux", "amd64")
    assert set(found.exposed_ports) == {Port(80, "tcp"), Port(53, "udp")}
    assert (found.volumes, found.user, found.has_healthcheck) == (("/data",), "guest", True)
    assert "COLOUR=blue" in found.env
    assert found.labels == {"maker": "test"}
    assert found.size_bytes >= LAYER_BYTES
    assert (await shop.engine.images.inspect(found.id)).id == found.id
    assert await pull(shop.engine, reference) == []  # there is nothing left to do


async def test_a_moved_tag_is_seen_without_a_pull_and_the_old_image_stays_there_by_its_digest(shop: Shop) -> None:
    reference = await shop.publish("talome/moved:stable")
    old = await shop.engine.images.remote_digest(reference)
    await pull(shop.engine, reference)
    first = await shop.engine.images.inspect(reference)
    await shop.publish("talome/moved:stable")
    new = await shop.engine.images.remote_digest(reference)
    assert new != old
    assert (await shop.engine.images.inspect(reference)).id == first.id
    await pull(shop.engine, reference)
    second = await shop.engine.images.inspect(reference)
    assert second.id != first.id
    exact = f"{reference.removesuffix(':stable')}@{old}"
    await shop.engine.images.remove(first.id, force=True)
    await pull(shop.engine, exact)
    assert (await shop.engine.images.inspect(exact)).repo_digests == (exact,)
    assert await shop.engine.images.remote_digest(exact) == old
    assert (await shop.engine.images.inspect(reference)).id == second.id


async def test_what_is_not_in_the_registry_is_said_to_be_missing(shop: Shop) -> None:
    reference = await shop.publish("talome/here:1")
    folder = reference.removesuffix("here:1")
    for absent in (f"{folder}here:2", f"{folder}elsewhere:1"):
        with pytest.raises(NotFound, match="no such image"):
            await pull(shop.engine, absent)
        with pytest.raises(NotFound, match="no such image"):
            await shop.engine.images.remote_digest(absent)


async def test_a_password_is_wanted_and_never_repeated(shop: Shop) -> None:
    reference = await shop.publish("talome/private:1")
    shop.protect()
    wrong = replace(AUTH, password="wrong horse")
    assert "horse" not in repr(wrong)
    for auth in (None, wrong):
        for ask in (pull(shop.engine, reference, auth), shop.engine.images.remote_digest(reference, auth=auth)):
            with pytest.raises(Forbidden, match="user name and password") as refused:
                await ask
            assert "horse" not in refused.value.message
    assert (await pull(shop.engine, reference, AUTH))[-1].status == "Done"
    assert (await shop.engine.images.remote_digest(reference, auth=AUTH)).startswith("sha256:")


async def test_a_sign_in_is_tried_by_the_engine(shop: Shop) -> None:
    reference = await shop.publish("talome/behind:1")
    shop.protect()
    host = reference.partition("/")[0]
    await shop.engine.images.sign_in(replace(AUTH, server=host))
    with pytest.raises(Forbidden, match="user name and password") as refused:
        await shop.engine.images.sign_in(replace(AUTH, server=host, password="wrong horse"))
    assert "horse" not in refused.value.message
    with pytest.raises(Unavailable):
        await shop.engine.images.sign_in(replace(AUTH, server="nowhere.invalid:5000"))


async def test_a_registry_that_allows_no_more_says_when_to_come_back(shop: Shop) -> None:
    reference = await shop.publish("talome/busy:1")
    shop.limit()
    for ask in (pull(shop.engine, reference), shop.engine.images.remote_digest(reference)):
        with pytest.raises(TooMany) as refused:
            await ask
        assert refused.value.retry_after_s == 7


async def test_a_registry_that_is_not_there(shop: Shop) -> None:
    reference = f"127.0.0.1:{free_port()}/talome/web:1"
    for ask in (pull(shop.engine, reference), shop.engine.images.remote_digest(reference)):
        with pytest.raises(Unavailable, match="registry cannot be reached") as refused:
            await ask
        assert refused.value.error_code == "registry_unreachable"


async def test_a_pull_that_is_closed_is_given_up(shop: Shop) -> None:
    reference = await shop.publish("talome/slow:1")
    shop.hold()
    stream = await shop.engine.images.pull(reference)
    assert (await anext(stream)).layers_done == 0
    waiting = asyncio.create_task(_rest(stream))
    await asyncio.sleep(0)
    await stream.aclose()
    assert all(report.layers_done == 0 for report in await waiting)
    await stream.aclose()
    shop.let_go()
    with pytest.raises(NotFound):
        await shop.engine.images.inspect(reference)
    assert (await pull(shop.engine, reference))[-1].layers_done == 1


async def _rest(stream: Any) -> list[PullProgress]:
    return [report async for report in stream]


async def test_an_image_gets_another_name(shop: Shop) -> None:
    reference = await shop.publish("talome/named:1")
    await pull(shop.engine, reference)
    await shop.engine.images.tag(reference, "talome-test/kept:before")
    found = await shop.engine.images.inspect(reference)
    assert set(found.tags) == {reference, "talome-test/kept:before"}
    await shop.engine.images.tag("talome-test/busybox:1", "talome-test/kept:before")
    assert (await shop.engine.images.inspect(reference)).tags == (reference,)
    await shop.engine.images.remove("talome-test/kept:before")
    with pytest.raises(NotFound):
        await shop.engine.images.tag("talome-test/absent:1", "talome-test/kept:before")
    with pytest.raises(Invalid):
        await shop.engine.images.tag(reference, f"talome-test/kept@sha256:{'a' * 64}")


async def test_bad_names_never_reach_the_engine(shop: Shop) -> None:
    for name in ("", "-x", "a b", "../x", "a/../b", "A/b", "a:b:c", f"sha256:{'a' * 64}", "x?tag=1", "http://a/b"):
        images = shop.engine.images
        for ask in (images.pull(name), images.remote_digest(name), images.tag("talome-test/busybox:1", name)):
            with pytest.raises(Invalid):
                await ask


# --- the real one ---


@pytest.mark.docker
async def test_a_layer_that_breaks_off_is_told_and_tried_again(real_shop: RealShop) -> None:
    reference = await real_shop.publish("talome/cut:1")
    real_shop.front.cut = True
    async with await real_shop.engine.images.pull(reference) as progress:
        async for report in progress:
            if report.status.startswith("Trying again"):
                break
        else:
            pytest.fail("the pull ended")
    with pytest.raises(NotFound):
        await real_shop.engine.images.inspect(reference)
    real_shop.front.cut = False
    assert (await pull(real_shop.engine, reference))[-1].status == "Done"


@pytest.mark.docker
async def test_many_pulls_that_wait_hold_up_nobody_and_end_with_their_callers(real_shop: RealShop) -> None:
    reference = await real_shop.publish("talome/silent:1")
    real_shop.front.answers.clear()
    # One name each: the engine itself would join pulls of the same image.
    waiting = [asyncio.create_task(pull(real_shop.engine, f"{reference}{number}")) for number in range(40)]
    await eventually(lambda: _holds(real_shop.front, 40), "the pulls to wait for the registry")
    began = time.monotonic()
    await real_shop.engine.containers.all()
    for task in waiting:
        task.cancel()
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    assert time.monotonic() - began < 2
    real_shop.front.answers.set()  # engines of this age ask to the end, though nobody waits for it
    await eventually(lambda: _holds(real_shop.front, 0), "the engine to be done")


async def _holds(front: Front, number: int) -> bool:
    return front.waiting == number


@pytest.mark.docker
async def test_closing_the_engine_ends_its_pulls(real_shop: RealShop) -> None:
    reference = await real_shop.publish("talome/closing:1")
    real_shop.hold()
    stream = await real_shop.engine.images.pull(reference)
    await anext(stream)
    await real_shop.engine.close()
    assert all(report.layers_done == 0 for report in await _rest(stream))
    with pytest.raises(Unavailable):
        await real_shop.engine.images.pull(reference)
