"""What is broken or hostile in Umbrel's stores is refused with its reason, and hides nobody."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talome.home.manifest import AppManifest
from talome.home.stores.formats.found import BadApp
from talome.home.stores.formats.umbrel import read
from tests.home.stores.umbrel_store import SOURCE, WEB, only, write


@pytest.mark.parametrize(
    ("manifest", "compose", "told"),
    [
        ("[", "", "YAML"),
        ("- a", "", "mapping"),
        ("id: Notes", "services: {}", "not one that an app can have"),
        ("id: ..", "services: {}", "not one that an app can have"),
        ("id: other", "services: {}", "called notes"),
        ("id: notes", "", "services"),
        ("id: notes", "services: [1]", "services"),
        ("id: notes", "services: {web: 5}", "services"),
        ("id: notes", "services: {web: {build: .}}", "build"),
        ("id: notes", "services: {web: {image: a, volumes: ['${UMBREL_ROOT}/data/../../etc:/x']}}", "leads out"),
        ("id: notes", "services: {web: {image: a, env_file: /etc/shadow}}", "outside"),
        ("id: notes", "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(8)), ""),
    ],
)  # fmt: skip
def test_what_is_broken_is_refused_and_hides_nobody(tmp_path: Path, manifest: str, compose: str, told: str) -> None:
    write(tmp_path, "aaa")
    write(tmp_path, "zzz")
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "umbrel-app.yml").write_text(manifest)
    (folder / "docker-compose.yml").write_text(compose)
    first, bad, last = read(tmp_path, SOURCE)
    assert isinstance(first, AppManifest)
    assert isinstance(last, AppManifest)
    assert isinstance(bad, BadApp)
    assert bad.path == "notes"
    assert told in bad.reason
    assert "nobody thought of" not in bad.reason


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside")
    root = tmp_path / "store"
    folder = write(root)
    (root / "linked").symlink_to(outside)
    write(root, "wiki", dependencies=["linked"])
    (folder / "docker-compose.yml").unlink()
    (folder / "docker-compose.yml").symlink_to(outside / "docker-compose.yml")
    bad, wiki = read(root, SOURCE)
    assert isinstance(bad, BadApp)
    assert "is a link" in bad.reason
    assert isinstance(wiki, AppManifest)
    assert wiki.lacks == ["It needs the app linked, which its store does not have."]


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70000)
    | st.sampled_from(["", "x", "$A", "${A:-$B}", "10.21.0.9", "a:b", "../x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "image",
                    "web",
                    "environment",
                    "networks",
                    "default",
                    "ipv4_address",
                    "APP_HOST",
                    "APP_PORT",
                    "ports",
                    "volumes",
                    "env_file",
                    "depends_on",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    odd=st.dictionaries(st.sampled_from(["app_proxy", "web", "db"]), ODD, max_size=3),
    key=st.sampled_from(
        [
            "port",
            "version",
            "gallery",
            "dependencies",
            "implements",
            "backupIgnore",
            "permissions",
            "path",
            "category",
            "icon",
        ]
    ),
    value=ODD,
)
def test_no_form_is_unthought_of(tmp_path: Path, odd: Any, key: str, value: Any) -> None:
    write(tmp_path, services=odd, **{key: value})
    write(tmp_path, "other", **{key: value})
    for found in read(tmp_path, SOURCE):
        assert isinstance(found, AppManifest) or "nobody thought of" not in found.reason


def test_a_broken_app_does_not_take_those_with_it_that_need_it(tmp_path: Path) -> None:
    write(tmp_path, dependencies=["broken"])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "umbrel-app.yml").write_text("[")
    bad, good = read(tmp_path, SOURCE)
    assert isinstance(bad, BadApp)
    assert isinstance(good, AppManifest)
    assert good.lacks == ["It needs the app broken, which its store does not have."]


def test_a_door_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    proxy = {"environment": {"APP_HOST": "wiki_web_1", "APP_PORT": 80, "PROXY_AUTH_ADD": "false"}}
    write(tmp_path, services={"app_proxy": proxy, "web": WEB})
    app = only(tmp_path)
    assert app.web is None
    assert app.warnings == ["It is opened at wiki_web_1:80, which is none of its services: it has no page here."]


def test_exports_that_are_too_much_are_lacking(tmp_path: Path) -> None:
    write(tmp_path, exports="A=1\n" + "#" * 70_000)
    told = "What it is set to cannot be worked out: exports.sh of notes: exports.sh is longer than 64 KB."
    assert only(tmp_path).lacks == [told]
