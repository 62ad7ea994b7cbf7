"""What an app leaves behind in its own folder must not give it the machine at its next start."""

from pathlib import Path

import pytest

from tests.home.apps.shop import Apps

pytestmark = [pytest.mark.docker, pytest.mark.timeout(90)]
PIN = "tulips-4711-pin"


async def test_an_app_that_plants_links_is_not_started_again(apps: Apps, tmp_path: Path) -> None:
    done = await apps.install(env={"PIN": PIN})
    assert done["state"] == "done", done
    assert (await apps.ended(await apps.person.post("/api/apps/shop/stop")))["state"] == "done"
    state, outside = apps.data() / "state", tmp_path / "outside"
    state.rename(outside)
    state.symlink_to(outside)
    before = (outside / "starts").read_text()
    for path in ("start", "restart", "update"):
        failed = await apps.ended(await apps.person.post(f"/api/apps/shop/{path}"))
        assert (failed["state"], "leads out" in failed["reason"]) == ("failed", True), failed
    assert (outside / "starts").read_text() == before
    done = await apps.ended(await apps.person.delete("/api/apps/shop?keepData=false"))
    assert done["state"] == "done", done
    assert (outside / "starts").read_text() == before
    kept = b"".join(path.read_bytes() for path in apps.home.glob("talome.db*"))
    assert PIN.encode() not in kept
