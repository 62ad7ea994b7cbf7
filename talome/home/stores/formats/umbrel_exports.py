"""What Umbrel's `exports.sh` would set, worked out without running it.

Straight assignments are evaluated: quotes, `${NAME}`, `${NAME:-default}`, `derive_entropy`, and the few commands whose
result is known beforehand. What stands inside `if`, `case`, loops and behind `&&` may or may not run: it never replaces
a value, and a name that is set only there counts as unknown, as does everything else that only a shell can tell.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from talome.home.manifest import Fact, Part
from talome.home.stores.formats.parts import Parts, as_text, text
from talome.home.stores.formats.umbrel_words import Cursor, Segment, TooMuchWork, Word, plain_text

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST_SCRIPT: Final = 64 * 1024
MOST_PARTS: Final = 64
LONGEST_VALUE: Final = 16 * 1024
SECRET_LENGTH: Final = 64
DECLARES: Final = {"export", "declare", "readonly", "local", "typeset"}
OPENS: Final = {"if", "for", "while", "until", "case", "select"}
CLOSES: Final = {"fi", "done", "esac"}
CONTINUES: Final = {"then", "else", "elif", "do", "!", "time"}
READS: Final = {"read", "mapfile", "readarray", "getopts"}
LEARNS: Final = {"source", ".", "eval"}
HOSTNAMES: Final[dict[tuple[str, ...], Fact]] = {
    (): "hostname",
    ("-s",): "hostname",
    ("--short",): "hostname",
    ("-f",): "domain",
    ("--fqdn",): "domain",
    ("-I",): "address",
    ("-i",): "address",
    ("--all-ip-addresses",): "address",
    ("--ip-address",): "address",
}


class BadExports(Exception):
    """A script that is too long or too tangled to be worked out; the message says why, in words."""


@dataclass(slots=True)
class Exports:
    """What is known after a script: values by name, and the names whose value is not known, with their line."""

    values: dict[str, Parts] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    uncertain: dict[str, int] = field(default_factory=dict)
    """Names whose value may be another one under a condition, with the line that says so."""
    open_at: int | None = None
    """The line from which a script that we do not read may have set anything."""


def joined(values: Iterable[Parts]) -> Parts:
    """Values one after another, neighbouring texts as one."""
    result: list[Part] = []
    for part in (part for value in values for part in value):
        if part.text is not None and result and result[-1].text is not None:
            result[-1] = Part(text=result[-1].text + part.text)
        else:
            result.append(part)
    if len(result) > MOST_PARTS or sum(len(part.text or "") for part in result) > LONGEST_VALUE:
        raise BadExports("exports.sh makes a value that is too long")
    return tuple(result)


def evaluate(script: bytes, known: Exports) -> Exports:
    """What is known once `script` ran after what led to `known`. Raises `BadExports`, and nothing else."""
    if len(script) > LONGEST_SCRIPT:
        raise BadExports(f"exports.sh is longer than {LONGEST_SCRIPT // 1024} KB")
    try:
        content = script.decode()
    except UnicodeDecodeError:
        raise BadExports("exports.sh is not UTF-8 text") from None
    result = Exports(dict(known.values), dict(known.unknown), dict(known.uncertain), known.open_at)
    try:
        _Script(content, result).run()
    except TooMuchWork:
        raise BadExports("exports.sh is too tangled to be worked out") from None
    return result


class _Script:
    """One run over a script, statement by statement."""

    def __init__(self, content: str, exports: Exports) -> None:
        self._cursor = Cursor(content)
        self._exports = exports
        self._blocks: list[str] = []

    def run(self) -> None:
        """Read to the end."""
        conditional = False
        while True:
            operator = self._cursor.operator()
            if operator is None and self._cursor.at_end:
                return
            if operator is not None:
                conditional = operator in ("&&", "||")
                self._block(operator)
                continue
            self._command(self._cursor.words(), conditional)
            conditional = False

    @property
    def _within(self) -> bool:
        """Whether what stands here may be passed by."""
        return any(block != "{" for block in self._blocks)

    def _block(self, operator: str) -> None:
        if operator == "(":
            self._blocks.append("(")
        elif operator == ")" and self._blocks and self._blocks[-1] == "(":
            self._blocks.pop()

    def _command(self, words: list[Word], conditional: bool) -> None:
        while words and (keyword := words[0].keyword) is not None:
            if keyword in OPENS:
                self._blocks.append(keyword)
                return self._loop_variable(keyword, words)
            if keyword in CLOSES or keyword == "}":
                self._close(keyword)
            elif keyword.endswith("()") or keyword == "function":
                self._blocks.append("function")
                words = words[1:] if keyword == "function" else words
            elif keyword == "{":
                self._blocks.append("{")
            elif keyword not in CONTINUES:
                break
            words = words[1:]
        return self._simple(words, conditional or self._within)

    def _close(self, keyword: str) -> None:
        wanted = {"}": ("{",), "fi": ("if",), "esac": ("case",)}.get(keyword, ("for", "while", "until", "select"))
        if self._blocks and self._blocks[-1] in wanted:
            self._blocks.pop()
            if keyword == "}" and self._blocks and self._blocks[-1] == "function":
                self._blocks.pop()

    def _loop_variable(self, keyword: str, words: list[Word]) -> None:
        if keyword in ("for", "select") and len(words) > 1 and NAME.fullmatch(words[1].keyword or ""):
            self._forget(words[1].keyword or "", words[1].line)

    def _simple(self, words: list[Word], conditional: bool) -> None:
        if not words:
            return
        first = words[0].keyword
        if first in LEARNS:
            if self._exports.open_at is None:
                self._exports.open_at = words[0].line
        elif first == "unset" or first in READS:
            self._lost(words, conditional)
        elif first in DECLARES or all(word.assigns for word in words):
            for word in words:
                self._assignment(word, conditional)
        elif first == ":":
            for word in words[1:]:
                _Value(self._exports).of(word)

    def _lost(self, words: list[Word], conditional: bool) -> None:
        """Names that are emptied, or filled by something that is not there yet."""
        for name in (word.keyword or "" for word in words[1:]):
            if words[0].keyword == "unset":
                self._assign(name, (), words[0].line, conditional)
            elif NAME.fullmatch(name):
                self._forget(name, words[0].line)

    def _assignment(self, word: Word, conditional: bool) -> None:
        if not word.assigns:
            return
        name, adds = word.assigns
        value = None if word.is_list else _Value(self._exports).of(word)
        if adds and value is not None:
            before = self._exports.values.get(name, ())
            value = None if name in self._exports.unknown else joined([before, value])
        if value is None and conditional and name in self._exports.values:
            self._exports.uncertain[name] = word.line
        elif value is None:
            self._forget(name, word.line)
        else:
            self._assign(name, value, word.line, conditional)

    def _assign(self, name: str, value: Parts, line: int, conditional: bool) -> None:
        if not NAME.fullmatch(name):
            return
        if not conditional:
            self._exports.values[name] = value
            self._exports.unknown.pop(name, None)
            self._exports.uncertain.pop(name, None)
        elif name not in self._exports.values:
            self._exports.unknown.setdefault(name, line)
        elif self._exports.values[name] != value:
            self._exports.uncertain[name] = line

    def _forget(self, name: str, line: int) -> None:
        self._exports.values.pop(name, None)
        self._exports.uncertain.pop(name, None)
        self._exports.unknown[name] = line


class _Value:
    """What a word stands for; `None` where only a shell can tell."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    def of(self, word: Word) -> Parts | None:
        """The whole word."""
        return self._all(word.segments)

    def _all(self, segments: Iterable[Segment]) -> Parts | None:
        values = []
        for segment in segments:
            value = self._one(segment)
            if value is None:
                return None
            values.append(value)
        return joined(values)

    def _one(self, segment: Segment) -> Parts | None:
        match segment.kind:
            case "text":
                return text(segment.text)
            case "name":
                return self._variable(segment)
            case "command":
                return self._pipeline(segment)
            case _:
                return None

    def _variable(self, segment: Segment) -> Parts | None:
        name = segment.text
        value = self._exports.values.get(name)
        unset = value is None and name not in self._exports.unknown
        if unset and self._exports.open_at is None:
            value = ()
        if segment.operator in ("", "?", ":?"):
            return value
        if segment.operator in ("-", ":-", "=", ":="):
            missing = unset or (value == () and segment.operator.startswith(":"))
            if not missing:
                return value
            value = self._all(segment.inner)
            if segment.operator.endswith("=") and value is not None:
                self._exports.values[name] = value
            return value
        if segment.operator == ":0":
            return _shortened(value, int(plain_text(segment.inner) or "0"))
        return None

    def _pipeline(self, segment: Segment) -> Parts | None:
        """The output of `$(...)`: one command or a pipeline, and after `||` what is said when it fails."""
        alternatives: list[list[list[Word]]] = [[[]]]
        for item in segment.commands:
            if item == "|":
                alternatives[-1].append([])
            elif item == "||":
                alternatives.append([[]])
            elif isinstance(item, str):
                return None
            else:
                alternatives[-1][-1].append(item)
        first = alternatives[0]
        if first[0] and first[0][0].keyword == "cat" and len(alternatives) == 2:
            return self._output(alternatives[1])
        return self._output(first)

    def _output(self, pipeline: list[list[Word]]) -> Parts | None:
        value = self._source(pipeline[0])
        for words in pipeline[1:]:
            value = self._filtered(value, words)
        return value

    def _source(self, words: list[Word]) -> Parts | None:
        if not words:
            return None
        arguments = [self.of(word) for word in words[1:]]
        known = [argument for argument in arguments if argument is not None]
        if len(known) != len(arguments):
            return None
        sources: dict[str, Callable[[list[Parts]], Parts | None]] = {
            "derive_entropy": _entropy,
            "hostname": _hostname,
            "echo": _echo,
            "true": lambda _: (),
        }
        source = sources.get(words[0].keyword or "")
        return source(known) if source else None

    def _filtered(self, value: Parts | None, words: list[Word]) -> Parts | None:
        if value is None or not words:
            return None
        arguments = [as_text(self.of(word) or ()) or "" for word in words[1:]]
        line = " ".join([words[0].keyword or "", *arguments])
        if cut := re.fullmatch(r"head (?:-c ?|--bytes[= ])(\d{1,6})|cut -c ?1-(\d{1,6})|cut -c ?-(\d{1,6})", line):
            return _shortened(value, int(cut[1] or cut[2] or cut[3]))
        if line in ("tr -d \\n", "xargs"):
            return value
        if value == (Part(fact="address"),) and re.fullmatch(r"awk \{ ?print \$1;? ?\}|cut -d +-f ?1", line):
            return value
        return None


def _shortened(value: Parts | None, length: int) -> Parts | None:
    if value is None:
        return None
    known = as_text(value)
    if known is not None:
        return text(known[:length])
    if len(value) == 1 and value[0].secret is not None and length > 0:
        part = value[0]
        return (part.model_copy(update={"length": min(length, part.length or SECRET_LENGTH)}),)
    return None


def _entropy(arguments: list[Parts]) -> Parts | None:
    name = as_text(arguments[0]) if len(arguments) == 1 else None
    return (Part(secret=name),) if name else None


def _hostname(arguments: list[Parts]) -> Parts | None:
    fact = HOSTNAMES.get(tuple(as_text(argument) or "?" for argument in arguments))
    return (Part(fact=fact),) if fact else None


def _echo(arguments: list[Parts]) -> Parts | None:
    words = arguments[1:] if arguments and as_text(arguments[0]) == "-n" else arguments
    if any((as_text(word) or "").startswith("-") for word in words[:1]):
        return None
    spaced = [piece for word in words for piece in (text(" "), word)]
    return joined(spaced[1:])
