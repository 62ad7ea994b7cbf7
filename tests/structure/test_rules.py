"""The package keeps the rules, and each rule is seen to fire on a planted violation and to leave good code alone."""

from pathlib import PurePosixPath

import pytest

from tests.structure import rules
from tests.structure.source import Module, modules

MODULES = modules()

API = """
class PlantsApi:
    @operation({label})
    async def water(self, caller):
        {doc}
"""
WHOLE = '"GET", "/api/plants", scope="plants:read", risk="read"'
DOC = '"""Water them."""'

VIOLATIONS = [
    (rules.http_stays_in_its_place, "home/plants/service.py", "from aiohttp import web"),
    (rules.http_stays_in_its_place, "home/plants/service.py", "import aiohttp.web"),
    (rules.http_stays_in_its_place, "engines/plants.py", "from aiohttp.web_request import Request"),
    (rules.http_stays_in_its_place, "engines/plants.py", "import aiohttp\nkind = aiohttp.web.Request"),
    (rules.docker_stays_in_its_engine, "home/plants/service.py", "import docker"),
    (rules.docker_stays_in_its_engine, "engines/compose.py", "from docker.errors import APIError"),
    (rules.environment_is_read_once, "core/log.py", "import os\nlevel = os.environ['LEVEL']"),
    (rules.environment_is_read_once, "core/log.py", "import os\nlevel = os.getenv('LEVEL')"),
    (rules.environment_is_read_once, "home/plants.py", "from os import environ"),
    (rules.no_shell, "engines/git.py", "import subprocess\nsubprocess.run('ls', shell=True)"),
    (rules.no_shell, "engines/git.py", "import subprocess\nsubprocess.run('ls', shell=wanted)"),
    (rules.no_shell, "engines/git.py", "import os\nos.system('ls')"),
    (rules.no_shell, "engines/git.py", "from asyncio import create_subprocess_shell"),
    (rules.sql_stays_in_stores, "home/plants/service.py", "rows = db.fetch_all('SELECT id FROM plants')"),
    (rules.sql_stays_in_stores, "home/plants/service.py", "text = f'INSERT INTO plants VALUES ({id})'"),
    (rules.sql_stays_in_stores, "home/plants/service.py", "text = 'update plants set name = ?'"),
    (rules.sql_stays_in_stores, "home/plants/api.py", "text = '''\n  CREATE UNIQUE INDEX a ON plants (id)'''"),
    (rules.sql_stays_in_stores, "home/plants/api.py", "text = 'BEGIN IMMEDIATE'"),
    (rules.sql_stays_in_stores, "home/plants/api.py", "text = 'WITH a AS (SELECT 1) SELECT * FROM a'"),
    (rules.sql_is_constant, "home/plants/store.py", "def f(db, id):\n    db.execute(f'DELETE FROM p WHERE id={id}')"),
    (rules.sql_is_constant, "home/plants/store.py", "def f(db, id):\n    db.fetch_all('SELECT ' + id)"),
    (rules.sql_is_constant, "home/plants/store.py", "def f(db, id):\n    db.fetch_one('SELECT %s' % id)"),
    (rules.sql_is_constant, "home/plants/store.py", "def f(db, id):\n    db.execute('SELECT {}'.format(id))"),
    (rules.sql_is_constant, "home/plants/store.py", "def f(db, id):\n    q = f'SELECT {id}'\n    db.execute(q)"),
    (rules.files_stay_short, "home/plants.py", "x = 1\n" * 601),
    (rules.functions_stay_short, "home/plants.py", "def f():\n" + "    x = 1\n" * 60),
    (
        rules.classes_stay_narrow,
        "home/plants.py",
        "class A:\n" + "".join(f"    def m{i}(self): ...\n" for i in range(16)),
    ),
    (rules.operations_are_declared_whole, "home/plants/api.py", "class PlantsApi:\n    async def water(self): ..."),
    (rules.operations_are_declared_whole, "home/plants/api.py", API.format(label=WHOLE, doc="return None")),
    (
        rules.operations_are_declared_whole,
        "home/plants/api.py",
        API.format(label='"GET", "/api/plants", risk="read"', doc=DOC),
    ),
    (
        rules.operations_are_declared_whole,
        "home/plants/api.py",
        API.format(label='"POST", "/api/plants", scope="plants:write", risk="some"', doc=DOC),
    ),
    (
        rules.operations_are_declared_whole,
        "home/plants/api.py",
        API.format(label=WHOLE.replace('risk="read"', 'risk="modify"'), doc=DOC),
    ),
    (
        rules.operations_are_declared_whole,
        "home/plants/service.py",
        API.format(label=WHOLE, doc=DOC).replace("PlantsApi", "Plants"),
    ),
]

GOOD = [
    (rules.http_stays_in_its_place, "home/plants/http.py", "from aiohttp import web"),
    (rules.http_stays_in_its_place, "engines/plants.py", "from aiohttp import ClientSession"),
    (rules.docker_stays_in_its_engine, "engines/docker/client.py", "from docker import APIClient"),
    (rules.docker_stays_in_its_engine, "home/plants.py", "from talome.engines import docker"),
    (rules.environment_is_read_once, "core/settings/boot.py", "import os\nhome = os.environ['HOME']"),
    (rules.no_shell, "home/plants.py", "async def f(box, wanted):\n    await box.exec('ls', shell=wanted)"),
    (rules.no_shell, "engines/git.py", "import subprocess\nsubprocess.run(['ls'], shell=False)"),
    (rules.sql_stays_in_stores, "home/plants/store.py", "text = 'SELECT id FROM plants'"),
    (rules.sql_stays_in_stores, "home/plants/api.py", "def f():\n    'SELECT in a docstring'\n    return 'DELETE'"),
    (rules.sql_stays_in_stores, "home/plants/api.py", "text = 'Select a plant from the list.'"),
    (
        rules.sql_is_constant,
        "home/plants/store.py",
        "def f(db, id):\n    db.execute('SELECT ' 'x WHERE id = ?', (id,))",
    ),
    (rules.sql_is_constant, "home/plants/store.py", "def f(db):\n    db.execute(f'SELECT {_COLUMNS} FROM p' + ORDER)"),
    (rules.sql_is_constant, "core/db.py", "def f(db, n):\n    db.execute(f'PRAGMA user_version = {n}')"),
    (rules.functions_stay_short, "home/plants.py", "def f():\n    '''\n" + "told\n" * 80 + "    '''\n    return 1\n"),
    (rules.classes_stay_narrow, "home/plants/api.py", "class PlantsApi:\n" + "    def m(self): ...\n" * 20),
    (rules.operations_are_declared_whole, "home/plants/api.py", API.format(label=WHOLE, doc=DOC)),
    (rules.operations_are_declared_whole, "home/plants/api.py", "class PlantsApi:\n    def _water(self): ..."),
]


def complaints(rule: rules.Rule, path: str, text: str) -> list[tuple[int, str]]:
    return list(rule(Module(PurePosixPath("talome") / path, text)))


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule: rules.Rule) -> None:
    found = [f"{module.path}:{line}: {what}" for module in MODULES for line, what in rule(module)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("rule", "path", "text"), VIOLATIONS)
def test_the_rule_fires(rule: rules.Rule, path: str, text: str) -> None:
    assert complaints(rule, path, text)


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_the_rule_leaves_good_code_alone(rule: rules.Rule, path: str, text: str) -> None:
    assert complaints(rule, path, text) == []


def test_every_rule_is_seen_to_fire() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == set(rules.RULES)


def test_there_is_something_to_look_at() -> None:
    assert any(module.path == PurePosixPath("talome/__init__.py") for module in MODULES)
