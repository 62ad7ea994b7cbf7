"""The words of a shell script, taken apart without a shell and within a limit of work."""

import re
from dataclasses import dataclass
from typing import Final, Literal

WORK: Final = 400_000
DEEPEST: Final = 12
OPERATORS: Final = (";;&", ";;", ";&", "&&", "||", "|&", ";", "&", "|", "(", ")", "\n")
ENDS_WORD: Final = frozenset(" \t\r\n;&|()<>")
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
EXPANSION: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(:0:|:[-=?]|[-=?])?")
REDIRECTION: Final = re.compile(r"\d{0,3}(?:<<<|>>|>&|<&|<>|>\||[<>])|&>>?")
HEREDOC: Final = re.compile(r"<<(-?)[ \t]*([\"']?)([A-Za-z0-9_.-]{1,80})\2")


class TooMuchWork(Exception):
    """The script asks for more steps than it is worth."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a word. `text` is itself or a name; `other` is what we do not evaluate."""

    kind: Literal["text", "name", "command", "other"]
    text: str = ""
    operator: str = ""
    """Of `${NAME:-inner}`; `:0` for `${NAME:0:inner}`."""
    inner: "tuple[Segment, ...]" = ()
    commands: "tuple[Word | str, ...]" = ()
    """Of `$(...)`: its words, and the operators between its commands."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and what it assigns if it is an assignment (then the segments are those of the value)."""

    segments: tuple[Segment, ...]
    line: int
    keyword: str | None = None
    """The word itself, if nothing in it is quoted or expanded."""
    assigns: tuple[str, bool] | None = None
    """The name, and whether the value is added to the old one."""
    is_list: bool = False


def plain_text(segments: tuple[Segment, ...]) -> str | None:
    """What the segments are, if they are nothing but text."""
    return "".join(s.text for s in segments) if all(s.kind == "text" for s in segments) else None


class _Unfinished(Exception):
    """A quote or a bracket without an end."""


class Cursor:
    """A place in the script. Every step forward costs; who starts over pays again."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._at = 0
        self._work = WORK
        self._depth = 0
        self._heredocs: list[tuple[bool, str]] = []
        self._counted = (0, 1)

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._content)

    def operator(self) -> str | None:
        """The operator between commands that stands here, after spaces and comments."""
        self._skip()
        for operator in OPERATORS:
            if self._content.startswith(operator, self._at):
                self._step(len(operator))
                if operator == "\n":
                    self._skip_heredocs()
                return operator
        return None

    def words(self) -> list[Word]:
        """The words of one simple command. A word without an end gives up the rest of its line."""
        result: list[Word] = []
        while True:
            self._skip()
            start = self._at
            try:
                if self._redirection():
                    continue
                if self.at_end or self._content[start] in "\n;&|()":
                    return result
                result.append(self._word(allow_assignment=True))
            except _Unfinished:
                result.append(self._given_up(start))
                return result

    def _given_up(self, start: int) -> Word:
        self._depth = 0
        found = ASSIGNMENT.match(self._content, start)
        line = self._line(start)
        end = self._content.find("\n", start)
        self._at = len(self._content) if end < 0 else end
        assigns = (found[1], bool(found[2])) if found else None
        return Word((Segment("other"),), line, assigns=assigns)

    def _step(self, count: int = 1) -> None:
        self._work -= count
        if self._work < 0:
            raise TooMuchWork
        self._at += count

    def _line(self, at: int) -> int:
        place, line = self._counted if self._counted[0] <= at else (0, 1)
        self._counted = (at, line + self._content.count("\n", place, at))
        return self._counted[1]

    def _peek(self) -> str:
        return self._content[self._at] if self._at < len(self._content) else ""

    def _skip(self) -> None:
        """Spaces, continued lines, and comments."""
        while char := self._peek():
            if char in " \t\r":
                self._step()
            elif self._content.startswith("\\\n", self._at):
                self._step(2)
            elif char == "#":
                end = self._content.find("\n", self._at)
                self._step((len(self._content) if end < 0 else end) - self._at)
            else:
                return

    def _skip_heredocs(self) -> None:
        for tabs, mark in self._heredocs:
            while not self.at_end:
                end = self._content.find("\n", self._at)
                end = len(self._content) if end < 0 else end
                line = self._content[self._at : end]
                self._step(end - self._at + (end < len(self._content)))
                if (line.lstrip("\t") if tabs else line) == mark:
                    break
        self._heredocs = []

    def _redirection(self) -> bool:
        """Skip `>file`, `2>&1`, `<<EOF` and their like."""
        if heredoc := HEREDOC.match(self._content, self._at):
            self._heredocs.append((bool(heredoc[1]), heredoc[3]))
            self._step(len(heredoc[0]))
            return True
        found = REDIRECTION.match(self._content, self._at)
        if not found:
            return False
        self._step(len(found[0]))
        self._skip()
        if self._peek() and self._peek() not in ENDS_WORD:
            self._word(allow_assignment=False)
        elif self._peek() == "(":
            self._step()
            self._list_until(")")
        return True

    def _word(self, *, allow_assignment: bool) -> Word:
        start, line = self._at, self._line(self._at)
        assigns = None
        found = ASSIGNMENT.match(self._content, self._at) if allow_assignment else None
        if found:
            assigns = (found[1], bool(found[2]))
            self._step(len(found[0]))
            if self._peek() == "(":
                self._step()
                self._list_until(")")
                return Word((Segment("other"),), line, assigns=assigns, is_list=True)
        segments = self._segments(ENDS_WORD)
        keyword: str | None = self._content[start : self._at]
        if keyword and self._content.startswith("()", self._at) and NAME.fullmatch(keyword):
            self._step(2)
            keyword += "()"
        elif any(s.kind != "text" for s in segments) or plain_text(segments) != keyword:
            keyword = None
        if self._at == start:
            self._step()  # a lone sign that ends words, such as `<` in arithmetic: never stand still
        return Word(segments, line, keyword, assigns)

    def _segments(self, ends: frozenset[str], *, quoted: bool = False) -> tuple[Segment, ...]:
        """Up to one of `ends`, which stays. Inside double quotes (`quoted`) a single quote is itself."""
        result: list[Segment] = []
        literal: list[str] = []

        def flush() -> None:
            if literal:
                result.append(Segment("text", "".join(literal)))
                literal.clear()

        while (char := self._peek()) and char not in ends:
            if char == "\\":
                literal.append(self._escape(quoted=quoted))
            elif char == "'" and not quoted:
                literal.append(self._single())
            elif char == '"' and not quoted:
                flush()
                result.extend(self._double())
            elif char in "$`":
                flush()
                result.append(self._expansion(quoted=quoted))
            else:
                literal.append(char)
                self._step()
        flush()
        return tuple(result)

    def _escape(self, *, quoted: bool) -> str:
        following = self._content[self._at + 1 : self._at + 2]
        self._step(1 + len(following))
        if following == "\n":
            return ""
        return f"\\{following}" if quoted and following not in '$`"\\' else following

    def _single(self) -> str:
        end = self._content.find("'", self._at + 1)
        if end < 0:
            self._work -= len(self._content) - self._at
            raise _Unfinished
        value = self._content[self._at + 1 : end]
        self._step(end - self._at + 1)
        return value

    def _double(self) -> tuple[Segment, ...]:
        self._step()
        segments = self._segments(frozenset('"'), quoted=True)
        self._expect('"')
        return segments

    def _expect(self, char: str) -> None:
        if self._peek() != char:
            raise _Unfinished
        self._step()

    def _expansion(self, *, quoted: bool) -> Segment:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooMuchWork
        try:
            return self._expand(quoted=quoted)
        finally:
            self._depth -= 1

    def _expand(self, *, quoted: bool) -> Segment:
        if self._peek() == "`":
            self._step()
            self._segments_raw("`")
            return Segment("other")
        self._step()
        following = self._peek()
        if self._content.startswith("((", self._at):
            self._step(2)
            self._list_until(")")
            self._expect(")")
            return Segment("other")
        if following == "(":
            self._step()
            return Segment("command", commands=self._list_until(")"))
        if following == "{":
            self._step()
            return self._braces(quoted=quoted)
        if name := NAME.match(self._content, self._at):
            self._step(len(name[0]))
            return Segment("name", name[0])
        if following and following in "0123456789?#@*!$-":
            self._step()
            return Segment("other")
        # $'...' and $"..." are quotes of their own kind, which nobody needs here
        return Segment("other") if following in ("'", '"') and not quoted else Segment("text", "$")

    def _segments_raw(self, end: str) -> None:
        while (char := self._peek()) and char != end:
            self._step(2 if char == "\\" and self._at + 1 < len(self._content) else 1)
        self._expect(end)

    def _braces(self, *, quoted: bool) -> Segment:
        found = EXPANSION.match(self._content, self._at)
        if not found:
            self._segments(frozenset("}"), quoted=quoted)
            self._expect("}")
            return Segment("other")
        self._step(len(found[0]))
        inner = self._segments(frozenset("}"), quoted=quoted)
        self._expect("}")
        operator = (found[2] or "").removesuffix(":") if found[2] == ":0:" else found[2] or ""
        if (not operator and inner) or (operator == ":0" and not re.fullmatch(r"\d{1,6}", plain_text(inner) or "")):
            return Segment("other")
        return Segment("name", found[1], operator, inner)

    def _list_until(self, end: str) -> "tuple[Word | str, ...]":
        """The words and operators up to the closing bracket."""
        result: list[Word | str] = []
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooMuchWork
        while True:
            self._skip()
            if self.at_end:
                raise _Unfinished
            if self._peek() == end:
                self._step()
                break
            operator = next((o for o in OPERATORS if self._content.startswith(o, self._at)), None)
            if operator == "(":
                self._step()
                self._list_until(")")
                result.append("(")
            elif operator:
                self._step(len(operator))
                result.append(operator)
            elif not self._redirection():
                result.append(self._word(allow_assignment=False))
        self._depth -= 1
        return tuple(result)
