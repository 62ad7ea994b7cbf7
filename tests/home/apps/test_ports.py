"""Leases of host ports on a real database and with real listeners."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talome.core.db import Database
from talome.core.errors import Conflict, Invalid, NotFound
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.engines.listeners import Listeners, Published
from talome.home.apps.known_ports import why_not_moved
from talome.home.apps.ports import PortLeases, PortWish, reserved_ports
from talome.home.apps.rendering import port_wishes
from talome.home.apps.store import LeaseRow, LeasesStore
from talome.home.manifest import AppManifest, Part, Variable, Web

RESERVED = reserved_ports(4000, 4001)


class Desk:
    """`published` is what Docker publishes; the machine's listeners are those of `folder`, at first none."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.published: list[Published] = []
        self.leases = PortLeases(LeasesStore(db), Listeners(lambda: self.published, folder=folder), RESERVED)

    async def reserve(self, app: str, *wishes: PortWish) -> list[int]:
        return [lease.port for lease in await self.leases.reserve(app, wishes)]


async def _open(path: Path) -> Database:
    db = Database(path, Events(), durable=False)
    await db.open(find_migrations("talome.home.apps"))
    return db


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    db = await _open(tmp_path / "talome.db")
    yield Desk(db, tmp_path)
    await db.close()


def tcp(port: int, service: str = "web") -> PortWish:
    return PortWish(f"{service}/{port}/tcp", port, "tcp")


def udp(port: int, service: str = "web") -> PortWish:
    return PortWish(f"{service}/{port}/udp", port, "udp")


async def test_300_apps_that_wish_the_same_port_get_300(desk: Desk) -> None:
    plans = await asyncio.gather(*(desk.reserve(f"app{number}", tcp(8080)) for number in range(300)))
    assert sorted(port for plan in plans for port in plan) == list(range(8080, 8380))


async def test_an_app_keeps_its_port_also_over_a_restart(desk: Desk, tmp_path: Path) -> None:
    await desk.reserve("first", tcp(8080))
    assert await desk.reserve("second", tcp(8080)) == [8081]
    await desk.leases.release("first")
    assert await desk.reserve("second", tcp(8080)) == [8081], "the launch link stays, though 8080 is free again"
    await desk.db.close()
    db = await _open(tmp_path / "talome.db")
    try:
        leases = Desk(db, tmp_path).leases
        assert await leases.of("second") == {"web/8080/tcp": 8081}
        assert [lease.wished for lease in await leases.all()] == [8080]
        assert [lease.port for lease in await leases.plan("third", [tcp(8080)])] == [8080]
    finally:
        await db.close()


async def test_tcp_and_udp_are_apart_but_of_one_service_port_together(desk: Desk) -> None:
    assert await desk.reserve("one", tcp(5000)) == [5000]
    assert await desk.reserve("two", udp(5000)) == [5000]
    assert await desk.reserve("both", tcp(5000), udp(5000)) == [5001, 5001]
    desk.published = [Published(6000, "udp", "other")]
    assert await desk.reserve("pair", tcp(6000), udp(6000), tcp(6000, "api")) == [6001, 6001, 6000]


async def test_udp_that_an_update_adds_joins_the_tcp_that_is_there(desk: Desk) -> None:
    await desk.reserve("other", tcp(5000))
    await desk.reserve("app", tcp(5000))
    assert await desk.reserve("app", tcp(5000), udp(5000)) == [5001, 5001]


async def test_two_host_ports_of_one_service_port(desk: Desk) -> None:
    twice = [PortWish("web/80/tcp", 8080), PortWish("web/80/tcp#2", 8080)]
    assert await desk.reserve("app", *twice) == [8080, 8081]
    with pytest.raises(Invalid, match="twice"):
        await desk.leases.plan("app", [tcp(1500), tcp(1500)])


async def test_what_the_house_needs_is_never_given_out(desk: Desk) -> None:
    for port in RESERVED:
        (lease,) = await desk.leases.plan("app", [tcp(port)])
        assert lease.port not in RESERVED
        assert lease.port >= 1024
        assert lease.reason == f"Port {port} is used by {RESERVED[port]}."
    assert await desk.reserve("web", tcp(80), tcp(443)) == [8080, 8443]
    assert await desk.reserve("dns", tcp(53), udp(53)) == [53, 53], "a name server that asks for just that one"
    assert await desk.reserve("dns2", tcp(53), udp(53)) == [8053, 8053]


async def test_a_listener_of_the_machine_is_avoided(desk: Desk) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        leases = PortLeases(LeasesStore(desk.db), Listeners(), RESERVED)
        (lease,) = await leases.reserve("app", [tcp(port)])
        assert lease.port != port
        assert lease.reason == f"Port {port} is used by another program on this machine."
        with pytest.raises(Conflict, match="another program"):
            await leases.move("app", lease.key, port)
        assert await leases.blocked("app", {lease.key: port}) == {lease.key: "another program on this machine"}
    assert (await leases.move("app", lease.key, port)).port == port


async def test_a_container_of_somebody_else_is_named_and_the_apps_own_is_not_foreign(desk: Desk) -> None:
    desk.published = [Published(8080, "tcp", "by-hand"), Published(8081, "tcp", "app-web-1", "app")]
    (lease,) = await desk.leases.plan("app", [tcp(8080)])
    assert (lease.port, lease.reason) == (8081, "Port 8080 is used by the container “by-hand”.")
    await desk.leases.take([lease])
    assert await desk.leases.blocked("app", {lease.key: 8081}) == {}
    with pytest.raises(Conflict, match="“by-hand”"):
        await desk.leases.move("app", lease.key, 8080)


async def test_moving_names_who_has_it(desk: Desk) -> None:
    await desk.reserve("photos", tcp(2283))
    await desk.reserve("app", tcp(8080))
    for port, said in ((2283, "“photos”"), (443, "web addresses"), (4000, "Talome")):
        with pytest.raises(Conflict, match=said):
            await desk.leases.move("app", "web/8080/tcp", port)
    with pytest.raises(Invalid):
        await desk.leases.move("app", "web/8080/tcp", 65536)
    with pytest.raises(NotFound):
        await desk.leases.move("app", "web/1/tcp", 9000)
    assert await desk.leases.of("app") == {"web/8080/tcp": 8080}
    await desk.leases.move("app", "web/8080/tcp", 81)
    assert await desk.leases.of("app") == {"web/8080/tcp": 81}


async def test_what_a_person_asks_for_is_given_or_refused_by_name(desk: Desk) -> None:
    await desk.reserve("photos", tcp(2283))
    await desk.reserve("app", tcp(8080), tcp(8081))
    wishes = [tcp(8080), tcp(8081), tcp(9000)]
    swapped = {"web/8080/tcp": 8081, "web/8081/tcp": 8080}
    as_it_is = {"web/8080/tcp": 8080, "web/8081/tcp": 8081, "web/9000/tcp": 9000}
    assert await desk.leases.choose("app", wishes, {}) == as_it_is
    assert await desk.leases.choose("app", wishes, swapped) == {**swapped, "web/9000/tcp": 9000}
    over = await desk.leases.choose("app", wishes, {"web/9000/tcp": 8080})
    assert (over["web/9000/tcp"], over["web/8080/tcp"]) == (8080, 8082), "it gives way to what was asked"
    with pytest.raises(Conflict, match="“photos”"):
        await desk.leases.choose("app", wishes, {"web/8080/tcp": 2283})
    with pytest.raises(Invalid, match="same number"):
        await desk.leases.choose("app", wishes, {"web/8080/tcp": 9, "web/8081/tcp": 9})
    assert await desk.leases.of("app") == {"web/8080/tcp": 8080, "web/8081/tcp": 8081}


async def test_what_is_promised_to_an_app_that_comes_before_is_as_good_as_leased(desk: Desk) -> None:
    promised = [LeaseRow(8080, "tcp", "first", "web/80/tcp", 8080)]
    assert await desk.leases.choose("second", [tcp(8080)], {}, promised) == {"web/8080/tcp": 8081}
    with pytest.raises(Conflict, match="“first”"):
        await desk.leases.choose("second", [tcp(8080)], {"web/8080/tcp": 8080}, promised)
    assert await desk.leases.all() == [], "nothing was written"


async def test_two_plans_at_once_never_both_get_the_port(desk: Desk) -> None:
    plans = await asyncio.gather(*(desk.leases.plan(app, [tcp(7000), tcp(8080)]) for app in ("first", "second")))
    first, second = plans
    assert [lease.port for lease in first] == [lease.port for lease in second]
    await desk.leases.take(first)
    with pytest.raises(Conflict, match="the app “first”"):
        await desk.leases.take(second)
    assert await desk.leases.of("second") == {}, "all or nothing"
    await desk.leases.take(first)
    assert await desk.reserve("second", tcp(7000), tcp(8080)) == [7001, 8081]


async def test_set_replaces_all_and_swaps(desk: Desk) -> None:
    await desk.reserve("app", tcp(7000), tcp(7001), udp(9000))
    await desk.leases.set("app", {"web/7000/tcp": 7001, "web/7001/tcp": 7000})
    assert await desk.leases.of("app") == {"web/7000/tcp": 7001, "web/7001/tcp": 7000}
    assert {lease.key: lease.wished for lease in await desk.leases.all()} == {
        "web/7000/tcp": 7000,
        "web/7001/tcp": 7001,
    }
    await desk.leases.release("app", ["web/7000/tcp"])
    assert await desk.leases.of("app") == {"web/7001/tcp": 7000}
    await desk.leases.set("app", {})
    assert await desk.leases.all() == []


@pytest.mark.parametrize("key", ["web/80/sctp", "web/80/", "web"])
async def test_what_is_neither_tcp_nor_udp_is_refused_in_words(desk: Desk, key: str) -> None:
    with pytest.raises(Invalid, match="only TCP and UDP"):
        await desk.leases.plan("app", [PortWish(key, 8080, "tcp")])


async def test_nothing_free_is_said(desk: Desk) -> None:
    desk.published = [Published(port, "tcp", "all") for port in range(1, 65536)]
    with pytest.raises(Conflict, match="No port"):
        await desk.leases.plan("app", [tcp(8080)])


WISHES = st.lists(
    st.builds(
        lambda service, target, port, protocol: PortWish(f"{service}/{target}/{protocol}", port, protocol),
        st.sampled_from("abc"),
        st.integers(1, 3),
        st.sampled_from([22, 53, 80, 4000, 8079, 8080, 8081, 9999, 31999, 40000, 65535]),
        st.sampled_from(["tcp", "udp"]),
    ),
    max_size=6,
    unique_by=lambda wish: wish.key,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), WISHES), max_size=6))
async def test_no_port_is_ever_given_twice(desk: Desk, plans: list[tuple[str, list[PortWish]]]) -> None:
    for app in ("one", "two", "three"):
        await desk.leases.release(app)
    for app, wishes in plans:
        before = await desk.leases.of(app)
        leases = await desk.leases.reserve(app, wishes)
        assert [lease.key for lease in leases] == [wish.key for wish in wishes]
        assert all(lease.port == before.get(lease.key, lease.port) for lease in leases)
        assert not {lease.port for lease in leases} & RESERVED.keys()
    every = await desk.leases.all()
    assert len({(lease.port, lease.protocol) for lease in every}) == len(every)


# --- ports whose number is their meaning ---


def fixed(port: int, protocol: str) -> PortWish:
    return PortWish(f"dns/{port}/{protocol}", port, protocol, movable=False)


async def test_a_name_server_gets_its_own_port_or_the_reason_why_not(desk: Desk) -> None:
    assert await desk.reserve("pihole", fixed(53, "tcp"), fixed(53, "udp"), tcp(80)) == [53, 53, 8080]
    with pytest.raises(Conflict, match=r"Port 53 \(TCP\) is used by the app “pihole”.*names are looked up") as refused:
        await desk.leases.plan("adguard", [tcp(3000), fixed(53, "tcp"), fixed(53, "udp")])
    assert refused.value.details["key"] == "dns/53/tcp"
    chosen = await desk.leases.choose("adguard", [fixed(53, "tcp")], {"dns/53/tcp": 5300})
    assert chosen == {"dns/53/tcp": 5300}, "who says which port knows what that means"
    await desk.leases.release("pihole")
    assert await desk.reserve("adguard", fixed(53, "tcp")) == [53]


def test_the_program_that_has_it_is_named_with_the_way_to_free_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port, own = taken.getsockname()[1], Path("/proc/self/comm").read_text().strip()
        assert Listeners().program(port, "udp") == own
        assert Listeners().program(port, "tcp") is None
    words = why_not_moved(53, "udp", "another program on this machine", "systemd-resolve")
    assert "DNSStubListener=no" in words
    assert "Stop it first" in why_not_moved(53, "udp", "the container “dns”", None)


def test_only_the_door_and_what_the_file_leaves_open_may_be_moved() -> None:
    ports: list[dict[str, object]] = [
        {"target": 80, "published": "80", "protocol": "tcp"},
        {"target": 53, "published": "53", "protocol": "udp"},
        {"target": 853, "published": "${DOT}", "protocol": "tcp"},
        {"target": 25, "published": "25", "protocol": "tcp"},
        {"target": 53, "published": "53", "protocol": "tcp"},
    ]
    manifest = AppManifest(
        id="dns",
        name="DNS",
        web=Web(service="web", port=25),
        variables=[Variable(name="DOT", parts=[Part(text="853")])],
        compose={"services": {"web": {"image": "x:1", "ports": ports}}},
    )
    assert [wish.movable for wish in port_wishes(manifest)] == [True, False, True, True, False]
