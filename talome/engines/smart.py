"""What drives say of their own health, by smartmontools' `smartctl --json`. Sleeping drives are not woken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import orjson

from talome.core.errors import TalomeError
from talome.engines.programs import Missing, Programs

Health = Literal["passed", "warning", "failing", "unavailable"]
_TIMEOUT_S: Final = 30.0
_REALLOCATED, _PENDING, _WRITTEN = 5, 197, 241
_LBA_BYTES: Final = 512
_NVME_UNIT_BYTES: Final = 512_000
_WORN_PERCENT: Final = 90
# Bits of smartctl's exit status: 3 the disk is failing, 4 prefail attributes at or below threshold now.
_FAILING_BIT: Final = 0b1000
_PREFAIL_BIT: Final = 0b10000
_ASLEEP: Final = ("STANDBY", "SLEEP")


@dataclass(frozen=True, slots=True)
class SmartReading:
    """One drive; what it does not tell is None. `reason` says in words why nothing is known, or what is wrong."""

    health: Health
    reason: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    temperature_celsius: int | None = None
    power_on_hours: int | None = None
    power_cycles: int | None = None
    wear_percent: int | None = None
    reallocated_sectors: int | None = None
    pending_sectors: int | None = None
    media_errors: int | None = None
    written_bytes: int | None = None
    last_test: str | None = None


async def read_smart(programs: Programs, path: str, kind: str | None = None) -> SmartReading:
    """Ask one drive. Never raises for a drive that has nothing to say: that is an answer."""
    typed = ["--device", kind] if kind else []
    try:
        ran = await programs.run(
            ["smartctl", "--json", "--all", "--nocheck=standby", *typed, "--", path], timeout_s=_TIMEOUT_S
        )
    except Missing:
        return SmartReading("unavailable", "smartctl is not installed. Install it: apt install smartmontools.")
    except TalomeError as error:
        return SmartReading("unavailable", error.message)
    try:
        found = orjson.loads(ran.out)
    except orjson.JSONDecodeError:
        return SmartReading("unavailable", f"smartctl does not answer in JSON. {ran.last_words}".strip())
    return understand(found) if isinstance(found, dict) else SmartReading("unavailable", "smartctl says nothing.")


async def drive_types(programs: Programs) -> dict[str, str]:
    """By path, the type that smartctl would ask the drive by; empty where it is not installed or finds none."""
    try:
        ran = await programs.run(["smartctl", "--json", "--scan"], timeout_s=_TIMEOUT_S)
        devices = orjson.loads(ran.out).get("devices") or []
        return {str(one["name"]): str(one["type"]) for one in devices if "name" in one and "type" in one}
    except (TalomeError, orjson.JSONDecodeError, AttributeError, TypeError):
        return {}


def understand(found: Mapping[str, Any]) -> SmartReading:
    """smartctl's JSON in our words."""
    passed = _at(found, "smart_status", "passed")
    status = _at(found, "smartctl", "exit_status") or 0
    if not isinstance(passed, bool):
        return SmartReading("unavailable", _why(found), model=_name(found), serial=_text(found.get("serial_number")))
    nvme = found.get("nvme_smart_health_information_log") or {}
    raw = dict(_attributes(found))
    read = SmartReading(
        health="passed",
        model=_name(found),
        serial=_text(found.get("serial_number")),
        firmware=_text(found.get("firmware_version")),
        temperature_celsius=_number(_at(found, "temperature", "current")),
        power_on_hours=_number(_at(found, "power_on_time", "hours")),
        power_cycles=_number(found.get("power_cycle_count")),
        wear_percent=_number(nvme.get("percentage_used")),
        reallocated_sectors=raw.get(_REALLOCATED),
        pending_sectors=raw.get(_PENDING),
        media_errors=_number(nvme.get("media_errors")),
        written_bytes=_written(nvme, raw),
        last_test=_last_test(found),
    )
    health, reason = _judged(read, passed, int(status), nvme)
    return replace(read, health=health, reason=reason)


def _judged(read: SmartReading, passed: bool, status: int, nvme: Mapping[str, Any]) -> tuple[Health, str | None]:
    if not passed or status & _FAILING_BIT:
        return "failing", "The drive itself says that it is failing. Copy what is on it now, and replace it."
    if status & _PREFAIL_BIT or _number(nvme.get("critical_warning")):
        return "warning", "The drive reports that one of its limits is reached. Make sure that there is a backup."
    if read.pending_sectors:
        return "warning", f"{read.pending_sectors} sectors could not be read. Make sure that there is a backup."
    if read.media_errors:
        return "warning", f"{read.media_errors} errors of the medium so far. Make sure that there is a backup."
    if read.wear_percent is not None and read.wear_percent >= _WORN_PERCENT:
        return "warning", f"{read.wear_percent} % of the life that its maker planned is used up."
    if read.reallocated_sectors:
        return "warning", f"{read.reallocated_sectors} sectors were bad and have been replaced. Watch this number."
    return "passed", None


def _why(found: Mapping[str, Any]) -> str:
    messages = [str(one.get("string", "")) for one in _at(found, "smartctl", "messages") or () if isinstance(one, dict)]
    if any(word in text.upper() for text in messages for word in _ASLEEP):
        return "The drive is asleep, and was not woken to ask it."
    if messages:
        return f"smartctl cannot ask this drive: {messages[-1][:200]}."
    return "This drive does not tell of its health."


def _attributes(found: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    for one in _at(found, "ata_smart_attributes", "table") or ():
        value = _number(_at(one, "raw", "value")) if isinstance(one, dict) else None
        if value is not None and isinstance(one.get("id"), int):
            yield one["id"], value


def _written(nvme: Mapping[str, Any], raw: Mapping[int, int]) -> int | None:
    units = _number(nvme.get("data_units_written"))
    if units is not None:
        return units * _NVME_UNIT_BYTES
    return raw[_WRITTEN] * _LBA_BYTES if _WRITTEN in raw else None


def _last_test(found: Mapping[str, Any]) -> str | None:
    tests = _at(found, "ata_smart_self_test_log", "standard", "table") or ()
    for one in tests:
        return _text(_at(one, "status", "string"))
    nvme = _at(found, "nvme_self_test_log", "table") or ()
    for one in nvme:
        return _text(_at(one, "self_test_result", "string"))
    return None


def _name(found: Mapping[str, Any]) -> str | None:
    scsi = " ".join(str(found[key]) for key in ("scsi_vendor", "scsi_product") if found.get(key))
    return _text(found.get("model_name")) or _text(scsi)


def _at(found: object, *keys: str) -> Any:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    text = str(value).strip() if value is not None else ""
    return text[:120] or None
