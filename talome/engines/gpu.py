"""Graphics cards: NVIDIA through nvidia-smi, AMD and Intel through sysfs. Finding none is an answer with a reason."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_QUERY = "index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw"
_MIB = 1024 * 1024
_AMD, _INTEL, _NVIDIA = "0x1002", "0x8086", "0x10de"


@dataclass(frozen=True, slots=True)
class Gpu:
    """One card; what its driver does not tell is None. `vendor` is nvidia, amd or intel."""

    index: int
    name: str
    vendor: str
    utilization_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_celsius: float | None = None
    power_w: float | None = None


@dataclass(frozen=True, slots=True)
class GpuReading:
    """`reason` is a sentence when there is no card to show, or when one is there that could not be read."""

    gpus: tuple[Gpu, ...]
    reason: str | None


class GpuProbe:
    """Reads all cards. Blocking (up to `timeout_s` when a driver hangs): call it from a worker thread."""

    def __init__(
        self, *, nvidia_smi: str = "nvidia-smi", drm: Path = Path("/sys/class/drm"), timeout_s: float = 3.0
    ) -> None:
        self._nvidia_smi = nvidia_smi
        self._drm = drm
        self._timeout_s = timeout_s

    def read(self) -> GpuReading:
        gpus, reason = self._nvidia()
        cards, nvidia_seen = self._sysfs(len(gpus))
        gpus.extend(cards)
        if gpus:
            return GpuReading(tuple(gpus), reason if nvidia_seen else None)
        if nvidia_seen:
            return GpuReading((), reason or "An NVIDIA card is present but its driver answered nothing.")
        return GpuReading((), "No GPU found.")

    def _nvidia(self) -> tuple[list[Gpu], str | None]:
        command = [self._nvidia_smi, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"]
        try:
            answer = subprocess.run(command, capture_output=True, timeout=self._timeout_s, check=False)
        except FileNotFoundError:
            return [], "An NVIDIA card is present but nvidia-smi is not installed."
        except subprocess.TimeoutExpired:
            return [], f"nvidia-smi did not answer within {self._timeout_s:g} s."
        except OSError as error:
            return [], f"nvidia-smi could not be run: {error.strerror}."
        text = answer.stdout.decode(errors="replace")
        if answer.returncode != 0:
            said = (text or answer.stderr.decode(errors="replace")).strip().splitlines()
            return [], f"nvidia-smi failed: {said[0] if said else f'exit code {answer.returncode}'}"
        return [gpu for line in text.splitlines() if (gpu := _parse_nvidia(line))], None

    def _sysfs(self, first_index: int) -> tuple[list[Gpu], bool]:
        """AMD and Intel cards, and whether an NVIDIA card is plugged in at all."""
        found: list[Gpu] = []
        nvidia_seen = False
        for card in sorted(self._drm.glob("card[0-9]*")):
            if "-" in card.name:  # card0-HDMI-A-1 is a connector
                continue
            device = card / "device"
            vendor = _read(device / "vendor")
            index = first_index + len(found)
            if vendor == _AMD:
                found.append(_read_amd(device, index))
            elif vendor == _INTEL:
                found.append(Gpu(index=index, name="Intel graphics", vendor="intel"))
            nvidia_seen = nvidia_seen or vendor == _NVIDIA
        return found, nvidia_seen


def _parse_nvidia(line: str) -> Gpu | None:
    fields = [field.strip() for field in line.split(",")]
    if len(fields) != 7 or not fields[0].isdigit():
        return None
    used, total = _number(fields[3]), _number(fields[4])
    return Gpu(
        index=int(fields[0]),
        name=fields[1],
        vendor="nvidia",
        utilization_percent=_number(fields[2]),
        memory_used_bytes=None if used is None else int(used * _MIB),
        memory_total_bytes=None if total is None else int(total * _MIB),
        temperature_celsius=_number(fields[5]),
        power_w=_number(fields[6]),
    )


def _read_amd(device: Path, index: int) -> Gpu:
    sensors = next(iter(sorted((device / "hwmon").glob("hwmon*"))), None)
    temperature = power = None
    if sensors is not None:
        temperature = _scaled(sensors / "temp1_input", 1000)
        power = _scaled(sensors / "power1_average", 1_000_000) or _scaled(sensors / "power1_input", 1_000_000)
    used, total = _scaled(device / "mem_info_vram_used"), _scaled(device / "mem_info_vram_total")
    return Gpu(
        index=index,
        name=_read(device / "product_name") or "AMD graphics",
        vendor="amd",
        utilization_percent=_scaled(device / "gpu_busy_percent"),
        memory_used_bytes=None if used is None else int(used),
        memory_total_bytes=None if total is None else int(total),
        temperature_celsius=temperature,
        power_w=power,
    )


def _number(text: str) -> float | None:
    """nvidia-smi writes [N/A] or [Not Supported] for what a card cannot say."""
    try:
        return float(text)
    except ValueError:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:  # some drivers answer EBUSY or EINVAL while the card sleeps
        return ""


def _scaled(path: Path, divisor: int = 1) -> float | None:
    value = _number(_read(path))
    return None if value is None else value / divisor
