"""Sources over HTTP: files in and out, and who may do what."""

from pathlib import Path

from tests.memory.sources import made
from tests.memory.sources.conftest import BASE, TABLES, add, left, search, settled, upload
from tests.support.house import House


async def check_forms(house: House) -> None:
    """Forms that are none, or try something."""
    home = house.settings.home / "memory" / "sources"
    plain = await house.admin.call("POST", f"{BASE}/upload", data=b"x", headers={"Content-Type": "text/plain"})
    assert plain.status == 415
    bodies: list[tuple[bytes, str]] = [
        (b"--x\r\nContent-Disposition: form-data; name=title\r\n\r\nonly a title\r\n--x--\r\n", "no file"),
        (b"--x\r\nContent-Disposition: form-data; name=path\r\n\r\n/etc\r\n--x--\r\n", "a field of its own"),
        (b"--x\r\nContent-Disposition: form-data; name=file; filename=a.md\r\n\r\nnever ends", "cut"),
        (b"no form at all", "nothing"),
    ]
    for body, what in bodies:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await house.admin.call("POST", f"{BASE}/upload", data=body, headers=headers)
        assert answer.status == 400, (what, answer.text)
    assert not any((home / "incoming").iterdir())
    part = b'--x\r\nContent-Disposition: form-data; name=file; filename="../../evil.md"\r\n\r\n# x\nfine\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await house.admin.call("POST", f"{BASE}/upload", data=part, headers=headers)
    assert answer.json["source"]["origin"] == "evil.md"
    raw = '{"text": "half \\ud800 of it"}'
    answer = await house.admin.call("POST", BASE, data=raw, headers={"Content-Type": "application/json"})
    assert answer.status in (201, 400)


async def test_a_pdf_becomes_a_cited_answer_and_leaves_nothing(house: House) -> None:
    data = made.pdf(["Plex answers at 32400", "Backups run at night"], [("Ports", 0), ("Backups", 1)])
    answer = await upload(house.admin, "guide.pdf", data, "application/pdf", title="The guide")
    assert answer.status == 201, answer.text
    source = await settled(house.admin, answer.json["source"]["id"])
    assert (source["state"], source["documents"], source["chunks"], source["title"]) == ("ready", 1, 2, "The guide")
    [best, *_] = await search(house.admin, "when do backups run")
    assert (best["title"], best["place"], best["page"]) == ("The guide", "page 2, Backups", 2)
    assert best["url"] == f"{BASE}/{source['id']}/original#page=2"
    assert 0 < best["score"] <= 1
    original = house.settings.home / "memory" / "sources" / source["id"] / "original"
    assert (original.read_bytes(), original.stat().st_mode & 0o777) == (data, 0o600)
    download = await house.admin.call("GET", best["url"].partition("#")[0])
    assert download.status == 200
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in download.headers["Content-Security-Policy"]
    part = await house.admin.get(f"{BASE}/{source['id']}/original", headers={"Range": "bytes=0-3"})
    assert (part.status, part.text) == (206, "%PDF")
    again_ = await upload(house.admin, "copy.pdf", data, "application/pdf")
    assert (again_.json["deduped"], again_.json["source"]["id"]) == (True, source["id"])
    document = (await house.admin.get(f"{BASE}/{source['id']}/documents")).json["data"][0]
    chunks = (await house.admin.get(f"/v1/memory/documents/{document['id']}/chunks")).json["data"]
    assert [chunk["heading"] for chunk in chunks] == [["Ports"], ["Backups"]]
    assert (await house.admin.get(f"/v1/memory/chunks/{chunks[0]['id']}")).json["text"] == "Plex answers at 32400"

    assert (await house.admin.delete(f"{BASE}/{source['id']}")).status == 200
    assert await search(house.admin, "when do backups run") == []
    for path in (
        f"{BASE}/{source['id']}",
        f"/v1/memory/documents/{document['id']}",
        f"/v1/memory/chunks/{best['chunk_id']}",
    ):
        assert (await house.admin.get(path)).status == 404
    assert left(house.settings.home) == dict.fromkeys(TABLES, 0)
    assert not original.parent.exists()
    assert not any((house.settings.home / "memory" / "sources" / "incoming").iterdir())
    await check_forms(house)


async def test_strangers_see_and_change_nothing(house: House, tmp_path: Path) -> None:
    source = await add(house.admin, text="The alarm code is 4711.")
    [hit] = await search(house.admin, "alarm code")
    rights = ["memory:read", "memory:write", "jobs:read"]
    ben = await house.member("ben", rights)
    for method, path in (
        ("GET", f"{BASE}/{source['id']}"), ("DELETE", f"{BASE}/{source['id']}"),
        ("POST", f"{BASE}/{source['id']}/ingest"),
        ("PATCH", f"{BASE}/{source['id']}"), ("GET", f"{BASE}/{source['id']}/documents"),
        ("GET", f"{BASE}/{source['id']}/original"), ("GET", f"/v1/memory/documents/{hit['document_id']}"),
        ("GET", f"/v1/memory/documents/{hit['document_id']}/chunks"), ("GET", f"/v1/memory/chunks/{hit['chunk_id']}"),
    ):  # fmt: skip
        answer = await ben.call(method, path, {} if method in ("POST", "PATCH") else None)
        assert answer.status == 404, (method, path, answer.text)
    assert (await ben.get(BASE)).json["data"] == []
    assert await search(ben, "alarm code") == []
    assert (await ben.post(f"{BASE}/search", {"query": "alarm", "source_ids": [source["id"]]})).status == 404
    jobs = (await ben.get("/api/jobs")).json
    assert not any(job["kind"] == "memory.ingest" for job in jobs)
    (tmp_path / "notes").mkdir()
    for body in ({"path": str(tmp_path / "notes")}, {"url": "http://127.0.0.1/", "allow_private": True}):
        assert (await ben.post(BASE, body)).status == 403
    shared = await add(house.admin, text="The pool is warm.", workspace_id="@house")
    assert [one["text"] for one in await search(ben, "pool")] == ["The pool is warm."]
    assert (await ben.get(BASE)).json["data"][0]["id"] == shared["id"]
    reader = await house.member("eve", ["memory:read"])
    assert (await upload(reader, "a.md", b"x")).status == 403
    assert (await reader.delete(f"{BASE}/{shared['id']}")).status == 403
    assert (await upload(house.nobody, "a.md", b"x")).status == 401
