#!/usr/bin/env python3
"""Pictures of every page, from a real server with a real Docker Engine and a household's containers.

    sudo scripts/screenshots.py [--to docs/screenshots] [--all-forms] [page ...]

One desktop picture of each page in the light scheme and one telephone picture in the dark one; `--all-forms` makes all
four of each. Needs the development packages, Docker and Chromium, as scripts/test does.
"""

import argparse
import asyncio
import io
import math
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)
PAGES = {
    "home": "/",
    "store": "/store",
    "app-in-store": "/store/talome:jellyfin",
    "containers": "/containers",
    "container": "/containers/jellyfin",
    "logs": "/containers/jellyfin/logs",
    "system": "/system",
    "history": "/system/history",
    "cleanup": "/system/cleanup",
    "people": "/people",
    "audit": "/audit",
    "settings": "/settings",
    "account": "/account",
    "notifications": "/notifications",
}
APPS = {
    "jellyfin": 8096,
    "immich": 2283,
    "vaultwarden": 8222,
    "paperless": 8010,
    "home-assistant": 8123,
    "adguard": 3001,
}
CHATTER = """n=0
while true; do
  n=$((n+1))
  echo "[INF] Playback of episode $n started for ada"
  [ $((n % 5)) -ne 0 ] || echo "[WRN] Transcoding falls behind: 0.9x" >&2
  [ $((n % 17)) -ne 0 ] || echo "[ERR] Could not read /media/films/$n.mkv: no such file or directory" >&2
  sleep 0.4
done"""


def day_of(level: float, swing: float, seed: int) -> Iterator[tuple[int, float]]:
    """A day of readings, one each fifteen seconds, in percent: a slow wave, noise, and now and then a burst."""
    noise = random.Random(seed)
    end = int(time.time()) // 15 * 15
    burst = 0.0
    for at in range(end - 86_400, end, 15):
        burst = max(0.0, burst * 0.97 + (noise.random() > 0.997) * swing * 3)
        yield at, max(0.2, level + swing * math.sin(at / 9_000 + seed) + burst + noise.random() * swing / 2)


async def give_a_past(home: Path) -> None:
    """A day of history, which a server that has just been installed does not have."""
    from talome.app import METRICS_MIGRATED
    from talome.core.db import Database
    from talome.core.events import Events
    from talome.core.migrations import find_migrations
    from talome.home.metrics.store import MetricsStore, SampleRow
    from tests.support.house import boot_settings

    db = Database(boot_settings(home).metrics_database, Events(), durable=False, readers=1)
    await db.open(find_migrations(*METRICS_MIGRATED))
    store = MetricsStore(db)
    for number, name in enumerate(("host", *(f"container:{app}" for app in APPS))):
        series = (await store.add_series([name], int(time.time())))[name]
        cpu = list(day_of(14 if number == 0 else 2 + number, 4, number))
        memory = [each for _, each in day_of(48 if number == 0 else 4, 2, number + 20)]
        await store.add(
            [
                SampleRow(
                    at=at,
                    series=series,
                    cpu=round(share * 100),
                    memory=round(used * 100),
                    memory_kib=round(used * 80_000),
                    disk=6_230 if number == 0 else None,
                    rx=round(share * 21_000),
                    tx=round(share * 6_000),
                )
                for (at, share), used in zip(cpu, memory, strict=True)
            ]
        )
    await store.roll_up(int(time.time()))
    await db.close()


async def take(folder: Path, daemon, wanted: dict[str, str], *, all_forms: bool) -> None:
    from tests.support.browser import DESKTOP, PHONE, open_browser, sign_in_browser
    from tests.support.house import open_house

    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        await give_a_past(home)
        async with open_house(home, None, docker_host=daemon.host) as house, open_browser() as browser:
            await house.member("ben", ["containers:read", "system:read"])
            await house.member("mia")
            await house.admin.post("/api/containers/paperless/stop", {"timeoutS": 0})
            state = await sign_in_browser(house)
            for size, viewport, schemes in (
                ("desktop", DESKTOP, ("light", "dark") if all_forms else ("light",)),
                ("phone", PHONE, ("light", "dark") if all_forms else ("dark",)),
            ):
                for scheme in schemes:
                    context = await browser.new_context(
                        base_url=house.base, storage_state=state, viewport=viewport, color_scheme=scheme
                    )
                    page = await context.new_page()
                    for name, path in wanted.items():
                        await page.goto(path, wait_until="networkidle")
                        await page.wait_for_timeout(4000 if name in ("home", "container", "system") else 1500)
                        save(await page.screenshot(), folder / f"{name}-{size}-{scheme}.png")
                    await context.close()


def save(picture: bytes, to: Path) -> None:
    """With 256 colours: a quarter of the size, and no difference to the eye."""
    from PIL import Image

    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(to, optimize=True)
    print(to)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", nargs="*", choices=[[], *PAGES], default=[])
    parser.add_argument("--to", type=Path, default=ROOT / "docs/screenshots")
    parser.add_argument("--all-forms", action="store_true")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    from tests.support.namespaces import enter_namespaces

    enter_namespaces()
    from tests.support.docker_engine import EngineDaemon

    with tempfile.TemporaryDirectory(prefix="tls", dir="/tmp") as folder:
        daemon = EngineDaemon(Path(folder))
        daemon.start()
        try:
            daemon.load_image()
            for name, port in APPS.items():
                command = ["sh", "-c", CHATTER if name == "jellyfin" else "while true; do date; sleep 5; done"]
                daemon.run(command, name=name, ports=[80], host={"port_bindings": {80: port}})
            wanted = {name: PAGES[name] for name in given.page} or PAGES
            asyncio.run(take(given.to, daemon, wanted, all_forms=given.all_forms))
        finally:
            daemon.clean()
            daemon.destroy()


main()
