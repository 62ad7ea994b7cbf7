"""Secrets that are typed or piped, never part of the command line, where every user of the machine can read them."""

import sys
from getpass import getpass
from typing import Final

from talome.core.cli.exits import BadUsage

FROM_STDIN: Final = "-"


def read_secret(label: str) -> str:
    """Ask on the terminal, without an echo."""
    if not sys.stdin.isatty():
        raise BadUsage(f"{label} is missing: there is no terminal to ask on, so pipe it to standard input.")
    return _filled(label, getpass(f"{label}: "))


def read_new_password(label: str = "New password") -> str:
    """Ask twice, so that a typing error does not lock anybody out."""
    first = read_secret(label)
    if read_secret(f"{label} again") != first:
        raise BadUsage("The two are not the same.")
    return first


def read_line(label: str) -> str:
    """Ask for something that is no secret."""
    if not sys.stdin.isatty():
        raise BadUsage(f"{label} is missing.")
    sys.stderr.write(f"{label}: ")
    sys.stderr.flush()
    return _filled(label, sys.stdin.readline().rstrip("\r\n"))


def read_stdin(label: str) -> str:
    """The first line of standard input."""
    return _filled(label, sys.stdin.readline().rstrip("\r\n"))


def _filled(label: str, text: str) -> str:
    if not text:
        raise BadUsage(f"{label} is empty.")
    return text
