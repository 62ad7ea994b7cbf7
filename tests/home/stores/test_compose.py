"""Compose files of strangers: their long forms, their variables, and what is refused."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from talome.engines.compose import find_compose
from talome.home.stores.formats.compose import escape, long_form, names_in, read_yaml, replace_names, split_outside
from talome.home.stores.formats.found import BadManifest


def document(text: str) -> Any:
    return read_yaml(text.encode(), "compose.yml")


def service(**keys: Any) -> dict[str, Any]:
    compose = long_form({"services": {"a": {"image": "busybox:1", **keys}}, "volumes": {"data": None}}, project="app")
    found: dict[str, Any] = compose["services"]["a"]
    return found


# YAML


def test_scalars_mean_what_they_mean_to_compose() -> None:
    found = document("[yes, on, 22:22, 022, 1.10, 0x1f, 0o17, 7, true, ~, 2020-01-01, '7', !!str 7, 1e3, -0.5, '']")
    assert found == ["yes", "on", "22:22", "022", 1.1, 31, 15, 7, True, None, "2020-01-01", "7", "7", 1000.0, -0.5, ""]


def test_anchors_and_merge_keys_are_followed_and_share_nothing() -> None:
    found = document("a: &a {x: [1], y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{z: 1}, *a]}\nd: *a\n")
    assert found["b"] == {"x": [1], "y": 3}
    assert found["c"] == {"z": 1, "x": [1], "y": 2}
    found["d"]["x"].append(2)
    assert found["a"]["x"] == found["b"]["x"] == [1]


BOMB = "\n".join([f"l0: &l0 [{'x, ' * 9}x]", *(f"l{n}: &l{n} [{f'*l{n - 1}, ' * 9}*l{n - 1}]" for n in range(1, 9))])
MERGE_BOMB = "a0: &a0 {k: v}\n" + "\n".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\nb{n}: {{}}" for n in range(1, 9))
HOSTILE = {
    "more than 50000": BOMB.encode(),
    "too many parts": MERGE_BOMB.encode(),
    "too many": b"a: &a " + b"x" * 500_000 + b"\nb: [" + b"*a, " * 1000 + b"]",
    "nested more than 40": b"[" * 900_000,
    "nested more": b"- " * 400_000,
    "larger than 1 MB": b"a: " + b"x" * 1_000_001,
    "before it is defined": b"a: &a [*a]",
    "the tag": b"a: !!python/object/apply:os.system [ls]",
    "not taken from a store": b"a: !reset null",
    "not UTF-8": b"a: \xff\xfe",
    "twice": b"a: 1\na: 2",
    "a NUL": b'a: "x\\0y"',
    "more than one": b"a: 1\n---\nb: 2\n",
    "as a key": b"{[1]: 2}",
    "not a map with <<": b"a: {<<: 5}",
    "is not YAML": b"a: b: c",
    "not YAML": b"a: '",
    "the tag ": b"a: !!int x",
}


@pytest.mark.parametrize("reason", HOSTILE)
def test_hostile_yaml_is_refused_at_once(reason: str) -> None:
    began = time.process_time()
    with pytest.raises(BadManifest, match=rf"(?s)^x\.yml .*{reason}"):
        read_yaml(HOSTILE[reason], "x.yml")
    assert time.process_time() - began < 3


@given(st.binary(max_size=60) | st.text(alphabet="-:?[]{}#&*!|>'\"%@` \n\ta1~", max_size=60).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_document_or_a_reason(content: bytes) -> None:
    try:
        found = read_yaml(content, "x.yml")
    except BadManifest:
        return
    yaml.dump(found, Dumper=yaml.CSafeDumper)


# Variables


def test_names_are_found_where_compose_finds_them() -> None:
    value = {"a": ["$ONE ${TWO}", "${THREE:-${FOUR}/x}", "$$NOT $${NEITHER}"], "b": {"$KEY": "${FIVE:?say it}"}}
    assert names_in(value) == {"ONE", "TWO", "THREE", "FOUR", "FIVE"}


def test_names_are_replaced_with_operator_and_default() -> None:
    seen = []

    def known(name: str, operator: str | None, default: str) -> str | None:
        seen.append((name, operator, default))
        return None if name.islower() else f"<{name}>"

    text = "a $A${B}c ${D:-x${E}y} ${F-} ${G:?no} $$H $1 ${ $j ${k} ${L"
    assert replace_names(text, known) == "a <A><B>c <D> <F> <G> $$H $$1 $${ $$j $${k} $${L"
    assert seen == [
        ("A", "", ""), ("B", "", ""), ("D", ":-", "x${E}y"), ("F", "-", ""), ("G", ":?", "no"), ("j", "", ""),
        ("k", "", ""),
    ]  # fmt: skip


def test_variables_nested_without_end_are_text() -> None:
    hostile = "${A:-" * 20_000
    assert names_in(hostile) == set()
    assert replace_names(hostile, lambda *_: "x") == hostile.replace("$", "$$")


@given(st.text(alphabet="$ab{}:-", max_size=30))
@settings(max_examples=150, deadline=None)
def test_an_escaped_text_holds_no_variable_and_a_replaced_one_only_new_ones(text: str) -> None:
    assert names_in(escape(text)) == set()
    assert names_in(replace_names(text, lambda *_: "${NEW}")) <= {"NEW"}
    assert "".join(split_outside(text, ":")) == (text if "${" in text else text.replace(":", "")) or "${" in text


# Long forms


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (80, [(80, "", "tcp", None)]),
        ("80", [(80, "", "tcp", None)]),
        ("8080:80", [(80, "8080", "tcp", None)]),
        ("5000:5000/udp", [(5000, "5000", "udp", None)]),
        ("127.0.0.1:8080:80", [(80, "8080", "tcp", "127.0.0.1")]),
        ("[::1]:8080:80/tcp", [(80, "8080", "tcp", "::1")]),
        ("3000-3002", [(3000, "", "tcp", None), (3001, "", "tcp", None), (3002, "", "tcp", None)]),
        ("90-91:80-81", [(80, "90", "tcp", None), (81, "91", "tcp", None)]),
        ("8000-9000:80", [(80, "8000", "tcp", None)]),
        ("${PORT:-80}:80", [(80, "${PORT:-80}", "tcp", None)]),
        ({"target": "80", "published": 8080, "mode": "ingress"}, [(80, "8080", "tcp", None)]),
        ({"target": 53, "published": "53", "protocol": "UDP", "host_ip": "::"}, [(53, "53", "udp", "::")]),
    ],
)
def test_ports_become_long(port: Any, expected: list[tuple[int, str, str, str | None]]) -> None:
    found = service(ports=[port, port])["ports"]
    assert [(p["target"], p["published"], p["protocol"], p.get("host_ip")) for p in found] == expected


@given(
    target=st.integers(1, 65_000),
    published=st.none() | st.integers(1, 65_000),
    size=st.integers(0, 20),
    address=st.sampled_from(["", "127.0.0.1", "0.0.0.0", "[::1]"]),
    protocol=st.sampled_from(["", "tcp", "udp"]),
)
@settings(max_examples=100, deadline=None)
def test_short_ports_say_the_same_as_their_parts(
    target: int, published: int | None, size: int, address: str, protocol: str
) -> None:
    def written(first: int) -> str:
        return str(first) if size == 0 else f"{first}-{first + size}"

    head = "" if published is None else (f"{address}:" if address else "") + f"{written(published)}:"
    found = service(ports=[head + written(target) + (f"/{protocol}" if protocol else "")])["ports"]
    assert [port["target"] for port in found] == list(range(target, target + size + 1))
    wishes = [""] * (size + 1) if published is None else [str(published + n) for n in range(size + 1)]
    assert [port["published"] for port in found] == wishes
    assert {port["protocol"] for port in found} == {protocol or "tcp"}
    assert {port.get("host_ip", "") for port in found} == {address.strip("[]") if published is not None else ""}


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ("/data", {"type": "volume", "target": "/data"}),
        ("data:/x", {"type": "volume", "source": "data", "target": "/x"}),
        ("data:/x:ro,nocopy", {"type": "volume", "source": "data", "target": "/x", "read_only": True,
                               "volume": {"nocopy": True}}),
        ("./x:/x:rw", {"type": "bind", "source": "./x", "target": "/x"}),
        ("/etc/x:/x:ro,rslave,z", {"type": "bind", "source": "/etc/x", "target": "/x", "read_only": True,
                                   "bind": {"propagation": "rslave", "selinux": "z"}}),
        ("${APP_DATA_DIR}/x:/x", {"type": "bind", "source": "${APP_DATA_DIR}/x", "target": "/x"}),
        ("${MEDIA_DIR}:/x", {"type": "bind", "source": "${MEDIA_DIR}", "target": "/x"}),
        ("${A:-/a:b}/x:/x", {"type": "bind", "source": "${A:-/a:b}/x", "target": "/x"}),
        ({"type": "tmpfs", "target": "/t", "tmpfs": {"size": 1000}},
         {"type": "tmpfs", "target": "/t", "tmpfs": {"size": 1000}}),
        ({"type": "bind", "source": "/a", "target": "/b", "read_only": "true", "x-casaos": 1},
         {"type": "bind", "source": "/a", "target": "/b", "read_only": True}),
    ],
)  # fmt: skip
def test_volumes_become_long(volume: Any, expected: dict[str, Any]) -> None:
    assert service(volumes=[volume, volume])["volumes"] == [expected]


PATHS = st.text(alphabet="abc.-_ ü", min_size=1, max_size=10).map(lambda name: f"/{name.strip() or 'x'}")


@given(source=PATHS, target=PATHS, mode=st.sampled_from(["", "ro", "rw", "ro,z", "cached"]))
@settings(max_examples=60, deadline=None)
def test_short_binds_say_the_same_as_their_parts(source: str, target: str, mode: str) -> None:
    found = service(volumes=[f"{source}:{target}" + (f":{mode}" if mode else "")])["volumes"][0]
    assert (found["type"], found["source"], found["target"]) == ("bind", source, target)
    assert found.get("read_only", False) == mode.startswith("ro")


def test_the_rest_becomes_long() -> None:
    found = long_form(
        document("""
version: "3"
x-top: 1
services:
  web:
    image: a:1
    container_name: web
    environment: [A=1=2, B, "C="]
    depends_on: [db]
    networks: [default, back]
    cap_add: [net_admin]
    labels: ["a=b"]
    extra_hosts: {box: host-gateway}
    devices: [{source: /dev/a, target: /dev/b}, "/dev/c:/dev/c"]
    env_file: my.env
    dns: 1.1.1.1
    command: [sleep, 5]
    privileged: "true"
    x-casaos: {}
  db:
    image: b:1
    environment: {N: 5, F: 1.5, T: true, E: , S: x}
    depends_on: {gone: {condition: service_healthy, required: false}}
networks: {back: }
"""),
        project="app",
    )
    assert found["name"] == "app"
    assert set(found) == {"name", "services", "networks"}
    assert found["services"]["web"] == {
        "image": "a:1",
        "container_name": "web",
        "environment": {"A": "1=2", "B": None, "C": ""},
        "depends_on": {"db": {"condition": "service_started"}},
        "networks": {"default": {}, "back": {}},
        "cap_add": ["NET_ADMIN"],
        "labels": {"a": "b"},
        "extra_hosts": ["box:host-gateway"],
        "devices": ["/dev/a:/dev/b:rwm", "/dev/c:/dev/c"],
        "env_file": [{"path": "my.env", "required": True}],
        "dns": ["1.1.1.1"],
        "command": ["sleep", "5"],
        "privileged": True,
    }
    assert found["services"]["db"]["environment"] == {"N": "5", "F": "1.5", "T": "true", "E": None, "S": "x"}
    assert found["services"]["db"]["depends_on"] == {}


def test_the_long_form_is_taken_by_compose_and_by_itself(tmp_path: Path) -> None:
    text = """
services:
  a:
    image: busybox:1
    ports: ["8080:80", "[::1]:90-91:90-91/udp", 7]
    volumes: ["data:/x:ro", "/tmp:/y:rslave", "/z", {type: tmpfs, target: /t}]
    environment: [A=$$x, "B=yes"]
    devices: [/dev/null:/dev/null]
    ulimits: {nofile: {soft: 1, hard: 2}}
    healthcheck: {test: "true", interval: 5s}
    sysctls: [net.core.somaxconn=1]
    depends_on: {b: {condition: service_healthy, restart: true}}
    networks: {default: {aliases: [c]}}
    configs: [c]
  b: {image: "busybox:1", network_mode: host, tmpfs: /t, group_add: [5]}
volumes: {data: }
configs: {c: {content: hello}}
"""
    found = long_form(document(text), project="app")
    assert long_form(found, project="app") == found
    (tmp_path / "compose.yml").write_text(yaml.safe_dump(found))
    arguments = [*find_compose().command, "-f", "compose.yml", "config", "-q"]
    answer = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")


REFUSED: dict[str, dict[str, Any]] = {
    "builds its image": {"build": "."},
    "of another file": {"extends": {"file": "/etc/x.yml", "service": "a"}},
    "for development": {"develop": {}},
    "another container's volumes": {"volumes_from": ["container:x"]},
    "labels from a file": {"label_file": "/etc/x"},
    "a credential": {"credential_spec": {"file": "x"}},
    "a program of the machine": {"provider": {"type": "x"}},
    "in a hidden way": {"use_api_socket": True},
    "names a file outside": {"env_file": "/etc/shadow"},
    "outside the app's folder: '../x'": {"env_file": ["../x"]},
    "outside the app's folder: '~/x'": {"env_file": [{"path": "~/x"}]},
    "outside the app's folder: '\\$\\{APP_DATA_DIR\\}/../x'": {"env_file": ["${APP_DATA_DIR}/../x"]},
    "outside the app's folder: '\\$\\{HOME\\}/x'": {"env_file": ["${HOME}/x"]},
    "unknown key 'network-mode'": {"network-mode": "host"},
    "needs the service 'b'": {"depends_on": ["b"]},
    "needs the service 'c'": {"network_mode": "service:c"},
    "in a circle": {"depends_on": ["a"]},
    "uses the volume 'x'": {"volumes": ["x:/x"]},
    "on the network 'x'": {"networks": ["x"]},
    "both networks and": {"networks": ["default"], "network_mode": "host"},
    "given the secret 'x'": {"secrets": ["x"]},
    "environment holds": {"environment": [{"A": 1}]},
    "cannot name a variable": {"environment": ["A B=1"]},
    "is not a port": {"ports": ["x"]},
    "or too long a range": {"ports": ["1-60000:1-60000"]},
    "is not a port,": {"ports": ["70000:70000"]},
    "differ in length": {"ports": ["1-2:1-3"]},
    "a variable without a value": {"ports": ["80:${X}"]},
    "protocol": {"ports": ["80/icmp"]},
    "neither a text, a number": {"ports": [True]},
    "must begin with a slash": {"volumes": ["a:b"]},
    "neither a path nor": {"volumes": ["a b:/b"]},
    "of the type 'npipe'": {"volumes": [{"type": "npipe", "source": "x", "target": "/x"}]},
    "is a path, not a volume": {"volumes": [{"type": "volume", "source": "/etc", "target": "/x"}]},
    "has no source": {"volumes": [{"type": "bind", "target": "/x"}]},
    "must be a list": {"volumes": {"a": "b"}},
    "neither true nor false": {"privileged": "maybe"},
    "is not a text": {"image": ["a"]},
    "has no image": {"image": None},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_reaches_out_or_is_malformed_is_refused(reason: str) -> None:
    with pytest.raises(BadManifest, match=reason):
        service(**REFUSED[reason])


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("'include'", "{include: [/etc/x.yml], services: {a: {image: a}}}"),
        ("1 to 60", "{services: {}}"),
        ("must be a map", "[1]"),
        ("services must be a map", "{services: [a]}"),
        ("not a name", "{services: {../a: {image: a}}}"),
        ("outside the app's", "{services: {a: {image: a}}, configs: {c: {file: /etc/shadow}}}"),
        ("outside the app's", "{services: {a: {image: a}}, secrets: {c: {file: ../../x}}}"),
        ("from the environment", "{services: {a: {image: a}}, secrets: {c: {environment: TALOME_SECRET}}}"),
    ],
)
def test_a_document_of_a_wrong_form_is_refused(reason: str, text: str) -> None:
    with pytest.raises(BadManifest, match=reason):
        long_form(document(text), project="app")


def test_too_many_services_and_odd_projects_are_refused() -> None:
    with pytest.raises(BadManifest, match="this one has 10000"):
        long_form({"services": {f"s{n}": {"image": "a"} for n in range(10_000)}}, project="app")
    for project in ("..", "DATA", "", "a/b", "-a", "${X}"):
        with pytest.raises(BadManifest, match="cannot name an app"):
            long_form({"services": {"a": {"image": "a"}}}, project=project)
