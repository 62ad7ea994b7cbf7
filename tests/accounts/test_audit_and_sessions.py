"""What changed is told with its past, the log leaves the house as a file, and administrators see and end sessions."""

import csv
import io
import json

from tests.support.house import PASSWORD, House


async def test_a_change_is_recorded_with_what_was_before(house: House) -> None:
    ben = await house.member("ben", ["containers:read"])
    identity = (await ben.get("/api/auth/me")).json["id"]
    body = {"permissions": ["jobs:read"], "displayName": "Ben", "password": "another long one"}
    await house.admin.put(f"/api/users/{identity}", body)
    await house.admin.put(f"/api/users/{identity}", {"role": "admin", "permissions": ["nothing:here"]})
    await house.admin.put("/api/settings", {"metrics.retention_days": 14})
    answer = await house.admin.get("/api/audit-log")
    entries = answer.json["entries"]
    settings, _, changed = (entry["changes"] for entry in entries[:3])
    assert [change["field"] for change in settings] == ["metrics.retention_days"]
    assert settings[0]["new"] == 14
    told = {change["field"]: (change["old"], change["new"]) for change in changed}
    assert told == {
        "displayName": (None, "Ben"),
        "permissions": (["containers:read"], ["jobs:read"]),
        "password": ("[hidden]", "[hidden]"),
    }
    await house.admin.put(f"/api/users/{identity}", {"disabled": False, "role": "emperor"})
    failed = (await house.admin.get("/api/audit-log?limit=1")).json["entries"][0]
    assert (failed["outcome"], failed["changes"]) == ("failed", [])
    assert "another long one" not in answer.text


async def test_the_log_leaves_as_csv_that_no_spreadsheet_runs_and_as_lines(house: House) -> None:
    hostile = '=HYPERLINK("http://evil.example","x")'
    for n in range(3):
        await house.nobody.post("/api/auth/login", {"username": hostile, "password": "x" * n})
    lines = await house.admin.get("/api/audit-log/export?format=jsonl&operation=auth.login&outcome=denied")
    assert lines.headers["Content-Disposition"].startswith('attachment; filename="talome-audit-')
    entries = [json.loads(line) for line in lines.text.splitlines()]
    assert [entry["arguments"]["username"] for entry in entries] == [hostile] * 3
    assert entries[0]["id"] > entries[2]["id"]
    table = await house.admin.get("/api/audit-log/export?operation=auth")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert len(rows) == 4
    assert rows[0]["operation"] == "auth.login"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


async def test_the_export_is_for_whoever_may_read_the_log(house: House) -> None:
    ben = await house.member("ben")
    assert (await house.nobody.get("/api/audit-log/export")).status == 401
    assert (await ben.get("/api/audit-log/export")).status == 403
    assert (await house.admin.get("/api/audit-log/export?format=exe")).json["field"] == "format"
    assert (await house.admin.get("/api/audit-log/export?surprise=1")).status == 400
    assert (await house.admin.get("/api/audit-log/export?since=yesterday")).status == 400


async def test_the_export_goes_on_over_many_pages(house: House) -> None:
    from talome.accounts.audit.store import AuditRow, AuditStore
    from talome.core.db import Database
    from talome.core.events import Events

    db = Database(house.settings.database, Events(), readers=1)
    await db.open(None)
    store = AuditStore(db)
    async with db.write() as tx:
        for n in range(1203):
            row = AuditRow(
                n, f"+{n}", "usr_x", "user", None, "::1", "many.times", "modify", "{}", "ok", 200, None, "r", "[]"
            )
            await store.add(tx, row)
    await db.close()
    table = await house.admin.get("/api/audit-log/export?operation=many&actor=usr_x")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["actor"] for row in rows] == [f"'+{n}" for n in reversed(range(1203))]


async def test_administrators_see_and_end_the_sessions_of_others(house: House) -> None:
    ben = await house.member("ben")
    second = await house.sign_in("ben", PASSWORD)
    identity = (await ben.get("/api/auth/me")).json["id"]
    path = f"/api/users/{identity}/sessions"
    sessions = (await house.admin.get(path)).json
    assert len(sessions) == 2
    assert not any(session["current"] for session in sessions)
    assert (await ben.get(path)).status == 403
    assert (await house.admin.delete(f"{path}/{sessions[0]['id']}")).status == 200
    assert sorted([(await person.get("/api/auth/me")).status for person in (ben, second)]) == [200, 401]
    assert (await house.admin.delete(path)).json == {"ended": 1}
    assert (await ben.get("/api/auth/me")).status == 401
    assert (await house.admin.get("/api/users/usr_nobody/sessions")).status == 404


async def test_all_other_sessions_end_and_this_one_stays(house: House) -> None:
    first, second = await house.sign_in("ada", PASSWORD), await house.sign_in("ada", PASSWORD)
    async with second.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "jobs.stream"})
        await socket.receive_json(timeout=5)
        assert (await first.delete("/api/auth/sessions")).json == {"ended": 2}
        assert (await socket.receive(timeout=2)).data == 4401
    assert (await first.get("/api/auth/me")).status == 200
    assert (await house.admin.get("/api/auth/me")).status == 401
