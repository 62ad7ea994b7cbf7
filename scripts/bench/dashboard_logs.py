"""The part `logs` of dashboard.py: a log through a real server into headless Chromium.

Time from the click until the newest line is drawn and until all are there, frames while scrolling, and the heap after
a collection. Beside it a plain list of the same lines: fetched as JSON, parsed, drawn as rows of text, nothing else.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page

from talome.engines.docker.models import LogLine
from tests.fakes.docker import FakeEngine
from tests.support.browser import open_browser, open_page
from tests.support.house import open_house

TEXTS = (
    "\x1b[32mINFO\x1b[0m GET /library/items?page={} 200 in 14 ms, 48 items for ada from 192.168.1.20",
    "\x1b[33mWARN\x1b[0m slow query \x1b[1mSELECT * FROM assets WHERE owner = {}\x1b[0m took 1.4 s",
    "\x1b[31;1mERROR\x1b[0m could not open /media/films/{}.mkv: no such file or directory",
    "[DEBUG] worker {} is idle, queue is empty, next look in 30 s",
)
SCROLLS = {"by wheel": 120, "by flinging": 6000}
FRAMES = 240

# Steps of `pixels` a frame from the end upwards; how long each frame took, in ms.
SCROLL = """async ([selector, pixels, frames]) => {
  const box = document.querySelector(selector);
  box.scrollTop = box.scrollHeight;
  await new Promise(requestAnimationFrame);
  const took = [];
  let before = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n += 1) {
    box.scrollTop -= pixels;
    const now = await new Promise(requestAnimationFrame);
    took.push(now - before);
    before = now;
  }
  return took;
}"""
OPEN = """async ([newest, all]) => {
  const drawn = async (text) => {
    while (!document.body.textContent.includes(text)) await new Promise(requestAnimationFrame);
    return performance.now();
  };
  const tab = [...document.querySelectorAll('[role=tab]')].find((each) => each.textContent === 'Logs');
  const start = performance.now();
  tab.click();
  const first = await drawn(newest);
  return [first - start, await drawn(all) - start];
}"""
PLAIN = """<!doctype html><style>
#box { height: 700px; overflow: auto; font: 13px/20px monospace; white-space: pre; position: relative }
#box > div { position: relative } #box div div { position: absolute; height: 20px }
</style><div id=box><div></div></div><script>
const box = document.getElementById("box"), canvas = box.firstChild;
const pool = Array.from({ length: 60 }, () => canvas.appendChild(document.createElement("div")));
function draw() {
  const first = Math.floor(box.scrollTop / 20);
  pool.forEach((row, n) => {
    row.style.top = (first + n) * 20 + "px";
    row.textContent = lines[first + n]?.text ?? "";
  });
}
async function open() {
  const start = performance.now();
  window.lines = await (await fetch("/lines")).json();
  canvas.style.height = lines.length * 20 + "px";
  box.scrollTop = box.scrollHeight;
  draw();
  box.onscroll = draw;
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}
</script>"""


async def heap_mb(page: Page) -> float:
    """What is in use after a collection."""
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.enable")
    await session.send("HeapProfiler.collectGarbage")
    used: dict[str, Any] = await session.send("Runtime.getHeapUsage")
    return float(used["usedSize"]) / 1e6


async def frames(page: Page, selector: str) -> dict[str, list[float]]:
    return {name: await page.evaluate(SCROLL, [selector, step, FRAMES]) for name, step in SCROLLS.items()}


def told(took: list[float]) -> str:
    ordered = sorted(took)
    late, lost = sum(each > 17.5 for each in took), sum(each > 34 for each in took)
    return (
        f"{1000 * len(took) / sum(took):5.1f} a second, 99 % within {ordered[int(len(took) * 0.99) - 1]:5.1f} ms, "
        f"{late} over 16.7, {lost} over 33"
    )


def lines_of(count: int) -> list[LogLine]:
    start_ns = 1_795_000_000 * 10**9
    return [
        LogLine(
            start_ns + number * 1_000_000,
            "stderr" if number % 4 == 2 else "stdout",
            TEXTS[number % 4].format(number) + f" #{number}",
        )
        for number in range(count)
    ]


async def plain_list(browser: Browser, lines: list[LogLine]) -> None:
    body = json.dumps([{"at": line.at_ns, "stream": line.stream, "text": line.text} for line in lines])
    app = web.Application()

    async def page_of(_: web.Request) -> web.Response:
        return web.Response(text=PLAIN, content_type="text/html")

    async def lines_json(_: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    app.router.add_get("/", page_of)
    app.router.add_get("/lines", lines_json)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        opened = await page.evaluate("open()")
        scrolled = await frames(page, "#box")
        print(f"plain list     all lines drawn  {opened:6.0f} ms   heap {await heap_mb(page):6.1f} MB")
        for name, took in scrolled.items():
            print(f"               {name:12} {told(took)}")
        await page.close()
    finally:
        await runner.cleanup()


async def log_viewer(browser: Browser, lines: list[LogLine]) -> None:
    fake = FakeEngine()
    box = fake.add_container("web")
    box.lines = lines
    newest, everything = f"#{len(lines) - 1}", f"{len(lines):,} lines"
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder), fake, log_level="warning") as house, open_page(browser, house) as page:
            settings = json.dumps({"tail": len(lines)})
            await page.add_init_script(f"localStorage.setItem('talome.logs', {json.dumps(settings)})")
            await page.goto("/containers/web/logs")
            await page.get_by_role("log").wait_for()  # once before, so that the parts are in the browser's cache
            await page.goto("/containers/web")
            await page.get_by_role("tab", name="Logs").wait_for()
            await page.wait_for_load_state("networkidle")
            before = await heap_mb(page)
            first, whole = await page.evaluate(OPEN, [newest, everything])
            heap = await heap_mb(page)
            scrolled = await frames(page, "[role=log]")
            print(f"log viewer     newest drawn     {first:6.0f} ms   (budget 300)")
            print(f"               all lines there  {whole:6.0f} ms   heap {heap:6.1f} MB (budget 150)")
            print(f"               before it was opened        heap {before:6.1f} MB")
            for name, took in scrolled.items():
                print(f"               {name:12} {told(took)}")


async def logs(count: int) -> None:
    lines = lines_of(count)
    async with open_browser() as browser:
        await plain_list(browser, lines)
        await log_viewer(browser, lines)
