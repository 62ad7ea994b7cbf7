"""The rules of the architecture that a linter's settings cannot say. Each takes a file and yields (line, complaint)."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.structure.source import Function, Module, dotted, is_text

Complaints = Iterator[tuple[int, str]]
Rule = Callable[[Module], Complaints]

LONGEST_FILE = 600
LONGEST_FUNCTION = 60
MOST_PUBLIC_METHODS = 15

SQL = re.compile(
    r"""\s*(
        SELECT\s | INSERT\s+(OR|INTO)\s | UPDATE\s+\w+\s+SET\s | DELETE\s+FROM\s | REPLACE\s+INTO\s
      | WITH\s+\w+.*\sAS\s*\( | PRAGMA\s | ATTACH\s | VACUUM\b
      | (CREATE|DROP|ALTER)\s+(TEMP\s+|UNIQUE\s+|VIRTUAL\s+)?(TABLE|INDEX|TRIGGER|VIEW)\s
      | (BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b\s*(IMMEDIATE|TRANSACTION|EXCLUSIVE|;|$|\w+$)
      | select\s[^.]+\sfrom\s | insert\s+into\s+\w+\s*\( | update\s+\w+\s+set\s | delete\s+from\s+\w+\s+where\s
    )""",
    re.VERBOSE | re.DOTALL,
)
EXECUTES = {"execute", "executemany", "executescript", "execute_fetchall", "fetch_all", "fetch_one", "fetch_value"}
SHELLS = {
    "asyncio.create_subprocess_shell",
    "os.popen",
    "os.system",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
}
ENVIRONMENT = re.compile(r"os\.(environb?|getenvb?|putenv|unsetenv)\b")
COMPOSES = {"format", "format_map", "join", "replace"}
CONSTANT = re.compile(r"(\w+\.)?_?[A-Z][A-Z0-9_]*")
RISKS = {"read", "modify", "destructive"}


def _reaches(module: Module, pattern: re.Pattern[str]) -> Complaints:
    for line, name in (*module.imported(), *module.attributes()):
        if pattern.match(name):
            yield line, name


def http_stays_in_its_place(module: Module) -> Complaints:
    """aiohttp.web only in core/, app.py and http.py."""
    if module.lies_in("talome/core") or module.path.name == "http.py" or str(module.path) == "talome/app.py":
        return
    for line, name in _reaches(module, re.compile(r"aiohttp\.web")):
        yield line, f"{name} outside core/, app.py and http.py"


def docker_stays_in_its_engine(module: Module) -> Complaints:
    """The Docker SDK only in engines/docker/."""
    if module.lies_in("talome/engines/docker"):
        return
    for line, name in module.imported():
        if re.match(r"docker(\.|$)", name):
            yield line, f"{name} outside engines/docker/"


def environment_is_read_once(module: Module) -> Complaints:
    """The process environment only in core/settings/."""
    if module.lies_in("talome/core/settings"):
        return
    for line, name in _reaches(module, ENVIRONMENT):
        yield line, f"{name} outside core/settings/"


def no_shell(module: Module) -> Complaints:
    """No command line is ever given to a shell."""
    for line, name in (*module.imported(), *module.attributes()):
        if name in SHELLS:
            yield line, f"{name} runs a shell"
    for call in _calls(module):
        for keyword in call.keywords:
            plain = isinstance(keyword.value, ast.Constant)
            outside = dotted(call.func).startswith("subprocess.")
            if keyword.arg == "shell" and (keyword.value.value if plain else outside):  # type: ignore[attr-defined]
                yield call.lineno, "shell=True"


def _may_hold_sql(module: Module) -> bool:
    name = module.path.name
    return name in ("store.py", "db.py", "journal.py", "migrations.py") or "migrations" in module.path.parts


def sql_stays_in_stores(module: Module) -> Complaints:
    """SQL only in a feature's store.py, in core/db.py, core/journal.py and in migrations."""
    if _may_hold_sql(module):
        return
    for node in ast.walk(module.tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in module.docstrings else None
        if isinstance(text, str) and SQL.match(text):
            yield node.lineno, f"SQL outside store.py: {text.strip()[:40]!r}"


def sql_is_constant(module: Module) -> Complaints:
    """Only literals and constants (NAMED_SO) make up a statement; values are parameters, a list is one JSON parameter.

    The exception is PRAGMA, which takes no parameters.
    """
    for function in _functions(module):
        composed = {
            target.id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and _is_composed(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            statement = node.args[0]
            by_name = isinstance(statement, ast.Name) and statement.id in composed
            if node.func.attr in EXECUTES and (by_name or _is_composed(statement)):
                yield node.lineno, f"composed SQL in {node.func.attr}()"


def _is_composed(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return method in COMPOSES and _is_text_expression(node.func.value)  # type: ignore[attr-defined]
    return _is_text_expression(node) and not _is_fixed(node) and not _is_pragma(node)


def _is_text_expression(node: ast.expr) -> bool:
    """A literal, or one with something put into it or added to it."""
    if isinstance(node, ast.BinOp):
        return _is_text_expression(node.left) or _is_text_expression(node.right)
    return is_text(node) or isinstance(node, ast.JoinedStr)


def _is_fixed(node: ast.expr) -> bool:
    """Nothing in it but literals and names of constants."""
    if isinstance(node, ast.BinOp):
        return _is_fixed(node.left) and _is_fixed(node.right)
    if isinstance(node, ast.JoinedStr):
        return all(_is_fixed(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _is_fixed(node.value)
    return isinstance(node, ast.Constant) or bool(CONSTANT.fullmatch(dotted(node)))


def _is_pragma(node: ast.expr) -> bool:
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
    return isinstance(first, ast.Constant) and str(first.value).startswith("PRAGMA ")


def files_stay_short(module: Module) -> Complaints:
    """At most 600 lines in a file (400 are the aim)."""
    lines = module.text.count("\n")
    if lines > LONGEST_FILE:
        yield 1, f"{lines} lines, {LONGEST_FILE} are allowed"


def functions_stay_short(module: Module) -> Complaints:
    """At most 60 lines in a function without its docstring (30 are the aim)."""
    for function in _functions(module):
        first = function.body[0]
        told = (first.end_lineno or 0) - first.lineno + 1 if id(getattr(first, "value", 0)) in module.docstrings else 0
        lines = (function.end_lineno or 0) - function.lineno + 1 - told
        if lines > LONGEST_FUNCTION:
            yield function.lineno, f"{function.name}() has {lines} lines, {LONGEST_FUNCTION} are allowed"


def classes_stay_narrow(module: Module) -> Complaints:
    """At most 15 public methods in a class.

    Not counted: an `XxxApi`, a list of declarations that is as long as its feature has operations, and a Protocol with
    the classes that implement one of the engines, which are as wide as the outside thing they stand for.
    """
    if module.lies_in("talome/engines"):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ClassDef) or node.name.endswith("Api") or _is_protocol(node):
            continue
        public = [item for item in node.body if isinstance(item, Function) and not item.name.startswith("_")]
        if len(public) > MOST_PUBLIC_METHODS:
            yield node.lineno, f"{node.name} has {len(public)} public methods, {MOST_PUBLIC_METHODS} are allowed"


def operations_are_declared_whole(module: Module) -> Complaints:
    """Each public method of an `XxxApi` is an operation with a docstring, a scope and a risk; a GET only reads."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for method in node.body:
            if not isinstance(method, Function) or method.name.startswith("_"):
                continue
            label = next((call for call in map(_operation_label, method.decorator_list) if call), None)
            where = f"{node.name}.{method.name}"
            if label is None:
                if node.name.endswith("Api"):
                    yield method.lineno, f"{where} is public and no operation"
                continue
            yield from ((method.lineno, f"{where} {problem}") for problem in _faults(node, method, label))


def _faults(owner: ast.ClassDef, method: Function, label: ast.Call) -> Iterator[str]:
    values = {keyword.arg: getattr(keyword.value, "value", None) for keyword in label.keywords}
    verb = getattr(label.args[0], "value", None) if label.args else None
    if not owner.name.endswith("Api"):
        yield "is an operation outside an XxxApi class"
    if not ast.get_docstring(method):
        yield "has no docstring"
    if "scope" not in values or values["scope"] == "":
        yield "has no scope"
    if values.get("risk") not in RISKS:
        yield "has no risk of read, modify or destructive"
    elif verb == "GET" and values["risk"] != "read":
        yield "is a GET that changes something"


def _operation_label(decorator: ast.expr) -> ast.Call | None:
    named = isinstance(decorator, ast.Call) and dotted(decorator.func).rpartition(".")[2] == "operation"
    return decorator if named else None  # type: ignore[return-value]


def _is_protocol(node: ast.ClassDef) -> bool:
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return any(dotted(base).rpartition(".")[2] == "Protocol" for base in bases)


def _functions(module: Module) -> Iterator[Function]:
    return (node for node in ast.walk(module.tree) if isinstance(node, Function))


def _calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))


RULES: tuple[Rule, ...] = (
    http_stays_in_its_place,
    docker_stays_in_its_engine,
    environment_is_read_once,
    no_shell,
    sql_stays_in_stores,
    sql_is_constant,
    files_stay_short,
    functions_stay_short,
    classes_stay_narrow,
    operations_are_declared_whole,
)
