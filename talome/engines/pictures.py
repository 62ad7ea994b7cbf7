"""Small pictures of pictures and films, made by ffmpeg in a process that may take little memory and time.

It gets the open file and nothing else: no path, no network, and no format that names further files.
"""

import asyncio
import os
import shutil
import sys
from typing import Final

from talome.core.errors import Unavailable
from talome.engines.child import start

_PICTURES: Final = (
    "image2,image2pipe,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,gif,gif_pipe,mov,mp4,m4a,3gp,3g2,mj2,apng"
)
_FILMS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,flv,ogg,asf"
_TIMEOUT_S: Final = 20.0
_MOST_BYTES: Final = 2 * 1024 * 1024
_LIMITS: Final = (
    "import os,resource as r,sys\n"
    "r.setrlimit(r.RLIMIT_AS,(1<<30,1<<30));r.setrlimit(r.RLIMIT_CPU,(15,15));r.setrlimit(r.RLIMIT_FSIZE,(0,0))\n"
    "os.nice(10);os.execv(sys.argv[1],sys.argv[1:])\n"
)
"""Set before ffmpeg runs; `preexec_fn` would not be safe in a process with threads."""


async def picture_of(descriptor: int, size: int, *, film: bool) -> bytes:
    """A JPEG that fits into a square of `size`; empty where none can be made of it. Raises `Unavailable` without
    ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise Unavailable("Thumbnails need ffmpeg: apt install ffmpeg.", code="no_ffmpeg")
    made = await _made(program, _arguments(descriptor, size, film=film, skip_s=3 if film else 0), descriptor)
    if not made and film:  # it may be shorter than what was skipped
        made = await _made(program, _arguments(descriptor, size, film=film, skip_s=0), descriptor)
    return made


async def _made(program: str, arguments: tuple[str, ...], descriptor: int) -> bytes:
    process = await start(
        sys.executable, "-S", "-c", _LIMITS, program, *arguments,
        stdout=asyncio.subprocess.PIPE, pass_fds=(descriptor,), env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            content = await _output(process)
            return content if await process.wait() == 0 else b""
    except TimeoutError:
        return b""
    finally:
        await process.end()


async def _output(process: asyncio.subprocess.Process) -> bytes:
    """Nothing where it says too much."""
    content = bytearray()
    while process.stdout is not None and (piece := await process.stdout.read(65_536)):
        content += piece
        if len(content) > _MOST_BYTES:
            process.kill()
            return b""
    return bytes(content)


def _arguments(descriptor: int, size: int, *, film: bool, skip_s: int) -> tuple[str, ...]:
    return (
        "-nostdin", "-hide_banner", "-loglevel", "quiet", "-threads", "1", "-protocol_whitelist", "file,pipe",
        "-format_whitelist", _FILMS if film else _PICTURES, "-ss", str(skip_s),
        "-i", f"file:/proc/self/fd/{descriptor}", "-an", "-sn", "-dn", "-map", "0:v:0", "-frames:v", "1",
        "-vf", f"scale='min({size},iw)':'min({size},ih)':force_original_aspect_ratio=decrease",
        "-q:v", "5", "-f", "mjpeg", "-pix_fmt", "yuvj420p", "pipe:1",
    )  # fmt: skip
