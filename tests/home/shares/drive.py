"""A WebDAV client for the tests, and programs that are clients too."""

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import aiohttp
import pytest

from tests.support.house import Answer, House

D = "{DAV:}"


@dataclass
class Drive:
    """`folder` is the root's folder on the disk; paths are below the root."""

    house: House
    username: str
    password: str
    folder: Path

    @property
    def url(self) -> str:
        return f"{self.house.base}/dav/shared"

    @property
    def basic(self) -> str:
        return aiohttp.encode_basic_auth(self.username, self.password)

    def at(self, path: str) -> str:
        return f"{self.url}/{quote(path)}"

    async def call(
        self, method: str, path: str = "", body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = self.house.nobody.http.request(
            method,
            self.at(path),
            data=body,
            headers={"Authorization": self.basic, **(headers or {})},
            allow_redirects=False,
        )
        async with request as response:
            return Answer(response.status, response.headers.copy(), await response.text(errors="replace"))

    async def listed(self, path: str = "", depth: str = "1", body: str | None = None) -> dict[str, Any]:
        """By href, the elements of the properties that were found."""
        answer = await self.call("PROPFIND", path, body, {"Depth": depth})
        assert answer.status == 207, answer.text
        return properties(answer.text)


def properties(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for response in ET.fromstring(text):
        href = response.findtext(f"{D}href") or ""
        found[href] = {}
        for part in response.findall(f"{D}propstat"):
            if " 200 " in (part.findtext(f"{D}status") or ""):
                found[href] |= {one.tag: one for one in part.find(f"{D}prop") or ()}
    return found


async def run(
    *argv: str, given: bytes = b"", environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[int, str]:
    """A program with what it said; the test is skipped where it is not installed."""
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is not installed here")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=folder, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", **(environment or {})},
    )  # fmt: skip
    out, _ = await process.communicate(given)
    return process.returncode or 0, out.decode(errors="replace")
