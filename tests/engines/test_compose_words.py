"""What Compose says in all its versions, and what it means."""

from __future__ import annotations

import json

import pytest

from talome.core.errors import Conflict, Invalid, StorageFull, TalomeError, Unavailable
from talome.engines.compose.words import read_line, why

# --- words ---


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ('{"id":"Container shop-db-1","status":"Created"}', "progress", "Container db: created"),
        ('{"id":"Container shop-db-1","status":"Working","text":"Starting"}', "progress", "Container db: starting"),
        (" Container shop-db-1  Started", "progress", "Container db: started"),
        (' Volume "x"  Created', "progress", 'Volume "x": created'),
        ('time="2026-01-01T00:00:00Z" level=warning msg="The \\"A\\" variable is not set."', "warning",
         'The "A" variable is not set.'),
        ('{"level":"info","msg":"hello"}', "other", "hello"),
        ('{"error":true,"message":"broken"}', "error", "broken"),
        ("{not json", "other", "{not json"),
        ("{}", "other", ""),
        ("\x1b[31mred", "other", "[31mred"),
    ],
)  # fmt: skip
def test_lines_of_every_version(line: str, kind: str, text: str) -> None:
    found = read_line(line, "shop")
    assert (found.kind, found.text) == (kind, text)


@pytest.mark.parametrize(
    ("words", "code", "subject"),
    [
        ("driver failed (ab): Bind for 0.0.0.0:8080 failed: port is already allocated", "port_taken", "8080"),
        ("failed to bind host port for 0.0.0.0:53:172.18.0.2:53/udp: address already in use", "port_taken", "53"),
        ("driver failed: failed to bind host port 127.0.0.1:53/tcp: address already in use", "port_taken", "53"),
        ("dependency failed to start: container shop-db-1 exited (1)", "dependency_failed", "db"),
        ("container shop-db-1 has no healthcheck configured", "no_healthcheck", "db"),
        ("network proxy declared as external, but could not be found", "network_missing", "proxy"),
        ('error gathering device information while adding custom device "/dev/dri": no such file or directory',
         "device_missing", "/dev/dri"),
        ('could not select device driver "nvidia" with capabilities: [[gpu]]', "device_missing", None),
        ("something nobody has seen", "compose_failed", None),
    ],
)  # fmt: skip
def test_the_reason_that_matters(words: str, code: str, subject: str | None) -> None:
    noise = [json.dumps({"id": f"Container shop-x{n}-1", "status": "Starting"}) for n in range(50)]
    for last in (json.dumps({"error": True, "message": f"Error response from daemon: {words}"}), words):
        found = why([*noise, last], project="shop", folder="/apps/shop", checking=False)
        assert isinstance(found, Conflict)
        assert found.error_code == code
        assert found.details.get("subject") == subject
        assert len(found.message) < 200


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", Unavailable),
        ("permission denied while trying to connect to the Docker daemon socket", Unavailable),
        ("write /x: no space left on device", StorageFull),
    ],
)
def test_what_is_not_the_projects_fault(words: str, kind: type[TalomeError]) -> None:
    assert type(why([words], project="shop", folder="/x", checking=False)) is kind
    assert isinstance(why([], project="shop", folder="/x", checking=True), Invalid)
