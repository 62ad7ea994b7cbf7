"""The parts `load` and `live` of dashboard.py: the first load and a change of page, and Home while it is open.

Load: requests before the first paint, first and largest paint with an empty cache and with a filled one, then the time
from a click in the menu to the heading of the page. Beside it a page of one sentence from a bare aiohttp server.
Live: processor time of the tab and its heap while Home shows figures that move, beside an empty page that receives the
same frames over a WebSocket and parses them.
"""

import asyncio
import json
import random
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from tests.fakes.docker import FakeEngine
from tests.support.browser import DESKTOP, open_browser, sign_in_browser
from tests.support.house import House, open_house

PAINTS = """async () => {
  const largest = await new Promise((done) => {
    new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
      .observe({ type: 'largest-contentful-paint', buffered: true });
  });
  const first = performance.getEntriesByName('first-contentful-paint')[0].startTime;
  // A file that was fetched ahead has a second entry for its use, without a request.
  const before = performance.getEntriesByType('resource').filter((each) => each.startTime < first);
  return [first, largest, new Set(before.map((each) => each.name)).size + 1];
}"""
CHANGE = """async ([link, heading]) => {
  const start = performance.now();
  [...document.querySelectorAll('nav a')].find((each) => each.textContent.trim() === link).click();
  while (document.querySelector('main h1')?.textContent !== heading) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""
BARE = "<!doctype html><title>bare</title><h1>One sentence, and nothing else.</h1>"
FOLLOW = """([address, protocols]) => {
  window.seen = 0;
  const socket = new WebSocket(address, protocols);
  socket.onopen = () => ['system.stream', 'containers.stream', 'jobs.stream'].forEach((subscribe) =>
    socket.send(JSON.stringify({ id: subscribe, subscribe, arguments: {} })));
  socket.onmessage = ({ data }) => { window.seen += Object.keys(JSON.parse(data)).length; };
}"""
APPS = ("jellyfin", "immich", "vaultwarden", "paperless", "adguard", "home-assistant")


def furnished(count: int = 20) -> FakeEngine:
    fake = FakeEngine()
    for number in range(count):
        fake.add_container(f"{APPS[number % len(APPS)]}-{number}" if number >= len(APPS) else APPS[number])
    return fake


@asynccontextmanager
async def bare_server() -> AsyncIterator[str]:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text=BARE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def paints(context: BrowserContext, address: str) -> list[float]:
    """First paint and largest paint in ms, and the requests before the first."""
    page = await context.new_page()
    await page.goto(address, wait_until="networkidle")
    found: list[float] = await page.evaluate(PAINTS)
    await page.close()
    return found


def print_paints(name: str, rounds: list[list[float]], note: str = "") -> float:
    first, largest, requests = (statistics.median(each) for each in zip(*rounds, strict=True))
    print(f"{name:24} first paint {first:6.0f} ms   largest {largest:6.0f} ms   {requests:3.0f} requests before{note}")
    return largest


async def load(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_house(Path(folder), furnished(), log_level="warning") as house,
            open_browser() as browser,
            bare_server() as bare,
        ):
            state = await sign_in_browser(house)
            cold, warm, plain = [], [], []
            for _ in range(rounds):
                context = await browser.new_context(storage_state=state, viewport=DESKTOP)
                cold.append(await paints(context, house.base))
                warm.append(await paints(context, house.base))
                plain.append(await paints(context, bare))
                await context.close()
            sentence = print_paints("one sentence, bare", plain)
            largest = print_paints("Home, empty cache", cold, "  (budget 1000 ms, 10)")
            print_paints("Home, filled cache", warm, "  (budget 600 ms)")
            print(f"{'Home against the bare':24} {largest / sentence:.1f} times")
            await change(browser, house, rounds)


async def change(browser: Browser, house: House, rounds: int) -> None:
    context = await browser.new_context(storage_state=await sign_in_browser(house), viewport=DESKTOP)
    page = await context.new_page()
    await page.goto(house.base, wait_until="networkidle")
    for target in ("Containers", "System", "Settings"):
        taken = []
        for _ in range(rounds + 1):
            taken.append(await page.evaluate(CHANGE, [target, target]))
            await page.get_by_role("link", name="Home", exact=True).first.click()
            await page.wait_for_url(house.base + "/")
        again = statistics.median(taken[1:])
        print(f"{'to ' + target:24} {taken[0]:6.0f} ms at first, then {again:6.0f} ms  (budget 100)")
    await context.close()


async def busy_s(session: CDPSession) -> float:
    metrics = {each["name"]: each["value"] for each in (await session.send("Performance.getMetrics"))["metrics"]}
    return float(metrics["TaskDuration"])


async def heap_mb(session: CDPSession) -> float:
    await session.send("HeapProfiler.collectGarbage")
    return float((await session.send("Runtime.getHeapUsage"))["usedSize"]) / 1e6


async def watched(page: Page, seconds: float, steps: int) -> tuple[float, list[float]]:
    """Percent of a core over the time, and the heap at its beginning, at each step and at its end."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    await session.send("HeapProfiler.enable")
    heap = [await heap_mb(session)]
    busy = 0.0
    for _ in range(steps):
        before = await busy_s(session)
        await asyncio.sleep(seconds / steps)
        busy += await busy_s(session) - before
        heap.append(await heap_mb(session))
    return busy / seconds * 100, heap


async def move(fake: FakeEngine, every_s: float) -> None:
    """Containers that come to life and rest again, so that there is something to draw."""
    names = list(APPS)
    while True:
        await asyncio.sleep(every_s)
        name = random.choice(names)
        container = await fake.containers.inspect(name)
        await (fake.containers.stop(name, timeout_s=0) if container.state == "running" else fake.containers.start(name))


async def live(minutes: float) -> None:
    fake = furnished()
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder), fake, log_level="warning") as house, open_browser() as browser:
            state = await sign_in_browser(house)
            proof = json.loads(json.dumps(state))["origins"][0]["localStorage"][0]["value"]
            moving = asyncio.create_task(move(fake, 5))
            context = await browser.new_context(storage_state=state, viewport=DESKTOP)
            empty = await context.new_page()
            await empty.goto(house.base + "/robots.txt")
            address = house.base.replace("http", "ws") + "/api/ws"
            await empty.evaluate(FOLLOW, [address, ["talome", f"talome.proof.{proof}"]])
            bare, _ = await watched(empty, min(60.0, minutes * 60), 1)
            await empty.close()
            page = await context.new_page()
            await page.goto(house.base, wait_until="load")
            await asyncio.sleep(5)
            share, heap = await watched(page, minutes * 60, max(1, round(minutes)))
            moving.cancel()
            print(f"empty page, same frames  {bare:5.2f} % of a core")
            print(f"Home, live               {share:5.2f} % of a core (budget 5), {share / bare:.1f} times")
            print(f"heap over {minutes:g} minutes     {' '.join(f'{each:.1f}' for each in heap)} MB")
