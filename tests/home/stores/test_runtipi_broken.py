"""What is broken or hostile in Runtipi's stores is refused with its reason, and hides nobody."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talome.home.manifest import AppManifest
from talome.home.stores.formats.found import BadApp
from talome.home.stores.formats.runtipi import read
from tests.home.stores.runtipi_store import MAIN, SOURCE, write


@pytest.mark.parametrize(
    ("config", "compose", "told"),
    [
        ("{", "{}", "not JSON"),
        ("[]", "{}", "not an object"),
        ('{"id": NaN}', "{}", "not JSON"),
        ("[" * 5000, "{}", "config.json"),
        ('{"a": ' * 80 + "1" + "}" * 80, "{}", "too deeply"),
        ('{"id": "Notes"}', "{}", "not one that an app can have"),
        ('{"id": "other"}', "{}", "called notes"),
        ('{"id": "notes"}', "[]", "mapping"),
        ('{"id": "notes"}', '{"services": {}}', "not a list"),
        ('{"id": "notes"}', '{"services": [{"image": "x"}]}', "no name"),
        ('{"id": "notes"}', '{"services": [{"name": "a", "image": "x"}, {"name": "a", "image": "x"}]}', "twice"),
        ('{"id": "notes"}', '{"services": [{"name": "../a", "image": "x"}]}', "name"),
        ('{"id": "notes"}', '{"services": [{"name": "a", "image": "x", "volumes": [{"hostPath": 1}]}]}', "hostPath"),
        ('{"id": "notes"}', '{"services": [{"name": "a", "image": "x", "addPorts": [{}]}]}', "containerPort"),
        (
            '{"id": "notes"}',
            """{"services": [{"name": "a", "image": "x", "volumes": [
                {"hostPath": "${ROOT_FOLDER_HOST}/media/../../etc", "containerPath": "/x"}]}]}""",
            "leads out",
        ),
        ('{"id": "notes", "form_fields": [{"type": "text"}]}', "{}", "variable"),
        ('{"id": "notes", "form_fields": [{"type": "shell", "env_variable": "A"}]}', "{}", "type"),
    ],
)
def test_what_is_broken_is_refused_and_hides_nobody(tmp_path: Path, config: str, compose: str, told: str) -> None:
    write(tmp_path, "aaa")
    write(tmp_path, "zzz")
    folder = write(tmp_path)
    (folder / "config.json").write_text(config)
    (folder / "docker-compose.json").write_text(compose)
    first, bad, last = read(tmp_path, SOURCE)
    assert isinstance(first, AppManifest)
    assert isinstance(last, AppManifest)
    assert isinstance(bad, BadApp)
    assert bad.path == "apps/notes"
    assert told in bad.reason
    assert "nobody thought of" not in bad.reason


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    folder = write(tmp_path)
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to(outside)
    (bad,) = read(tmp_path, SOURCE)
    assert isinstance(bad, BadApp)
    assert "is a link" in bad.reason


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70000)
    | st.sampled_from(["", "x", "$A", "${A:-$B}", "a:b", "../x", "80"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "image",
                    "services",
                    "environment",
                    "key",
                    "value",
                    "type",
                    "env_variable",
                    "options",
                    "label",
                    "hostPath",
                    "containerPath",
                    "architecture",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
KEYS = st.sampled_from(
    [
        "port",
        "version",
        "categories",
        "form_fields",
        "supported_architectures",
        "uid",
        "url_suffix",
        "no_gui",
        "available",
        "author",
        "short_desc",
    ]
)
SERVICE_KEYS = st.sampled_from(
    [
        "internalPort",
        "isMain",
        "environment",
        "volumes",
        "addPorts",
        "healthCheck",
        "dependsOn",
        "extraLabels",
        "networkMode",
        "deploy",
        "command",
        "devices",
        "user",
        "restart",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=KEYS, value=ODD, service_key=SERVICE_KEYS, service_value=ODD, marks=ODD)
def test_no_form_is_unthought_of(
    tmp_path: Path, key: str, value: Any, service_key: str, service_value: Any, marks: Any
) -> None:
    folder = write(tmp_path, services=[{**MAIN, service_key: service_value}], **{key: value})
    document = json.loads((folder / "docker-compose.json").read_text())
    (folder / "docker-compose.json").write_text(json.dumps(document | {"overrides": marks}))
    service = {"image": "n:1", service_key: service_value, "x-runtipi": marks}
    old = write(tmp_path, "old", **{key: value})
    (old / "docker-compose.json").unlink()
    (old / "docker-compose.yml").write_text(yaml.safe_dump({"services": {"web": service}, "x-runtipi": marks}))
    for found in read(tmp_path, SOURCE):
        assert isinstance(found, AppManifest) or "nobody thought of" not in found.reason
