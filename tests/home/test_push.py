"""Web push against a push service of our own, which decrypts what arrives and checks who signed it."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_ece
import jwt
import orjson
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from talome.core.clock import now
from talome.core.db import Database
from talome.core.errors import Invalid
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.core.operations import Caller, Client
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.engines.webpush import LARGEST_PAYLOAD_BYTES, Target, WebPush, public_key_of
from talome.home.notifications.models import Notification, NotificationChanged
from talome.home.push.endpoints import check_endpoint
from talome.home.push.payload import message_of
from talome.home.push.sender import PushSender
from talome.home.push.service import MOST_DEVICES, SERVERS, SETTINGS, Push
from talome.home.push.store import PushStore
from tests.fakes.docker import FakeEngine
from tests.home.house import eventually, until
from tests.support.house import House, open_house

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"}


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Device:
    """A browser's half of a subscription: it made the keys and can read what is sent to it."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = bytes(range(16))

    @property
    def body(self) -> dict[str, Any]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "keys": {"p256dh": encoded(point), "auth": encoded(self.auth)}}

    @property
    def target(self) -> Target:
        return Target(self.endpoint, self.body["keys"]["p256dh"], self.body["keys"]["auth"])

    def read(self, body: bytes) -> dict[str, Any]:
        plain = http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth, version="aes128gcm")
        told: dict[str, Any] = orjson.loads(plain)
        return told


@dataclass
class PushService:
    """Answers with what `answers` holds, then with 201, and keeps every request."""

    base: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, dict(request.headers), await request.read()))
        status, headers = self.answers.pop(0) if self.answers else (201, {})
        return web.Response(status=status, headers=headers)

    def device(self, name: str = "a") -> Device:
        return Device(f"{self.base}/push/{name}")

    def claims(self, number: int, public_key: str) -> dict[str, Any]:
        """What the signature of a request says, once it is found to be made with this key."""
        scheme, _, rest = self.requests[number][1]["Authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert (scheme, parts["k"]) == ("vapid", public_key)
        point = urlsafe_b64decode(public_key + "=")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims: dict[str, Any] = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=self.base)
        return claims


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    made = PushService()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def home(tmp_path: Path, fake: FakeEngine, service: PushService) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", fake) as opened:
        assert (await opened.admin.put("/api/settings", {SERVERS: service.base})).status == 200
        yield opened


@dataclass
class Post:
    """The feature without the rest of the house."""

    events: Events
    db: Database
    settings: Settings
    push: Push
    ada: Caller

    def tell(self, level: str = "warning", key: str = "died:1", **changes: Any) -> None:
        values = {"title": "web stopped unexpectedly", "body": "ä 💥", "link": "/containers/web", **changes}
        fixed = {"id": "ntf_1", "at": now(), "level": level, "read": False, "source": "container", "count": 1}
        shown = Notification.model_validate({**fixed, **values})
        self.events.publish(NotificationChanged(self.ada.user_id, shown, key, told=True))


@asynccontextmanager
async def open_post(folder: Path, service: PushService, secret: bytes = b"0" * 32) -> AsyncIterator[Post]:
    events = Events()
    db = Database(folder / "talome.db", events)
    await db.open(find_migrations("talome.core.settings", "talome.accounts.users", "talome.home.push"))
    settings = Settings(SettingsStore(db), Secrets(secret), SETTINGS)
    await settings.load()
    await settings.update({SERVERS: f"push.example.org, {service.base}"}, by="ada")
    async with db.write() as tx:
        await tx.execute(
            "INSERT OR IGNORE INTO users (id, username, username_key, role, permissions, password_hash, created_at) "
            "VALUES ('usr_1', 'ada', 'ada', 'admin', '[]', '', 0)"
        )
    web_push = WebPush()
    push = Push(PushStore(db), Secrets(secret), settings, web_push)
    ada = Caller("usr_1", "ada", "user", client=Client(user_agent=FIREFOX["User-Agent"]))
    async with PushSender(push, events, waits_s=(0.01, 0.01)):
        await asyncio.sleep(0)
        yield Post(events, db, settings, push, ada)
    await web_push.close()
    await events.stop()
    await db.close()


@pytest.fixture
async def post(tmp_path: Path, service: PushService) -> AsyncIterator[Post]:
    async with open_post(tmp_path, service) as opened:
        yield opened


# --- the way of a message ---


async def test_a_death_reaches_the_browser_sealed_and_signed(
    home: House, fake: FakeEngine, service: PushService
) -> None:
    device = service.device()
    key = (await home.admin.get("/api/push")).json["publicKey"]
    made = await home.admin.post("/api/push", device.body, headers=FIREFOX)
    assert (made.status, made.json["device"], made.json["everything"]) == (201, "Firefox on Linux", False)
    again = await home.admin.post("/api/push", {**device.body, "everything": True}, headers=FIREFOX)
    assert (again.json["id"], again.json["everything"]) == (made.json["id"], True)
    box = fake.add_container("jellyfin")

    async def known() -> bool:
        return (await home.admin.get("/api/containers/jellyfin")).status == 200

    await eventually(known)
    fake.end_container(box.id, 7)
    await until(lambda: bool(service.requests))
    path, headers, body = service.requests[0]
    told = device.read(body)
    assert (path, told["title"], told["link"], told["level"]) == (
        "/push/a",
        "jellyfin stopped unexpectedly",
        "/containers/jellyfin/logs",
        "warning",
    )
    assert (headers["TTL"], headers["Urgency"], headers["Content-Encoding"]) == ("86400", "normal", "aes128gcm")
    assert headers["Topic"] == told["tag"]
    assert b"jellyfin" not in body
    claims = service.claims(0, key)
    assert claims["sub"] == "mailto:admin@example.com"
    assert "Cookie" not in headers
    state = await home.admin.get("/api/push", params={"endpoint": device.endpoint})
    [shown] = state.json["subscriptions"]
    assert shown["current"]
    assert device.endpoint not in state.text
    trial = await home.admin.post("/api/push/test")
    assert trial.json == {"delivered": 1, "failed": []}
    assert device.read(service.requests[1][2])["body"] == "Notifications reach this device."
    assert (await home.admin.post("/api/push/test")).status == 429
    audit = (await home.admin.get("/api/audit-log?operation=push")).text
    assert device.endpoint not in audit
    assert encoded(device.auth) not in audit


async def test_devices_belong_to_a_person(home: House, service: PushService) -> None:
    member = await home.member("ben")
    device = service.device()
    made = (await home.admin.post("/api/push", device.body)).json
    assert (await member.get("/api/push")).json["subscriptions"] == []
    assert (await member.delete(f"/api/push?id={made['id']}")).status == 404
    assert (await member.delete("/api/push", params={"endpoint": device.endpoint})).status == 404
    assert (await member.post("/api/push/test")).status == 409
    assert (await home.admin.delete("/api/push")).status == 400
    theirs = (await member.post("/api/push", device.body)).json
    assert (await home.admin.get("/api/push")).json["subscriptions"] == [], "the browser is another person's now"
    assert [item["id"] for item in (await member.get("/api/push")).json["subscriptions"]] == [theirs["id"]]
    assert (await member.delete("/api/push", params={"endpoint": device.endpoint})).status == 200
    assert (await member.delete("/api/push", params={"endpoint": device.endpoint})).status == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "http://127.0.0.1:22/push/a"},
        {"keys": {"p256dh": "x", "auth": "y"}},
        {"keys": {"p256dh": encoded(b"\x04" + b"\x01" * 64), "auth": encoded(b"0" * 16)}},
        {"keys": {}},
        {"endpoint": ""},
    ],
)
async def test_what_is_no_subscription_is_refused(home: House, service: PushService, changes: dict[str, Any]) -> None:
    answer = await home.admin.post("/api/push", {**service.device().body, **changes})
    assert answer.status == 400, answer.text
    assert (await home.admin.get("/api/push")).json["subscriptions"] == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com%2eevil.example/x",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://fcm.googleapis.com\t.evil.example/x",
        "https://evilpush.apple.com.example/x",
        "https://push.apple.com/x",
        "https://notify.windows.com.evil.example/",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://push.example.org:444/x",
        "http://push.example.org/x",
        "http://192.168.1.5:8081/x",
        "file:///etc/passwd",
        "//fcm.googleapis.com/x",
        "https://ｆcm.googleapis.com/x",
        "https://",
        "",
    ],
)
def test_messages_go_nowhere_else(endpoint: str) -> None:
    with pytest.raises(Invalid):
        check_endpoint(endpoint, "push.example.org, http://192.168.1.5:8080")


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://autopush.prod.push.services.mozilla.com/wpush/v2/abc",
        "https://wns2-am3p.notify.windows.com/w/?token=abc%2b",
        "https://web.push.apple.com/abc",
        "https://push.example.org/UP?id=1",
        "http://192.168.1.5:8080/UP",
    ],
)
def test_messages_go_to_push_services_and_listed_servers(endpoint: str) -> None:
    check_endpoint(endpoint, "push.example.org, http://192.168.1.5:8080")


# --- faults of push services ---


async def test_a_device_gets_what_it_wants(post: Post, service: PushService) -> None:
    important, everything = service.device("important"), service.device("everything")
    await post.push.subscribe(post.ada, important.target, everything=False)
    await post.push.subscribe(post.ada, everything.target, everything=True)
    post.tell("info", title="told to one")
    await until(lambda: len(service.requests) == 1)
    post.tell("danger", title="told to both")
    await until(lambda: len(service.requests) == 3)
    paths = [path for path, _, _ in service.requests]
    assert (paths[0], sorted(paths[1:])) == ("/push/everything", ["/push/everything", "/push/important"])
    assert [headers["Urgency"] for _, headers, _ in service.requests] == ["low", "high", "high"]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_forgotten(post: Post, service: PushService, status: int) -> None:
    await post.push.subscribe(post.ada, service.device().target, everything=False)
    service.answers = [(status, {})]
    post.tell()

    async def forgotten() -> bool:
        return (await post.push.state(post.ada, None)).subscriptions == []

    await eventually(forgotten)
    assert len(service.requests) == 1


async def test_a_busy_or_broken_service_is_asked_again(post: Post, service: PushService) -> None:
    device = service.device()
    await post.push.subscribe(post.ada, device.target, everything=False)
    service.answers = [(429, {"Retry-After": "1"}), (503, {})]
    started = asyncio.get_running_loop().time()
    post.tell()
    await until(lambda: len(service.requests) == 3)
    assert asyncio.get_running_loop().time() - started >= 1.0
    assert {device.read(body)["title"] for _, _, body in service.requests} == {"web stopped unexpectedly"}


async def test_it_gives_up_and_never_follows_a_redirect(post: Post, service: PushService) -> None:
    await post.push.subscribe(post.ada, service.device().target, everything=False)
    service.answers = [(500, {})] * 3
    post.tell()
    await until(lambda: len(service.requests) == 3 and not service.answers)
    service.answers = [(307, {"Location": "/elsewhere"})]
    post.tell(title="after it")
    await until(lambda: len(service.requests) == 4)
    post.tell(title="and the next")
    await until(lambda: len(service.requests) == 5)
    assert {path for path, _, _ in service.requests} == {"/push/a"}


async def test_a_server_that_is_no_longer_listed_gets_nothing(post: Post, service: PushService) -> None:
    await post.push.subscribe(post.ada, service.device().target, everything=False)
    await post.settings.update({SERVERS: ""}, by="ada")
    tried = await post.push.test(post.ada, None)
    assert tried.delivered == 0
    assert "push service" in tried.failed[0].reason
    assert service.requests == []


async def test_a_service_that_is_away_is_said(post: Post, service: PushService) -> None:
    await post.settings.update({SERVERS: "http://127.0.0.1:9"}, by="ada")
    await post.push.subscribe(post.ada, Device("http://127.0.0.1:9/x").target, everything=False)
    tried = await post.push.test(post.ada, None)
    assert "cannot be reached" in tried.failed[0].reason


async def test_another_secret_means_another_key_and_no_old_devices(tmp_path: Path, service: PushService) -> None:
    async with open_post(tmp_path, service) as post:
        before = (await post.push.state(post.ada, None)).public_key
        await post.push.subscribe(post.ada, service.device().target, everything=False)
    async with open_post(tmp_path, service) as post:
        state = await post.push.state(post.ada, None)
        assert (state.public_key, len(state.subscriptions)) == (before, 1)
    text = (tmp_path / "talome.db").read_bytes()
    assert service.device().endpoint.encode() not in text
    async with open_post(tmp_path, service, secret=b"1" * 32) as post:
        state = await post.push.state(post.ada, None)
        assert state.public_key != before
        assert state.subscriptions == []


async def test_the_oldest_of_too_many_devices_goes(post: Post, service: PushService) -> None:
    for number in range(MOST_DEVICES + 1):
        await post.push.subscribe(post.ada, service.device(str(number)).target, everything=False)
    assert len((await post.push.state(post.ada, None)).subscriptions) == MOST_DEVICES


def test_payloads_fit_whatever_a_container_is_called() -> None:
    shown = Notification(
        id="x", at=now(), level="danger", title="💥" * 200, body="\\" * 1000 + "💥" * 800, link="/" + "%F0" * 255,
        read=False, source="container", count=1,
    )  # fmt: skip
    message = message_of(NotificationChanged("usr_1", shown, "died:1", told=True))
    assert len(message.payload) <= LARGEST_PAYLOAD_BYTES
    assert orjson.loads(message.payload)["title"] == "💥" * 200
    assert len(message.topic) == 32


def test_the_public_key_is_the_private_ones() -> None:
    # RFC 8291, appendix A: the application server's key pair.
    assert public_key_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw") == (
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    )
