"""Logs: no secret comes through, every line knows its request."""

import io
import json
import logging

import pytest

from talome.core import log

HOSTILE = [
    ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.sflKxwRJSMeKKF2QT4", "sflKxwRJSMeKKF2QT4"),
    ("key talome_AbCdEf0123456789abcdef used", "AbCdEf0123456789"),
    ("openai sk-proj-1234567890abcdefghijkl", "1234567890abcdef"),
    ('{"username":"ada","password":"hunter2 is long"}', "hunter2"),
    ("password=hunter2&next=1", "hunter2"),
    ("SMTP_TOKEN: hunter2", "hunter2"),
    ("recoveryCode: 'hunter2'", "hunter2"),
    ("APP_KEY=hunter2 started", "hunter2"),
    ("DB_PASS = hunter2", "hunter2"),
    ("git clone https://ada:hunter2@git.example/x.git", "hunter2"),
    ("Cookie: talome_session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.hunter2hunter2", "hunter2"),
]


@pytest.mark.parametrize(("text", "secret"), HOSTILE)
def test_secrets_are_hidden_whatever_their_form(text: str, secret: str) -> None:
    assert secret not in log.redact(text)


def test_ordinary_words_stay() -> None:
    for text in ("GET /api/containers?tail=10 took 3 ms", "AUTHOR=ada KEYBOARD=de key=value", "PASSAGE=2"):
        assert log.redact(text) == text


def test_masking_goes_into_every_depth_and_leaves_the_rest() -> None:
    given = {"a": [{"apiKey": "x", "name": "n"}], "newPassword": "p", "note": "password=hunter2", "n": 3}
    assert log.mask(given) == {
        "a": [{"apiKey": "[hidden]", "name": "n"}],
        "newPassword": "[hidden]",
        "note": "password=[hidden]",
        "n": 3,
    }


def test_a_line_is_json_with_the_request_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", written)
    token = log.request_id.set("req_1")
    try:
        log.configure("info")
        root.handlers[:] = [handler for handler in root.handlers if handler not in before]
        try:
            raise ValueError("token=hunter2")
        except ValueError:
            logging.getLogger("x").exception("with password=%s\nand a forged line", "hunter2")
    finally:
        log.request_id.reset(token)
        root.handlers[:] = before
        root.setLevel(level)
    (line,) = written.getvalue().splitlines()
    record = json.loads(line)
    assert (record["level"], record["requestId"]) == ("error", "req_1")
    assert "ValueError" in record["trace"]
    assert "hunter2" not in line
