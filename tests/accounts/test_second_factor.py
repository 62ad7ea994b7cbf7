"""The second step of a sign-in: what is asked for, what is accepted, once, and from whom."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from talome.accounts.factors.store import FactorsStore
from talome.accounts.factors.totp import code_at
from talome.accounts.users.reset_command import reset_password
from tests.fakes.docker import FakeEngine
from tests.support.house import ADMIN, PASSWORD, Answer, House, Person, open_house
from tests.support.passkeys import Authenticator, raw, text

NEEDED = "second_factor_needed"


def code(secret: str, drift: int = 0) -> str:
    """Codes are good once, and the neighbours of this period's count too: three for each test."""
    return code_at(secret, int(time.time() // 30) + drift)


async def login(house: House, username: str = ADMIN, password: str = PASSWORD, **headers: str) -> Answer:
    return await house.nobody.post("/api/auth/login", {"username": username, "password": password}, headers=headers)


async def finish(house: House, ticket: str, headers: dict[str, str] | None = None, **proof: Any) -> Answer:
    return await house.nobody.post("/api/auth/second-factor", {"ticket": ticket, **proof}, headers=headers)


async def set_up_totp(person: Person) -> str:
    begun = await person.post("/api/auth/totp", {"password": PASSWORD})
    assert begun.status == 200, begun.text
    secret: str = begun.json["secret"]
    done = await person.post("/api/auth/totp/confirm", {"code": code(secret, -1)})
    assert done.status == 200, done.text
    assert done.json["authenticator"]["lastUsedAt"] is None
    return secret


async def new_codes(person: Person) -> list[str]:
    answer = await person.post("/api/auth/recovery-codes", {"password": PASSWORD})
    codes: list[str] = answer.json["recoveryCodes"]
    return codes


async def test_after_the_password_comes_the_code_and_each_counts_once(house: House) -> None:
    other = await house.sign_in(ADMIN, PASSWORD)
    secret = await set_up_totp(house.admin)
    assert (await other.get("/api/auth/me")).status == 401, "other sessions end"
    assert (await house.admin.get("/api/auth/me")).status == 200
    asked = await login(house)
    assert (asked.status, asked.json["code"], asked.json["methods"]) == (401, NEEDED, ["totp", "recovery_code"])
    assert "Set-Cookie" not in asked.headers
    ticket = asked.json["ticket"]
    wrong = await finish(house, ticket, code="000000")
    assert (wrong.status, wrong.json["code"], wrong.json["field"]) == (401, "wrong_code", "code")
    replayed = await finish(house, ticket, code=code(secret, -1))
    assert (replayed.status, replayed.json["code"]) == (401, "wrong_code"), "the code of the set-up is used up"
    signed_in = await finish(house, ticket, code=code(secret))
    assert signed_in.status == 200
    assert (await house.person(signed_in.json["token"]).get("/api/auth/me")).json["username"] == ADMIN
    again = await finish(house, ticket, code=code(secret, 1))
    assert (again.status, again.json["code"]) == (401, "sign_in_over"), "a ticket is good once"
    another = (await login(house)).json["ticket"]
    assert (await finish(house, another, code=code(secret))).json["code"] == "wrong_code", "so is a code"
    assert (await login(house, password="wrong")).json["code"] == "wrong_credentials"


async def test_a_code_that_two_use_at_once_lets_one_in(house: House) -> None:
    secret = await set_up_totp(house.admin)
    first, second = [(await login(house)).json["ticket"] for _ in range(2)]
    answers = await asyncio.gather(*(finish(house, ticket, code=code(secret)) for ticket in (first, first, second)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401]


async def test_a_used_code_stays_used_after_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path / "x", FakeEngine()) as house:
        secret = await set_up_totp(house.admin)
        await finish(house, (await login(house)).json["ticket"], code=code(secret, 1))
        settings = house.settings
        ticket = (await login(house)).json["ticket"]
    from talome.app import serve

    async with serve(settings, FakeEngine()) as (address,):
        import aiohttp

        async with aiohttp.ClientSession() as http:
            restarted = House(address, settings, Person(address, http), Person(address, http))
            assert (await finish(restarted, ticket, code=code(secret, 1))).json["code"] == "sign_in_over"
            fresh = (await login(restarted)).json["ticket"]
            assert (await finish(restarted, fresh, code=code(secret, 1))).json["code"] == "wrong_code"
            assert (await finish(restarted, fresh, code=code(secret))).json["code"] == "wrong_code", "nor an older one"
    assert secret.encode() not in settings.database.read_bytes()


async def test_a_stolen_ticket_is_worth_nothing_elsewhere(house: House) -> None:
    secret = await set_up_totp(house.admin)
    agent = {"User-Agent": "Mozilla/5.0 (Windows) Firefox/140"}
    for thief in ({"User-Agent": "curl/8"}, {**agent, "Origin": house.base}):
        ticket = (await login(house, **agent)).json["ticket"]
        stolen = await finish(house, ticket, headers=thief, code=code(secret))
        assert (stolen.status, stolen.json["code"]) == (401, "sign_in_over")
        assert (await finish(house, ticket, headers=agent, code=code(secret))).status == 401, "and then to nobody"
    ticket = (await login(house, **agent)).json["ticket"]
    assert (await finish(house, ticket, headers=agent, code=code(secret))).status == 200


async def test_a_ticket_ends_with_the_rights_it_was_made_for(house: House) -> None:
    ben = await house.member("ben")
    secret = await set_up_totp(ben)
    identity = (await ben.get("/api/auth/me")).json["id"]
    ticket = (await login(house, "ben")).json["ticket"]
    await house.admin.put(f"/api/users/{identity}", {"permissions": []})
    assert (await finish(house, ticket, code=code(secret))).json["code"] == "sign_in_over"


async def test_guessing_codes_ends_the_ticket_and_delays_codes_but_not_recovery_codes(house: House) -> None:
    ben = await house.member("ben")
    secret = await set_up_totp(ben)
    codes = await new_codes(ben)
    ticket = (await login(house, "ben")).json["ticket"]
    answers = [await finish(house, ticket, code=f"00000{n}") for n in range(4)]
    assert [answer.status for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    fresh = (await login(house, "ben")).json["ticket"]
    assert (await finish(house, fresh, code=code(secret))).status == 429, "another ticket is no way around"
    assert (await finish(house, fresh, recoveryCode=codes[0])).status == 200, "the owner always gets in"
    last = (await login(house, "ben")).json["ticket"]
    wrong = [await finish(house, last, recoveryCode="aaaaa-aaaaa-aaaaa") for _ in range(5)]
    assert [answer.json["code"] for answer in wrong] == ["wrong_code"] * 4 + ["sign_in_over"]


async def test_recovery_codes_stand_in_once_and_never_for_both(house: House) -> None:
    ben = await house.member("ben")
    secret = await set_up_totp(ben)
    first, second, third = (await new_codes(ben))[:3]
    ticket = (await login(house, "ben")).json["ticket"]
    used = await finish(house, ticket, recoveryCode=first)
    assert (used.status, used.json["recoveryCodesLeft"]) == (200, 7)
    ticket = (await login(house, "ben")).json["ticket"]
    assert (await finish(house, ticket, recoveryCode=first)).json["field"] == "recoveryCode"
    body = {"username": "ben", "recoveryCode": second, "newPassword": "another long one"}
    half = await house.nobody.post("/api/auth/recover", body)
    assert (half.status, half.json["code"]) == (401, NEEDED), "the new password alone is not enough"
    assert (await finish(house, half.json["ticket"], recoveryCode=second)).status == 401
    assert (await finish(house, half.json["ticket"], recoveryCode=third)).status == 200
    ticket = (await login(house, "ben", "another long one")).json["ticket"]
    assert (await finish(house, ticket, code=code(secret))).status == 200


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"code": "1", "recoveryCode": "x"},
        {"code": "x" * 501},
        {"passkey": {}},
        {"passkey": {"credentialId": "x", "clientData": "!", "authenticatorData": "", "signature": "x"}},
        {"passkey": {"credentialId": "x", "clientData": "x" * 20_000, "authenticatorData": "x", "signature": "x"}},
    ],
)
async def test_proofs_that_are_none(house: House, proof: dict[str, Any]) -> None:
    await set_up_totp(house.admin)
    ticket = (await login(house)).json["ticket"]
    assert (await finish(house, ticket, **proof)).status == 400


async def test_setting_up_needs_the_password_and_a_person(house: House) -> None:
    wrong = await house.admin.post("/api/auth/totp", {"password": "wrong"})
    assert (wrong.status, wrong.json["field"]) == (403, "password")
    assert (await house.admin.post("/api/auth/totp/confirm", {"code": "123456"})).json["code"] == "setup_over"
    begun = await house.admin.post("/api/auth/totp", {"password": PASSWORD})
    unfit = await house.admin.post("/api/auth/totp/confirm", {"code": "12345x"})
    assert (unfit.status, unfit.json["field"]) == (400, "code")
    assert (await login(house)).status == 200, "what is not confirmed is not asked for"
    key = await house.key(["account:write", "account:read"])
    for path in ("totp", "totp/remove", "passkeys"):
        assert (await key.post(f"/api/auth/{path}", {"password": PASSWORD})).status in (400, 403)
    assert (await house.admin.post("/api/auth/totp/confirm", {"code": code(begun.json["secret"])})).status == 200
    assert (await key.get("/api/auth/second-factors")).json["authenticator"], "keys go on as before"
    assert (await house.admin.post("/api/auth/totp/remove", {"password": PASSWORD})).json["authenticator"] is None
    assert (await house.admin.post("/api/auth/totp/remove", {"password": PASSWORD})).status == 404
    assert (await login(house)).status == 200
    audit = (await house.admin.get("/api/audit-log?operation=factors&limit=500")).text
    assert begun.json["secret"] not in audit
    assert PASSWORD not in audit


async def test_an_administrator_removes_what_somebody_lost(house: House) -> None:
    ben = await house.member("ben")
    await set_up_totp(ben)
    identity = (await ben.get("/api/auth/me")).json["id"]
    assert (await house.admin.get("/api/users/second-factors")).json == [
        {"userId": identity, "authenticator": True, "passkeys": 0}
    ]
    assert (await ben.delete(f"/api/users/{identity}/second-factors")).status == 403
    assert (await house.admin.delete(f"/api/users/{identity}/second-factors")).status == 200
    assert (await ben.get("/api/auth/me")).status == 401
    assert (await login(house, "ben")).status == 200
    assert (await house.admin.delete(f"/api/users/{identity}/second-factors")).status == 404
    own = (await house.admin.get("/api/auth/me")).json["id"]
    assert (await house.admin.delete(f"/api/users/{own}/second-factors")).status == 409
    (entry,) = (await house.admin.get("/api/audit-log?operation=factors.remove_all&outcome=ok")).json["entries"]
    assert entry["changes"] == [{"field": "secondFactor", "old": True, "new": False}]


async def test_the_offline_reset_can_remove_them_too(house: House) -> None:
    await set_up_totp(house.admin)
    await reset_password(house.settings, ADMIN, "a brand new one")
    assert (await login(house, ADMIN, "a brand new one")).json["code"] == NEEDED
    await reset_password(house.settings, ADMIN, "a brand new one", FactorsStore.delete_all)
    assert (await login(house, ADMIN, "a brand new one")).status == 200


async def test_administrators_may_have_to_have_one(house: House) -> None:
    await house.member("ben")
    changed = await house.admin.put("/api/settings", {"accounts.second_factor_for_admins": True})
    assert changed.status == 200
    assert (await login(house, "ben")).json["secondFactorDue"] is False
    due = await login(house)
    assert (due.status, due.json["secondFactorDue"]) == (200, True)
    admin = house.person(due.json["token"])
    assert (await admin.get("/api/auth/me")).json["scopes"] == ["account:*"]
    assert (await admin.get("/api/users")).status == 403
    assert (
        await admin.post("/api/auth/password", {"currentPassword": PASSWORD, "newPassword": PASSWORD})
    ).status == 200
    assert (await admin.get("/api/users")).status == 403, "a new password is no second factor"
    await set_up_totp(admin)
    assert (await admin.get("/api/users")).status == 200
    last = await admin.post("/api/auth/totp/remove", {"password": PASSWORD})
    assert (last.status, "Administrators need" in last.json["error"]) == (409, True)


async def test_the_command_line_gives_a_code_too(house: House, tmp_path: Path) -> None:
    secret = await set_up_totp(house.admin)
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), "TALOME_HOME": str(tmp_path / "none")}
    command = ["-m", "talome", "login", "--url", house.base, "--username", ADMIN, "--password-stdin"]
    for typed, status in (("000000", 3), (code(secret), 0)):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**kept, "XDG_CONFIG_HOME": str(tmp_path)},
        )
        _, told = await process.communicate(f"{PASSWORD}\n{typed}\n".encode())
        assert process.returncode == status, told
        assert secret.encode() not in told


def test_a_house_without_passkeys_does_not_carry_their_package() -> None:
    program = "import sys, talome.app; sys.exit('webauthn' in sys.modules or 'cbor2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def browser(port: str, host: str = "localhost") -> dict[str, str]:
    return {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"}


@pytest.fixture
async def with_passkey(house: House) -> tuple[House, dict[str, str], Authenticator]:
    """The administrator with one passkey for localhost; the browser's headers; and what holds the key."""
    headers = browser(house.base.rpartition(":")[2])
    begun = await house.admin.post("/api/auth/passkeys", {"password": PASSWORD}, headers=headers)
    assert begun.status == 200, begun.text
    device = Authenticator(headers["Origin"])
    made = {"name": "My key", "passkey": device.create(begun.json["options"])}
    added = await house.admin.post("/api/auth/passkeys/confirm", made, headers=headers)
    assert added.status == 200, added.text
    assert [(key["name"], key["host"], key["lastUsedAt"]) for key in added.json["passkeys"]] == [
        ("My key", "localhost", None)
    ]
    return house, headers, device


async def test_a_passkey_is_the_second_step(with_passkey: tuple[House, dict[str, str], Authenticator]) -> None:
    house, headers, device = with_passkey
    asked = (await login(house, **headers)).json
    assert asked["methods"] == ["passkey", "recovery_code"]
    assert asked["passkeyOptions"]["rpId"] == "localhost"
    answer = device.get(asked["passkeyOptions"])
    signed_in = await finish(house, asked["ticket"], headers, passkey=answer)
    assert signed_in.status == 200
    assert signed_in.json["proof"]
    asked = (await login(house, **headers)).json
    replayed = await finish(house, asked["ticket"], headers, passkey=answer)
    assert (replayed.status, replayed.json["code"]) == (401, "wrong_passkey"), "it answers another challenge"
    (shown,) = (await house.admin.get("/api/auth/second-factors")).json["passkeys"]
    assert shown["lastUsedAt"] is not None


async def test_forged_passkey_answers_are_refused(with_passkey: tuple[House, dict[str, str], Authenticator]) -> None:
    house, headers, device = with_passkey
    port = headers["Host"].rpartition(":")[2]

    def tampered(options: dict[str, Any]) -> dict[str, Any]:
        answer = device.get(options)
        return {**answer, "signature": text(raw(answer["signature"])[:-1] + b"\x00")}

    def cloned(options: dict[str, Any]) -> dict[str, Any]:
        device.counter = 0  # a copy of the key that does not know how often the other one signed
        return device.get(options)

    forgeries = {
        "an app on another port": lambda options: Authenticator(
            "http://localhost:1", device.key, device.credential_id, 50
        ).get(options),
        "another site": lambda options: device.get(options, rp_id="evil.example"),
        "nobody was there": lambda options: device.get(options, flags=0),
        "another key": lambda options: Authenticator(headers["Origin"], credential_id=device.credential_id).get(
            options
        ),
        "unknown passkey": lambda options: Authenticator(headers["Origin"]).get(options),
        "altered": tampered,
        "nonsense": lambda options: {**device.get(options), "authenticatorData": "AAAA", "clientData": "e30"},
    }
    asked = (await login(house, **headers)).json
    assert (await finish(house, asked["ticket"], headers, passkey=device.get(asked["passkeyOptions"]))).status == 200
    for what, forge in {**forgeries, "a clone": cloned}.items():
        asked = (await login(house, **headers)).json
        refused = await finish(house, asked["ticket"], headers, passkey=forge(asked["passkeyOptions"]))
        assert (refused.status, refused.json["code"]) == (401, "wrong_passkey"), what
    elsewhere = (await login(house, **browser(port, "127.0.0.1"))).json
    assert (elsewhere["methods"], elsewhere["passkeyHosts"]) == (["recovery_code"], ["localhost"])


async def test_passkeys_are_made_only_where_they_work(
    with_passkey: tuple[House, dict[str, str], Authenticator],
) -> None:
    house, headers, device = with_passkey
    port = headers["Host"].rpartition(":")[2]
    password = {"password": PASSWORD}
    for host in ("127.0.0.1", "[::1]", "talome.local", "192.168.1.5"):
        refused = await house.admin.post("/api/auth/passkeys", password, headers=browser(port, host))
        assert (refused.status, refused.json["code"]) == (400, "passkeys_unavailable"), host
    begun = await house.admin.post("/api/auth/passkeys", password, headers=headers)
    assert [known["id"] for known in begun.json["options"]["excludeCredentials"]] == [text(device.credential_id)]
    twice = {"name": "Again", "passkey": device.create(begun.json["options"])}
    assert (await house.admin.post("/api/auth/passkeys/confirm", twice, headers=headers)).status == 409
    assert (await house.admin.post("/api/auth/passkeys/confirm", twice, headers=headers)).json["code"] == "setup_over"
    begun = await house.admin.post("/api/auth/passkeys", password, headers=headers)
    foreign = {"name": "x", "passkey": Authenticator("http://evil.example").create(begun.json["options"])}
    refused = await house.admin.post("/api/auth/passkeys/confirm", foreign, headers=headers)
    assert (refused.status, refused.json["code"]) == (400, "wrong_passkey")


async def test_passkeys_are_renamed_and_removed_by_their_owner(
    with_passkey: tuple[House, dict[str, str], Authenticator],
) -> None:
    house, headers, _ = with_passkey
    ben = await house.member("ben")
    (key,) = (await house.admin.get("/api/auth/second-factors")).json["passkeys"]
    path = f"/api/auth/passkeys/{key['id']}"
    assert (await ben.put(path, {"name": "mine"})).status == 404
    assert (await ben.post(f"{path}/remove", {"password": PASSWORD})).status == 404
    hostile = "<b>\u202eمفتاح</b> 🔑"
    assert (await house.admin.put(path, {"name": hostile})).json["passkeys"][0]["name"] == hostile
    assert (await house.admin.post(f"{path}/remove", {"password": "wrong"})).status == 403
    assert (await house.admin.post(f"{path}/remove", {"password": PASSWORD})).json["passkeys"] == []
    assert (await login(house, **headers)).status == 200
