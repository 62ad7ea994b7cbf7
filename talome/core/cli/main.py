"""Where a command line becomes a call: own commands by name, everything else by feature and verb."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from talome.core.cli import prompts
from talome.core.cli.catalog import Feature, Verb, load, read_catalog
from talome.core.cli.exits import INTERRUPTED, OK, PIPE_CLOSED, BadUsage, CommandFailed
from talome.core.cli.render import Output, safe_json
from talome.core.cli.text import fit, harmless, width
from talome.core.settings.boot import BadEnvironment, read_client_settings

if TYPE_CHECKING:
    from talome.core.cli.client import Request, Server
    from talome.core.cli.columns import Columns

_HELP = ("-h", "--help")


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A command that is not an operation. `run` gets what stands behind its name and returns the exit code."""

    summary: str
    run: Callable[[Sequence[str], Output], int]


class CommandLine:
    """`talome …`. `package`: the name of the package whose features are offered; `own`: commands given from above, of
    one word, or of a feature and a verb."""

    def __init__(self, package: str, own: Mapping[str, OwnCommand]) -> None:
        self._package = package
        self._url: str | None = None
        self._own = {
            **own,
            "login": OwnCommand("Sign in to a server and keep the token.", self._login),
            "logout": OwnCommand("End the kept session.", self._logout),
        }

    def run(self, arguments: Sequence[str], output: Output) -> int:
        """The exit code; whatever goes wrong is one sentence on standard error."""
        try:
            code = self._run(list(arguments), output)
            output.out.flush()
            return code
        except CommandFailed as error:
            _tell(error, output)
            return error.code
        except BadEnvironment as error:
            _tell(CommandFailed(str(error)), output)
            return 1
        except KeyboardInterrupt:
            output.error("")
            return INTERRUPTED
        except BrokenPipeError:
            return PIPE_CLOSED
        except SystemExit as end:  # argparse, having shown its help
            return end.code if isinstance(end.code, int) else OK

    def _run(self, arguments: list[str], output: Output) -> int:
        name = self._take_globals(arguments, output)
        if name is None or name in _HELP:
            return self._help(output)
        if (own := self._own.get(name)) is not None:
            if "--json" in arguments:
                arguments.remove("--json")
                output.as_json = True
            return own.run(arguments, output)
        if arguments and (own := self._own.get(f"{name} {arguments[0]}")) is not None:
            return own.run(arguments[1:], output)
        feature = read_catalog(self._package).get(name.replace("_", "-"))
        if feature is None:
            raise BadUsage(f"There is no command “{name}”. See: talome --help")
        if not arguments or arguments[0] in _HELP:
            return _feature_help(feature, output)
        return self._call(feature.verb(arguments[0]), f"talome {feature.name} {arguments[0]}", arguments[1:], output)

    def _take_globals(self, arguments: list[str], output: Output) -> str | None:
        """`--json` and `--url` in front of the command, where no operation can mean something else by them."""
        while arguments:
            word = arguments.pop(0)
            if word == "--json":
                output.as_json = True
            elif word == "--url" and arguments:
                self._url = arguments.pop(0)
            elif word.startswith("--url="):
                self._url = word.removeprefix("--url=")
            elif word == "--version":
                return "version"
            elif word.startswith("-") and word not in _HELP:
                raise BadUsage(f"There is no flag “{word}” here. See: talome --help")
            else:
                return word
        return None

    def _call(self, verb: Verb, prog: str, arguments: list[str], output: Output) -> int:
        from talome.core.cli.columns import columns_of
        from talome.core.cli.flags import Flags
        from talome.core.cli.login import find_server
        from talome.core.cli.waiting import wait_for_jobs
        from talome.core.operations import Registry

        registry = Registry()
        registry.add(load(verb))
        operation = registry[verb.operation]
        flags = Flags(operation, prog)
        typed = flags.parse(arguments)
        values, output.as_json = typed.values, output.as_json or typed.as_json
        for name in flags.missing_secrets(values):
            values[name] = prompts.read_secret(name.replace("_", " ").capitalize())
        for name in flags.secrets:
            if values.get(name) == prompts.FROM_STDIN:
                values[name] = prompts.read_stdin(name.replace("_", " ").capitalize())
        server, request = find_server(read_client_settings(), self._url), flags.request(values)
        if typed.wait:
            with closing(server.answers(request)) as answers:
                answer = next(value for _, value in answers)
            return wait_for_jobs(server, answer, output)
        _show(server, request, columns_of(operation), output)
        return OK

    def _login(self, arguments: Sequence[str], output: Output) -> int:
        from talome.core.cli.login import login_command

        return login_command(arguments, read_client_settings(), self._url, output)

    def _logout(self, arguments: Sequence[str], output: Output) -> int:
        from talome.core.cli.login import logout_command

        return logout_command(arguments, read_client_settings(), self._url, output)

    def _help(self, output: Output) -> int:
        output.line("talome [--url URL] [--json] COMMAND …")
        output.line()
        output.line("Talome runs a household's server. These commands work on this machine:")
        _summaries({name: own.summary for name, own in sorted(self._own.items())}, output)
        output.line()
        output.line("These ask a running server; “talome FEATURE --help” lists what a feature can do:")
        _summaries({item.name: item.summary for item in read_catalog(self._package).values()}, output)
        return OK


def _show(server: "Server", request: "Request", columns: "Columns", output: Output) -> None:
    from talome.core.cli.columns import narrowed

    with closing(server.answers(request)) as answers:
        for is_item, value in answers:
            if is_item:
                output.item(value)
            else:
                output.result(value if output.as_json else narrowed(value, columns))


def _feature_help(feature: Feature, output: Output) -> int:
    output.line(f"talome {feature.name} VERB …")
    output.line()
    if feature.summary:
        output.line(harmless(feature.summary))
    _summaries({verb.name: verb.summary for verb in feature.verbs}, output)
    output.line()
    output.line(f"“talome {feature.name} VERB --help” shows the flags of a verb.")
    return OK


def _summaries(summaries: Mapping[str, str], output: Output) -> None:
    longest = max(map(width, summaries), default=0)
    for name, summary in summaries.items():
        text = f"  {name.ljust(longest)}  {harmless(summary)}".rstrip()
        output.line(text if output.columns is None else fit(text, output.columns))


def _tell(error: CommandFailed, output: Output) -> None:
    if output.as_json:
        output.error(safe_json(error.body, indent=None))
    else:
        output.error(f"talome: {harmless(error.message)}")
