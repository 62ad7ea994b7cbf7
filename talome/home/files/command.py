"""`talome files upload` and `talome files download`: whole files between this machine and a running server."""

import os
import stat
import sys
from base64 import b64encode
from collections.abc import Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import unquote

from talome.core.cli.client import Request, Server
from talome.core.cli.exits import FAILED, OK, UNREACHABLE, BadUsage, CommandFailed
from talome.core.cli.login import find_server
from talome.core.cli.parser import Parser
from talome.core.cli.render import Output
from talome.core.settings.boot import read_client_settings

_PIECE_BYTES: Final = 1024 * 1024
_TUS: Final = {"Tus-Resumable": "1.0.0"}
_CHOICES: Final = ("fail", "keep_both", "replace")


def upload_command(arguments: Sequence[str], output: Output) -> int:
    """Files from here into a folder there; what was begun before and broke off is not sent again."""
    parser = Parser(prog="talome files upload", description="Upload files into a folder such as /shared/films.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--on-conflict", choices=_CHOICES, default="fail", help="what becomes of a name that is taken")
    parser.add_argument("--url", default=None, help="the server, such as http://box.local:4000")
    given = parser.parse_args(arguments)
    server = find_server(read_client_settings(), given.url)
    for path in given.files:
        try:
            with path.open("rb") as file:
                known = os.fstat(file.fileno())
                if not stat.S_ISREG(known.st_mode):
                    raise BadUsage(f"“{path}” is no ordinary file.")
                output.line(_upload(server, file, path.name, given.folder, given.on_conflict))
        except OSError as error:
            raise CommandFailed(f"“{path}” cannot be read: {error.strerror}.", FAILED) from None
    return OK


def _upload(server: Server, file: BinaryIO, name: str, folder: str, on_conflict: str) -> str:
    """Returns where it lies now."""
    known = os.fstat(file.fileno())
    place, offset = _unfinished(server, f"{folder.rstrip('/')}/{name}", known.st_size), 0
    if place is None:
        said = {"folder": folder, "filename": name, "onConflict": on_conflict}
        said["modifiedAt"] = str(known.st_mtime_ns // 10**6)
        metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items())
        headers = {**_TUS, "Upload-Length": str(known.st_size), "Upload-Metadata": metadata}
        with server.exchange(Request("POST", "/api/files/uploads", headers=headers)) as answer:
            if (done := answer.headers.get("X-Talome-Path")) is not None:
                return unquote(done)
            place = str(answer.headers["Location"])
    else:
        with server.exchange(Request("HEAD", place, headers=_TUS)) as answer:
            offset = int(answer.headers["Upload-Offset"])
    file.seek(offset)
    headers = {
        **_TUS,
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(known.st_size - offset),
    }
    with server.exchange(Request("PATCH", place, body=file, headers=headers)) as answer:
        return unquote(answer.headers.get("X-Talome-Path", ""))


def _unfinished(server: Server, path: str, size: int) -> str | None:
    found: list[dict[str, Any]] = server.ask(Request("GET", "/api/files/uploads"))
    return next((item["url"] for item in found if item["path"] == path and item["sizeBytes"] == size), None)


def download_command(arguments: Sequence[str], output: Output) -> int:
    """A file from there to here, a folder as a ZIP; “-” writes to standard output."""
    parser = Parser(prog="talome files download", description="Download a file; a folder comes as a ZIP.")
    parser.add_argument("path", metavar="PATH", help="such as /shared/films/film.mkv")
    parser.add_argument("target", nargs="?", metavar="FILE", help="where to; “-” is standard output")
    parser.add_argument("--url", default=None, help="the server, such as http://box.local:4000")
    given = parser.parse_args(arguments)
    server = find_server(read_client_settings(), given.url)
    with server.exchange(Request("GET", "/api/files/download", query=(("path", given.path),))) as answer:
        if given.target == "-":
            _copy(answer, sys.stdout.buffer)
            return OK
        name = given.path.rstrip("/").rpartition("/")[2]
        zipped = answer.headers.get_content_type() == "application/zip" and not name.endswith(".zip")
        target = Path(given.target or (f"{name}.zip" if zipped else name))
        part = target.with_name(f".{target.name}.part")
        try:
            with part.open("xb") as file:
                _copy(answer, file)
            os.link(part, target)  # refuses to write over what is there
        except OSError as error:
            raise CommandFailed(f"“{target}” cannot be written: {error.strerror}.", FAILED) from None
        finally:
            part.unlink(missing_ok=True)
    output.line(str(target))
    return OK


def _copy(answer: HTTPResponse, target: BinaryIO) -> None:
    try:
        while piece := answer.read(_PIECE_BYTES):
            target.write(piece)
    except HTTPException:
        raise CommandFailed("The connection broke off, so nothing was kept.", UNREACHABLE) from None
