"""`talome`: what runs on this machine by itself, and the command line that asks a running server.

Imports stay inside the commands, so that `talome --help` does not wait for what it does not use.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from talome import __version__
from talome.core.cli.exits import FAILED, FORBIDDEN, NOT_FOUND, OK, CommandFailed
from talome.core.cli.main import CommandLine, OwnCommand
from talome.core.cli.render import Output


def main(arguments: Sequence[str] | None = None) -> int:
    own = {
        "serve": OwnCommand("Run the server.", _serve),
        "doctor": OwnCommand("Check whether this machine has what Talome needs.", _doctor),
        "terminal": OwnCommand("Run the process that owns the shells, or “attach” to one of them.", _terminal),
        "user": OwnCommand("Let a locked-out user back in, on the server's own machine.", _user),
        "files upload": OwnCommand("Upload files; goes on where an earlier try broke off.", _upload),
        "files download": OwnCommand("Download a file, or a folder as a ZIP.", _download),
        "version": OwnCommand("Print the version.", _version),
    }
    given = sys.argv[1:] if arguments is None else arguments
    return CommandLine("talome", own).run(given, Output.standard())


def _version(arguments: Sequence[str], output: Output) -> int:
    if output.as_json or "--json" in arguments:
        output.json({"version": __version__})
    else:
        output.line(__version__)
    return OK


def _upload(arguments: Sequence[str], output: Output) -> int:
    from talome.home.files.command import upload_command

    return upload_command(arguments, output)


def _download(arguments: Sequence[str], output: Output) -> int:
    from talome.home.files.command import download_command

    return download_command(arguments, output)


def _serve(arguments: Sequence[str], _output: Output) -> int:
    """Run until stopped; what keeps it from starting is told in one sentence."""
    from talome.core.cli.parser import Parser
    from talome.core.settings.boot import read_boot_settings

    Parser(prog="talome serve", description=f"Run the server. {_SERVE_HELP}").parse_args(arguments)
    settings = read_boot_settings()
    from talome.core import lean

    lean.begin_loading()
    from talome import app
    from talome.core.hold import AlreadyRunning
    from talome.core.migrations import MigrationFailed
    from talome.core.secrets import SecretUnusable

    try:
        app.main(settings)
    except (AlreadyRunning, SecretUnusable, MigrationFailed) as error:
        raise CommandFailed(str(error)) from None
    except OSError as error:
        raise _explained(error, settings.port) from None
    return OK


def _terminal(arguments: Sequence[str], output: Output) -> int:
    """Run the terminal process until stopped; the server finds it through the data folder. Or attach to a terminal."""
    if arguments and arguments[0] == "attach":
        from talome.home.terminal.attach import attach_command

        return attach_command(arguments[1:])
    from talome.core.cli.parser import Parser
    from talome.core.settings.boot import read_boot_settings

    about = f"Run the process that owns the shells. They end with it, not with the server. {_TERMINAL_HELP}"
    about += " To use one of them here: talome terminal attach."
    Parser(prog="talome terminal", description=about).parse_args(arguments)
    boot = read_boot_settings()
    from talome.core.hold import AlreadyRunning
    from talome.home.terminal.process import main as process

    try:
        process.run(process.TerminalSettings.of(boot))
    except AlreadyRunning as error:
        raise CommandFailed(str(error)) from None
    except OSError as error:
        raise _explained(error, boot.terminal_port, "TERMINAL_DAEMON_PORT") from None
    output.out.flush()
    return OK


_TERMINAL_HELP = "It is set up by environment variables: TALOME_HOME, TERMINAL_DAEMON_PORT, TALOME_BIND, DOCKER_HOST."
_SERVE_HELP = "It is set up by environment variables: TALOME_HOME, CORE_PORT, TALOME_BIND; see the documentation."


def _explained(error: OSError, port: int, variable: str = "CORE_PORT") -> Exception:
    """The failures to start that a person can mend; any other keeps its trace."""
    from errno import EACCES, EADDRINUSE, EADDRNOTAVAIL, EEXIST, ENOSPC, ENOTDIR, EPERM, EROFS

    where = f" ({error.filename})" if error.filename else ""
    known = {
        EADDRINUSE: f"Port {port} is in use, perhaps by another Talome. Stop that, or set {variable} to a free port.",
        EADDRNOTAVAIL: "TALOME_BIND is not an address of this machine.",
        EACCES: f"Access is denied{where}. Run Talome as the owner of its data folder, on a port from 1024.",
        EPERM: f"Access is denied{where}. Run Talome as the owner of its data folder.",
        EEXIST: f"TALOME_HOME is not a folder{where}. Set it to one.",
        ENOTDIR: f"TALOME_HOME cannot be made{where}. Set it to another folder.",
        ENOSPC: f"The disk is full{where}. Make room and start again.",
        EROFS: f"The disk can only be read{where}. Set TALOME_HOME to a folder that can be written.",
    }
    return CommandFailed(known[error.errno]) if error.errno in known else error


def _doctor(arguments: Sequence[str], output: Output) -> int:
    from talome.doctor.command import doctor_command

    return doctor_command(arguments, output)


def _user(arguments: Sequence[str], output: Output) -> int:
    """`talome user reset-password NAME` works on the data folder, with the server running or not."""
    import asyncio

    from talome.core.cli import prompts
    from talome.core.cli.parser import Parser
    from talome.core.settings.boot import read_boot_settings

    parser = Parser(prog="talome user", description="Work on users without the server, on its own machine.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    reset = verbs.add_parser("reset-password", help="set a user's password and end the user's sessions")
    reset.add_argument("username", metavar="NAME")
    reset.add_argument("--password-stdin", action="store_true", help="read the new password from standard input")
    reset.add_argument(
        "--remove-second-factors", action="store_true", help="also remove the user's authenticator app and passkeys"
    )
    given = parser.parse_args(arguments)
    settings = read_boot_settings()
    _check_owner(settings.home)
    password = prompts.read_stdin("The password") if given.password_stdin else prompts.read_new_password()
    from talome.accounts.factors.store import FactorsStore
    from talome.accounts.users.reset_command import reset_password
    from talome.core.errors import NotFound, TalomeError
    from talome.core.secrets import SecretUnusable

    try:
        forget = FactorsStore.delete_all if given.remove_second_factors else None
        asyncio.run(reset_password(settings, given.username, password, forget))
    except TalomeError as error:
        raise CommandFailed(error.message, NOT_FOUND if isinstance(error, NotFound) else FAILED) from None
    except SecretUnusable as error:
        raise CommandFailed(str(error)) from None
    output.result({"ok": True})
    return OK


def _check_owner(home: Path) -> None:
    """Files made by another user would lock the server out of its own data."""
    import os

    try:
        owner = home.stat().st_uid
    except OSError:
        raise CommandFailed(f"There is no data folder {home}. Is TALOME_HOME right?", NOT_FOUND) from None
    if os.geteuid() not in (0, owner):
        raise CommandFailed(f"Only the owner of {home} or root may do this; try it with sudo.", FORBIDDEN)


if __name__ == "__main__":
    sys.exit(main())
