"""Python files as the rules see them: a path relative to the checkout, the text and its syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def docstrings(self) -> frozenset[int]:
        """Ids of the syntax nodes that are docstrings."""
        owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        bodies = [node.body for node in ast.walk(self.tree) if isinstance(node, owners)]
        return frozenset(
            id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr) and is_text(body[0].value)
        )

    def lies_in(self, folder: str) -> bool:
        return PurePosixPath(folder) in self.path.parents

    def imported(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported; of `from a import b` it is `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def attributes(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of every `a.b.c` that starts with a plain name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                name = dotted(node)
                if name:
                    yield node.lineno, name


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; empty where the expression is more than names and dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def modules(root: Path = ROOT) -> list[Module]:
    """Every Python file of the package."""
    found = sorted(path for path in (root / "talome").rglob("*.py") if "node_modules" not in path.parts)
    return [Module(PurePosixPath(path.relative_to(root)), path.read_text()) for path in found]
