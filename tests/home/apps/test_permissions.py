"""The permission sheet: each rule on a small Compose document, the rating, differences, and whole stores."""

import posixpath
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from talome.home.apps.permission_paths import normal, within
from talome.home.apps.permissions import difference, sheet
from talome.home.apps.permissions_models import PermissionSheet

OWN = "/srv/talome/apps/app"
PINNED = "busybox@sha256:" + "a" * 64
STORES = Path(__file__).resolve().parents[4] / "shared" / "data" / "stores"


def sheet_of(compose: dict[str, Any]) -> PermissionSheet:
    shared = ["/srv/media", "/srv/talome/shared/media"]
    return sheet(compose, data_folder=OWN, shared_folders=shared, talome_folder="/srv/talome")


def of(body: dict[str, Any], **top: Any) -> PermissionSheet:
    return sheet_of({"name": "app", "services": {"web": {"image": PINNED, **body}}, **top})


def bind(source: str, *, read_only: bool = False) -> dict[str, Any]:
    return {"volumes": [{"type": "bind", "source": source, "target": "/x", "read_only": read_only}]}


def test_an_app_that_keeps_to_itself_has_nothing_on_its_sheet() -> None:
    plain = of({**bind(f"{OWN}/data"), "ports": [{"target": 80, "published": "8080", "protocol": "tcp"}]})
    assert (plain.rating, plain.items, plain.needs_typed_confirmation) == (6, [], False)
    assert of({"user": "1000:1000"}).rating == 7
    assert of({"user": "1000", "cap_drop": ["all"]}).rating == 8
    assert of({"read_only": True, "user": "0"}).rating == 7


SOCKETS = [
    "/var/run/docker.sock", "/run/docker.sock", "/var/run", "/run/", "/var", "/", "//", "/srv/../run/./docker.sock",
    "/run/podman/podman.sock", "/run/user/1000/docker.sock", "/run/containerd/containerd.sock", "/volume1/docker.sock",
    "../../../../run/docker.sock",
]  # fmt: skip


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("source", SOCKETS)
def test_what_holds_dockers_socket_owns_the_machine_also_read_only(source: str, read_only: bool) -> None:
    found = of(bind(source, read_only=read_only))
    assert found.rating == 1
    assert found.needs_typed_confirmation
    short = of({"volumes": [f"{source}:/x" + (":ro" if read_only else "")]})
    assert short == found, "the short form says the same"


@pytest.mark.parametrize(
    "compose",
    [
        bind(f"{OWN}/run/docker.sock"),
        {"volumes": [f"{OWN}/data/docker:/var/run"]},
        {"volumes": ["docker.sock:/var/run/docker.sock"]},
    ],
)
def test_a_socket_of_its_own_is_no_socket_of_the_machine(compose: dict[str, Any]) -> None:
    assert of(compose).rating == 6


def test_a_socket_under_another_name_is_seen_by_where_it_goes() -> None:
    assert of({"volumes": ["/opt/proxy/engine:/var/run/docker.sock"]}).rating == 1


@pytest.mark.parametrize(
    ("body", "rule", "severity", "rating"),
    [
        ({"privileged": True}, "privileged:web", "danger", 1),
        ({"privileged": "true"}, "privileged:web", "danger", 1),
        ({"use_api_socket": True}, "docker-socket:web:api", "danger", 1),
        ({"post_start": [{"command": "x", "privileged": True}]}, "privileged:web:post_start", "danger", 1),
        ({"extends": {"file": "x"}}, "unseen:web:extends", "danger", 1),
        ({"build": "."}, "build:web", "warning", 5),
        ({"network_mode": "host"}, "host-network:web", "warning", 5),
        ({"network_mode": "container:db"}, "joins-network_mode:web:db", "warning", 5),
        ({"network_mode": "lan"}, "other-network:web:lan", "info", 6),
        ({"pid": "host"}, "host-pid:web", "danger", 4),
        ({"pid": "host", "cap_add": ["SYS_PTRACE"]}, "host-pid-ptrace:web", "danger", 1),
        ({"ipc": "host"}, "host-ipc:web", "warning", 5),
        ({"uts": "host"}, "host-uts:web", "warning", 5),
        ({"userns_mode": "host"}, "host-userns:web", "warning", 5),
        ({"cgroup": "host"}, "host-cgroup:web", "warning", 5),
        ({"cap_add": ["ALL"]}, "cap-ALL:web", "danger", 1),
        ({"cap_add": ["cap_sys_module"]}, "cap-SYS_MODULE:web", "danger", 1),
        ({"cap_add": ["SYS_ADMIN"]}, "cap-SYS_ADMIN:web", "danger", 2),
        ({"cap_add": ["net_admin"]}, "cap-NET_ADMIN:web", "danger", 5),
        ({"cap_add": ["SYS_NICE"]}, "cap-SYS_NICE:web", "info", 6),
        ({"cap_add": ["NEWEST"]}, "cap-NEWEST:web", "warning", 5),
        ({"devices": ["/dev/sda:/dev/sda:r"]}, "disk:web:/dev/sda", "danger", 1),
        ({"devices": [{"source": "/dev/mem"}]}, "disk:web:/dev/mem", "danger", 1),
        ({"devices": ["/dev/../dev//nvme0n1"]}, "disk:web:/dev/nvme0n1", "danger", 1),
        ({"devices": ["/dev/dri:/dev/dri"]}, "device:web:/dev/dri", "info", 6),
        ({"devices": ["nvidia.com/gpu=all"]}, "device:web:nvidia.com/gpu=all", "info", 6),
        ({"devices": ["/dev/snd"]}, "device:web:/dev/snd", "warning", 5),
        ({"devices": ["/dev/strange"]}, "device:web:/dev/strange", "warning", 5),
        ({"device_cgroup_rules": ["b 8:* rwm"]}, "device-rule:web:b 8:* rwm", "danger", 1),
        ({"device_cgroup_rules": ["c 189:* rwm"]}, "device-rule:web:c 189:* rwm", "warning", 5),
        ({"gpus": "all"}, "gpu:web", "info", 6),
        ({"deploy": {"resources": {"reservations": {"devices": [{"driver": "x"}]}}}}, "gpu:web", "info", 6),
        ({"security_opt": ["seccomp:unconfined"]}, "security-seccomp:web:seccomp:unconfined", "danger", 4),
        ({"security_opt": ["apparmor=unconfined"]}, "security-apparmor:web:apparmor=unconfined", "danger", 5),
        ({"security_opt": ["label=disable"]}, "security-label:web:label=disable", "warning", 5),
        ({"security_opt": ["label:disable"]}, "security-label:web:label:disable", "warning", 5),
        ({"security_opt": ["seccomp=/x.json"]}, "security-seccomp:web:seccomp=/x.json", "warning", 5),
        (
            {"security_opt": ["no-new-privileges:false"]},
            "security-no-new-privileges:web:no-new-privileges:false", "info", 6,
        ),
        ({"cgroup_parent": "/"}, "cgroup-parent:web:".rstrip(":"), "warning", 5),
        ({"sysctls": {"net.ipv4.ip_forward": 1}}, "sysctl:web:net.ipv4.ip_forward", "info", 6),
        ({"sysctls": ["kernel.shmmax=1"]}, "sysctl:web:kernel.shmmax", "warning", 5),
        ({"ulimits": {"nofile": 1}}, "ulimits:web", "info", 6),
        ({"oom_kill_disable": True}, "oom:web", "warning", 5),
        ({"runtime": "nvidia"}, "runtime:web", "info", 6),
        ({"runtime": "odd"}, "runtime:web", "warning", 5),
        ({"user": "root"}, "root:web", "info", 6),
        ({"user": "00:1000"}, "root:web", "info", 6),
        ({"group_add": ["docker"]}, "group:web", "warning", 5),
        ({"extra_hosts": ["host.docker.internal:host-gateway"]}, "host-gateway:web", "info", 6),
        ({"external_links": ["db"]}, "external-links:web", "warning", 6),
        ({"labels": {"traefik.enable": "true"}}, "labels:web", "info", 6),
        ({"volumes_from": ["container:db:ro"]}, "volumes-from:web:container:db:ro", "danger", 4),
        ({"tmpfs": ["/tmp:exec,mode=1777"]}, "tmpfs-exec:web:/tmp:exec,mode=1777", "info", 6),
        ({"env_file": "/etc/shadow"}, "path-passwords-and-keys:web:/etc/shadow:ro", "danger", 3),
        ({"env_file": [{"path": "../b/.env"}]}, "path-talome's-own-files:web:/srv/talome/apps/b/.env:ro", "danger", 2),
        ({"ports": ["53:53/udp"]}, "low-port:web:53", "warning", 6),
        ({"ports": [{"target": 80, "published": "80", "host_ip": "0.0.0.0"}]}, "low-port:web:80", "warning", 6),
        ({"ports": ["127.0.0.1:8080:80"]}, "host-ip:web:127.0.0.1:8080", "info", 6),
        ({"ports": ["[::1]:8080:80"]}, "host-ip:web:::1:8080", "info", 6),
        ({"image": "busybox"}, "image-latest:web", "info", 6),
        ({"image": "host:5000/busybox:latest"}, "image-latest:web", "info", 6),
        ({"image": "host:5000/busybox:1.36"}, "image-tag:web", "info", 6),
    ],
)  # fmt: skip
def test_each_rule(body: dict[str, Any], rule: str, severity: str, rating: int) -> None:
    found = of(body)
    assert rule in {item.id: item.severity for item in found.items}, [item.id for item in found.items]
    item = next(item for item in found.items if item.id == rule)
    assert (item.severity, item.service, found.rating) == (severity, "web", rating)
    assert item.detail.endswith((".", ")"))


@pytest.mark.parametrize(
    "body",
    [
        {"network_mode": "none"}, {"network_mode": "service:db"}, {"cap_add": ["CHOWN"]}, {"cap_drop": ["ALL"]},
        {"security_opt": ["no-new-privileges:true"]}, {"init": True}, {"privileged": False}, {"privileged": "no"},
        {"runtime": "runc"}, {"env_file": ".env"}, {"tmpfs": "/tmp"}, {"ports": [8080, "8080", "8080-8090:80-90"]},
        {"volumes": ["data:/data", "/anonymous", "./data:/data:ro"]}, {"labels": ["com.example=1"]},
    ],
)  # fmt: skip
def test_what_harms_nobody_is_not_on_the_sheet(body: dict[str, Any]) -> None:
    assert of(body).items == []


@pytest.mark.parametrize(
    ("path", "writes", "reads"),
    [
        ("/etc", ("danger", 1), ("danger", 3)),
        ("/etc/localtime", ("warning", 5), ("info", 6)),
        ("/etc/shadow", ("danger", 1), ("danger", 3)),
        ("/etc/resolv.conf", ("danger", 1), ("warning", 5)),
        ("/boot", ("danger", 1), ("info", 6)),
        ("/lib/modules", ("danger", 1), ("info", 6)),
        ("/root", ("danger", 1), ("danger", 3)),
        ("/proc", ("danger", 1), ("warning", 5)),
        ("/sys/fs/cgroup", ("danger", 1), ("warning", 5)),
        ("/dev", ("danger", 3), ("danger", 3)),
        ("/dev/ttyUSB0", ("warning", 5), ("warning", 5)),
        ("/home", ("danger", 3), ("danger", 5)),
        ("/home/ada", ("danger", 2), ("danger", 4)),
        ("/home/ada/.ssh/id", ("danger", 2), ("danger", 4)),
        ("/home/ada/Music", ("warning", 5), ("warning", 6)),
        ("/var/lib/docker/volumes", ("danger", 1), ("danger", 3)),
        ("/run/dbus", ("danger", 3), ("danger", 3)),
        ("/mnt", ("danger", 3), ("danger", 5)),
        ("/mnt/disk/films", ("warning", 5), ("warning", 6)),
        ("/srv", ("danger", 1), ("danger", 2)),
        ("/srv/talome", ("danger", 1), ("danger", 2)),
        ("/srv/talome/apps", ("danger", 1), ("danger", 2)),
        ("/srv/talome/apps/other", ("danger", 1), ("danger", 2)),
        ("/srv/talome/apps/app2", ("danger", 1), ("danger", 2)),
        ("/srv/media/films", ("info", 6), ("info", 6)),
        ("/srv/media2", ("warning", 5), ("warning", 6)),
        ("/srv/talome/shared/media", ("info", 6), ("info", 6)),
        ("~/.ssh", ("danger", 1), ("danger", 3)),
    ],
)
def test_paths_of_the_machine(path: str, writes: tuple[str, int], reads: tuple[str, int]) -> None:
    for read_only, (severity, rating) in ((False, writes), (True, reads)):
        found = of(bind(path, read_only=read_only))
        assert [(item.severity, found.rating) for item in found.items] == [(severity, rating)]


def test_a_shared_folder_above_talomes_own_does_not_open_it() -> None:
    for path in ("/srv", "/srv/talome/accounts"):
        compose = {"services": {"web": {"image": PINNED, **bind(path)}}}
        assert sheet(compose, data_folder=OWN, shared_folders=["/srv"], talome_folder="/srv/talome").rating == 1


@pytest.mark.parametrize(("path", "rating"), [("./data/x", 6), ("data/../data", 6), ("./revisions", 1), ("../b", 1)])
def test_relative_paths_count_from_the_compose_file(path: str, rating: int) -> None:
    compose = {"services": {"web": {"image": PINNED, **bind(path)}}}
    found = sheet(compose, data_folder=f"{OWN}/data", project_folder=OWN, talome_folder="/srv/talome")
    assert found.rating == rating


def test_a_path_that_is_not_known_counts_as_all() -> None:
    assert of(bind("${SECRET_DIR}/x")).rating == 1
    assert of(bind(f"{OWN}/$$literal")).items == []


@pytest.mark.parametrize(
    ("volume", "rating", "rule"),
    [
        ({"driver_opts": {"type": "none", "o": "bind", "device": "/run"}}, 1, "path-owns"),
        ({"driver_opts": {"o": "rw,rbind", "device": "/etc"}}, 1, "path-owns"),
        ({"driver_opts": {"type": "none", "o": "bind,ro", "device": "/mnt/x"}}, 6, "path-files-outside"),
        ({"driver_opts": {"type": "none", "o": "bind", "device": f"{OWN}/data"}}, 6, None),
        ({"driver_opts": {"type": "ext4", "device": "/dev/sda1"}}, 1, "attached"),
        ({"driver_opts": {"type": "none", "device": "/dev/sda1"}}, 1, "attached"),
        ({"driver_opts": {"type": "overlay", "o": "lowerdir=/,upperdir=/x,workdir=/y"}}, 1, "attached"),
        ({"driver_opts": {"type": "nfs", "o": "addr=10.0.0.1", "device": ":/films"}}, 6, "share"),
        ({"driver_opts": {"type": "tmpfs", "device": "tmpfs"}}, 6, None),
        ({"driver": "rclone"}, 5, "volume-driver"),
        ({"external": True}, 5, "external-volume"),
        (None, 6, None),
    ],
)
def test_a_volume_may_be_a_disguised_folder(volume: Any, rating: int, rule: str | None) -> None:
    for body in ({"volumes": ["data:/data"]}, {}):
        found = of(body, volumes={"data": volume})
        assert found.rating == rating
        assert [item.id.startswith(rule or "?") for item in found.items] == ([True] if rule else [])


@pytest.mark.parametrize(
    ("network", "rule", "rating"),
    [
        ({"external": True, "name": "host"}, "host-network:web", 5),
        ({"name": "host"}, "host-network:web", 5),
        ({"external": True}, "other-network:web:default", 6),
        ({"name": "other_net"}, "other-network:web:other_net", 6),
        ({"driver": "macvlan"}, "own-device:web:default", 5),
    ],
)
def test_networks(network: dict[str, Any], rule: str, rating: int) -> None:
    found = of({}, networks={"default": network})
    assert ([item.id for item in found.items], found.rating) == ([rule], rating)
    assert of({}, networks={"default": {"name": "app_default"}}).items == []


def test_files_that_compose_reads_and_what_cannot_be_seen() -> None:
    assert of({}, secrets={"key": {"file": "/root/key"}}).rating == 3
    assert of({}, configs={"own": {"file": "./own.conf"}}, secrets={"env": {"environment": "X"}}).items == []
    assert of({}, include=["other.yml"]).rating == 1


def test_a_rule_counts_once_and_the_gravest_comes_first() -> None:
    services = {name: {"image": "busybox", "network_mode": "host", "cap_add": ["NET_ADMIN"]} for name in "abc"}
    found = sheet_of({"services": services})
    assert found.rating == 4
    assert [item.severity for item in found.items] == ["danger"] * 3 + ["warning"] * 3 + ["info"] * 3
    assert {(image.service, image.pinned) for image in found.images} == {("a", False), ("b", False), ("c", False)}
    assert of({}).images[0].pinned


def test_a_difference_is_what_an_app_may_not_what_its_version_is() -> None:
    before = of({"image": "app:1", **bind("/mnt/a", read_only=True), "cap_add": ["NET_ADMIN"]})
    after = of({"image": "app:2", **bind("/mnt/a"), "privileged": True})
    change = difference(before, after)
    assert [item.id.partition(":")[0] for item in change.added] == ["privileged", "path-files-outside-its-folder"]
    assert [item.id.partition(":")[0] for item in change.removed] == ["cap-NET_ADMIN", "path-files-outside-its-folder"]
    assert (change.rating_before, change.rating_after) == (5, 1)
    assert difference(before, before).added == difference(before, before).removed == []


def test_words_of_a_store_stay_one_short_line() -> None:
    found = of({"devices": ["/dev/x\u202e\n" + "y" * 999 + end for end in "12"]})
    assert len({item.id for item in found.items}) == 2
    for item in found.items:
        assert len(item.detail) <= 300
        assert not re.search("[\n\u202e]", item.id + item.detail)


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(st.sampled_from(["", ".", "..", "etc", "srv", "talome", "apps", "app", "app2", "data", "media"])),
    slashes=st.lists(st.sampled_from(["/", "//", "///"]), min_size=12, max_size=12),
)
def test_a_path_is_judged_by_where_it_leads(parts: list[str], slashes: list[str]) -> None:
    path = "/" + "".join(part + slashes[number % 12] for number, part in enumerate(parts))
    real = posixpath.normpath("/" + path.lstrip("/"))
    assert normal(path) == real
    assert normal(real) == real
    inside = real == OWN or real.startswith(OWN + "/")
    assert within(normal(path), OWN) == inside
    assert of(bind(path)) == of(bind(real))
    assert (of(bind(path)).items == []) == inside


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["/", "host", "a:b:c", "$x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        "image", "privileged", "volumes", "ports", "devices", "cap_add", "security_opt", "networks", "network_mode",
        "env_file", "tmpfs", "deploy", "ulimits", "sysctls", "user", "labels", "volumes_from", "post_start", "pid",
        "device_cgroup_rules", "extra_hosts", "group_add", "read_only",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(body=st.dictionaries(KEYS, ANYTHING, max_size=5), volumes=ANYTHING, networks=ANYTHING, services=ANYTHING)
def test_nonsense_never_raises(body: dict[str, Any], volumes: Any, networks: Any, services: Any) -> None:
    assert 1 <= of(body, volumes=volumes, networks=networks, configs=volumes).rating <= 8
    assert 1 <= sheet_of({"services": services}).rating <= 8


def _documents(store: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """By app, the text and the document."""
    found = {}
    for file in sorted((STORES / store).rglob("docker-compose.yml")):
        text = file.read_text(errors="replace")
        found[file.parent.name] = (text, yaml.safe_load(text))
    return found


@pytest.mark.parametrize("store", ["casaos", "big-bear", "umbrel", "runtipi"])
def test_what_stores_ask_for_is_found_as_their_files_say_it(store: str) -> None:
    if not (STORES / store).is_dir():
        pytest.skip("the sample stores are not here")
    signs = {
        "privileged": re.compile(r"^\s+privileged:\s*true", re.MULTILINE),
        "host-network": re.compile(r"^\s+network_mode:\s*[\"']?host", re.MULTILINE),
        "/run/docker.sock": re.compile(r"^\s*(-|source:)\s*[\"']?/(var/)?run/docker\.sock", re.MULTILINE),
    }
    documents = _documents(store)
    assert documents
    for app, (text, document) in documents.items():
        ids = [item.id for item in sheet_of(document).items]
        for sign, pattern in signs.items():
            assert bool(pattern.search(text)) == any(sign in id for id in ids), (app, sign)
