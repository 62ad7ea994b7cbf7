"""`talome files upload` and `download`, in processes of their own against a running server."""

import asyncio
import os
import sys
from pathlib import Path

from tests.home.files.rooms import Rooms
from tests.home.files.test_uploads import begin, send


async def talome(rooms: Rooms, *arguments: str, folder: Path) -> tuple[int, str]:
    environment = {**os.environ, "TALOME_URL": rooms.base, "TALOME_TOKEN": "ben", "PYTHONPATH": os.getcwd()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "talome", *arguments,
        env=environment, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_up_and_down(rooms: Rooms, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "film.mkv").write_bytes(b"0123456789")
    ben = rooms.client("ben")
    url = (await begin(ben, 10)).headers["Location"]
    await send(ben, url, 0, b"0123")  # what broke off before is gone on with
    assert await talome(rooms, "files", "upload", "film.mkv", "/pool", folder=here) == (0, "/pool/film.mkv\n")
    assert (rooms.pool / "film.mkv").read_bytes() == b"0123456789"
    code, said = await talome(rooms, "files", "upload", "film.mkv", "/pool", folder=here)
    assert (code != 0, "there already" in said) == (True, True)
    code, said = await talome(rooms, "files", "download", "/pool/film.mkv", folder=here)
    assert (code != 0, "cannot be written" in said) == (True, True)
    (here / "film.mkv").unlink()
    assert await talome(rooms, "files", "download", "/pool/film.mkv", folder=here) == (0, "film.mkv\n")
    assert (here / "film.mkv").read_bytes() == b"0123456789"
    assert os.listdir(here) == ["film.mkv"]
    assert await talome(rooms, "files", "download", "/pool/film.mkv", "-", folder=here) == (0, "0123456789")
