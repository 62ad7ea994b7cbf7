"""Passwords with the real cost of a hash; the rest of the tests has a smaller one."""

import runpy
from typing import Any

import pytest

from talome.accounts.users import passwords


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The module as the server has it."""
    found = runpy.run_path(str(passwords.__file__))
    monkeypatch.setattr(passwords, "_context", found["_context"])
    return found


async def test_a_hash_costs_what_was_decided_and_only_the_password_fits(real: dict[str, Any]) -> None:
    desk = passwords.Passwords()
    hashed = await desk.hash("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert await desk.verify("correct horse battery", hashed)
    assert not await desk.verify("correct horse batterx", hashed)
    assert not desk.is_outdated(hashed)
    assert desk.is_outdated(hashed.replace("t=1", "t=2"))


async def test_nobodys_password_takes_as_long_and_is_wrong(real: dict[str, Any]) -> None:
    assert not passwords.Passwords.is_outdated(real["_DECOY"]), "it would take another time than a real one"
    assert not await passwords.Passwords().verify("a password that nobody has", None)
