"""Runs every check and tells what it found; the exit code is 1 where there is a problem."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

from talome.core.cli.exits import FAILED, OK
from talome.core.cli.parser import Parser
from talome.core.cli.render import Output
from talome.core.cli.text import harmless
from talome.core.settings.boot import BootSettings, read_boot_settings
from talome.doctor.data import check_folder, check_secret, check_space
from talome.doctor.engines import check_compose, check_docker, check_ffmpeg
from talome.doctor.findings import Finding
from talome.doctor.machine import check_cgroups, check_clock, check_python, check_server_port, check_terminal_port

Check = Callable[[BootSettings], Finding]
CHECKS: Final[tuple[Check, ...]] = (
    check_python,
    check_clock,
    check_docker,
    check_compose,
    check_cgroups,
    check_folder,
    check_secret,
    check_space,
    check_server_port,
    check_terminal_port,
    check_ffmpeg,
)
_COLOURS: Final = {"ok": "32", "warning": "33", "problem": "31"}


def doctor_command(arguments: Sequence[str], output: Output, checks: Sequence[Check] = CHECKS) -> int:
    Parser(prog="talome doctor", description="Check whether this machine has what Talome needs.").parse_args(arguments)
    settings = read_boot_settings()
    findings = [check(settings) for check in checks]
    failed = any(finding.state == "problem" for finding in findings)
    if output.as_json:
        output.json({"ok": not failed, "checks": [asdict(finding) for finding in findings]})
    else:
        _print(findings, output)
    return FAILED if failed else OK


def _print(findings: Sequence[Finding], output: Output) -> None:
    longest = max(len(finding.title) for finding in findings)
    for finding in findings:
        state = finding.state.ljust(7)
        if output.colours:
            state = f"\x1b[{_COLOURS[finding.state]}m{state}\x1b[0m"
        output.line(f"{state}  {finding.title.ljust(longest)}  {harmless(finding.detail)}")
        if finding.action is not None:
            output.line(f"{' ' * (11 + longest)}{harmless(finding.action)}")
    problems = sum(finding.state == "problem" for finding in findings)
    output.line()
    output.line(_verdict(problems))


def _verdict(problems: int) -> str:
    if problems == 0:
        return "Nothing stands in Talome's way."
    return f"{problems} problem{'s' if problems > 1 else ''} to solve before Talome can run well."
