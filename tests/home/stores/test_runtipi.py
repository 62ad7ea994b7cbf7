"""Runtipi's stores become manifests."""

import json
from pathlib import Path
from typing import Any

from talome.home.manifest import Part, Web
from talome.home.stores.formats.runtipi import read
from tests.home.stores.rendering import all_accepted, apps, nothing_started, parts, samples
from tests.home.stores.runtipi_store import MAIN, SOURCE, only, write, write_yaml


def test_every_sample_is_accepted_by_compose_or_says_what_it_lacks(tmp_path: Path) -> None:
    root = samples("runtipi")
    with nothing_started():
        found = apps(list(read(root, SOURCE)))
    assert len(found) == len(list(root.glob("apps/*/config.json")))
    all_accepted([app for app in found.values() if not app.lacks], tmp_path)
    lacking = {name for name, app in found.items() if app.lacks}
    assert lacking == {"code-server", "mastodon", "traefik-certs-dumper"}
    assert {name for name, app in found.items() if not app.web} == {"cloudflare-ddns", "traefik-certs-dumper"}


def test_what_the_config_tells(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        short_desc="Write",
        author="Me",
        website="https://notes.example",
        source="ssh://x",
        description="short",
        categories=["featured", "utilities", "data"],
        supported_architectures=["arm64", "amd64"],
        uid=33,
        gid=34,
        url_suffix="admin",
        https=True,
        deprecated=True,
        available=False,
        force_expose=True,
    )
    (folder / "metadata").mkdir()
    (folder / "metadata" / "description.md").write_text("# Long")
    (folder / "metadata" / "logo.jpg").write_bytes(b"\xff\xd8")
    app = only(tmp_path)
    assert (app.id, app.folder, app.version, app.developer, app.category) == (
        "notes",
        "apps/notes",
        "1.2",
        "Me",
        "files",
    )
    assert (app.tagline, app.description, app.icon) == ("Write", "# Long", "metadata/logo.jpg")
    assert (app.website, app.repository) == ("https://notes.example", None)
    assert app.architectures == ["arm64", "amd64"]
    assert (app.uid, app.gid) == (33, 34)
    assert app.web == Web(service="web", port=3000, path="/admin", scheme="https")
    assert app.hidden
    assert "deprecated" in app.warnings[0]
    assert "domain" in app.warnings[1]
    assert not app.lacks


def test_the_dynamic_compose_file(tmp_path: Path) -> None:
    full = {
        **MAIN,
        "environment": [{"key": "A", "value": "1"}, {"key": "B", "value": True}],
        "addPorts": [
            {"containerPort": 53, "hostPort": 5353, "tcp": True, "udp": True, "interface": "127.0.0.1"},
            {"containerPort": 99, "hostPort": "99"},
        ],
        "volumes": [
            {"hostPath": "${APP_DATA_DIR}/data/:/app", "containerPath": "/app", "readOnly": True},
            {"hostPath": "/mnt", "containerPath": "/mnt", "shared": True},
            {"hostPath": "cache", "containerPath": "/cache"},
        ],
        "healthCheck": {"test": "true", "interval": "5s", "retries": 3, "startPeriod": "9s", "startInterval": "1s"},
        "dependsOn": {"db": {"condition": "service_healthy"}},
        "capAdd": ["net_admin"],
        "capDrop": ["ALL"],
        "workingDir": "/w",
        "shmSize": "1g",
        "readOnly": True,
        "securityOpt": ["no-new-privileges"],
        "stopSignal": "SIGINT",
        "stopGracePeriod": "1m",
        "stdinOpen": True,
        "extraHosts": ["a:1.2.3.4"],
        "extraLabels": {"x": "{{RUNTIPI_APP_ID}}", "traefik.enable": "true"},
        "tty": True,
        "deploy": {"resources": {"reservations": {"devices": [{"capabilities": ["gpu"], "deviceIds": ["0"]}]}}},
        "user": "1:1",
        "hostname": "n",
        "privileged": True,
        "pid": "host",
        "devices": ["/dev/dri"],
        "dns": ["9.9.9.9"],
        "ulimits": {"core": {"soft": 0, "hard": 0}},
        "sysctls": {"net.ipv4.ip_forward": 1},
        "logging": {"driver": "none"},
        "command": "run",
        "entrypoint": ["e"],
        "addToMainNetwork": True,
        "somethingNew": 1,
    }
    write(tmp_path, services=[full, {"name": "db", "image": "d:1"}])
    app = only(tmp_path)
    web = app.compose["services"]["web"]
    assert web["environment"] == {"A": "1", "B": "true"}
    assert web["ports"] == [
        {"target": 53, "published": "5353", "protocol": "tcp", "host_ip": "127.0.0.1"},
        {"target": 53, "published": "5353", "protocol": "udp", "host_ip": "127.0.0.1"},
        {"target": 99, "published": "99", "protocol": "tcp"},
        {"target": 3000, "published": "8200", "protocol": "tcp"},
    ]
    assert web["volumes"][0] == {"type": "bind", "source": "${APP_DATA_DIR}/data", "target": "/app", "read_only": True}
    assert web["volumes"][1]["bind"] == {"propagation": "shared"}
    assert web["volumes"][2] == {"type": "volume", "source": "cache", "target": "/cache"}
    assert list(app.compose["volumes"]) == ["cache"]
    assert web["healthcheck"]["start_period"] == "9s"
    assert web["healthcheck"]["start_interval"] == "1s"
    assert web["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert web["labels"] == {"x": "${RUNTIPI_APP_ID}"}
    assert parts(app)["RUNTIPI_APP_ID"] == [Part(fact="app_id")]
    assert web["deploy"]["resources"]["reservations"]["devices"][0]["device_ids"] == ["0"]
    for key, value in {
        "cap_add": ["NET_ADMIN"],
        "working_dir": "/w",
        "shm_size": "1g",
        "read_only": True,
        "pid": "host",
        "stop_signal": "SIGINT",
        "stop_grace_period": "1m",
        "stdin_open": True,
        "restart": "unless-stopped",
        "extra_hosts": ["a:1.2.3.4"],
        "privileged": True,
    }.items():
        assert web[key] == value
    assert app.warnings == ["The service web has a key that is not known here: somethingNew."]
    all_accepted([app], tmp_path)


def test_names_get_their_values(tmp_path: Path) -> None:
    environment = {
        "ID": "${APP_ID} ${APP_NAME} ${APP_STORE_ID} ${APP_URN}",
        "URL": "${APP_PROTOCOL}://${APP_DOMAIN}/",
        "HOSTS": "${APP_HOST},${APP_LOCAL_DOMAIN},${LOCAL_DOMAIN}",
        "PORT": "${APP_PORT}",
        "EXPOSED": "${APP_EXPOSED}",
        "MACHINE": "${TZ} ${INTERNAL_IP} ${DNS_IP} ${TIPI_UID}:${TIPI_GID}",
        "FALLBACK": "${NOT_SET:-x$$y}",
        "EMPTY": "${NOBODY_SETS_THIS}",
    }
    write(tmp_path, services=[{**MAIN, "environment": environment}])
    app = only(tmp_path)
    got = app.compose["services"]["web"]["environment"]
    assert got["ID"] == "${APP_ID} notes tipi notes:tipi"
    assert got["URL"] == "http://${APP_DOMAIN}/"
    assert got["PORT"] == "${APP_PORT}"
    assert got["FALLBACK"] == "x$$y"
    assert got["EMPTY"] == ""
    known = parts(app)
    leased = Part(port="web/3000/tcp")
    assert known["APP_PORT"] == [leased]
    assert known["APP_DOMAIN"] == [Part(fact="address"), Part(text=":"), leased]
    assert known["APP_LOCAL_DOMAIN"] == [Part(fact="domain"), Part(text=":"), leased]
    assert known["TZ"] == [Part(fact="timezone")]
    assert known["DNS_IP"] == [Part(fact="dns")]
    assert app.warnings == ["Nothing sets NOBODY_SETS_THIS: it is empty, as in its own store."]
    all_accepted([app], tmp_path)


def test_the_form(tmp_path: Path) -> None:
    def field(kind: str, name: str, **more: Any) -> dict[str, Any]:
        return {"type": kind, "label": f"The {name}", "env_variable": name, **more}

    fields = [
        field("text", "A_TEXT", hint="Think", required=True, min=3, max=9, regex="^a+$", pattern_error="Only a"),
        field("password", "A_PASSWORD", placeholder="12345"),
        field("number", "A_NUMBER", default=5),
        field("boolean", "A_SWITCH", default=False),
        field("fqdn", "A_DOMAIN", regex="(?<a>js)"),
        field("fqdnip", "A_HOST"),
        field("ip", "AN_IP"),
        field("text", "A_CHOICE", options=[{"label": "One", "value": "1"}, {"label": "Two", "value": 2}]),
        field("random", "R_DEFAULT"),
        field("random", "R_SHORT", min=16),
        field("random", "R_LONG", min=500),
        field("random", "R_BASE64", min=32, encoding="base64"),
        field("text", "UNUSED", required=True),
    ]
    environment = {f["env_variable"]: f"${{{f['env_variable']}}}" for f in fields if f["env_variable"] != "UNUSED"}
    ports = [{"containerPort": 53, "hostPort": 53, "interface": "${AN_IP:-0.0.0.0}"}]
    write(tmp_path, services=[{**MAIN, "environment": environment, "addPorts": ports}], form_fields=fields)
    app = only(tmp_path)
    form = {f.name: f for f in app.fields}
    assert [f.kind for f in app.fields] == ["text", "password", "number", "boolean", "domain", "text", "ip", "choice"]
    first = form["A_TEXT"]
    assert (first.label, first.help, first.required, first.minimum, first.maximum) == (
        "The A_TEXT",
        "Think",
        True,
        3,
        9,
    )
    assert (first.pattern, first.pattern_help) == ("^a+$", "Only a")
    assert form["A_PASSWORD"].help == "For example 12345"
    assert (form["A_NUMBER"].default, form["A_SWITCH"].default) == ("5", "false")
    assert form["A_DOMAIN"].pattern is None
    assert form["AN_IP"].default == "0.0.0.0"
    assert form["A_CHOICE"].options == [("1", "One"), ("2", "Two")]
    known = parts(app)
    assert known["A_TEXT"] == [Part(field="A_TEXT")]
    assert known["R_DEFAULT"] == [Part(secret="R_DEFAULT", length=32)]
    assert known["R_SHORT"] == [Part(secret="R_SHORT", length=16)]
    assert known["R_LONG"] == [Part(secret="R_LONG", length=64)]
    assert known["R_BASE64"] == [Part(secret="R_BASE64", length=44, encoding="base64")]
    assert app.compose["services"]["web"]["ports"][0]["host_ip"] == "${AN_IP}"
    all_accepted([app], tmp_path)


def test_folders_of_the_house_and_of_others(tmp_path: Path) -> None:
    sources = [
        "${ROOT_FOLDER_HOST}/media",
        "${ROOT_FOLDER_HOST}/media/data/tv",
        "${ROOT_FOLDER_HOST}/media/data/images/a",
        "${ROOT_FOLDER_HOST}/app-data/tipi/notes/x",
        "${APP_DATA_DIR}",
    ]
    mounts = [{"hostPath": source, "containerPath": f"/m{number}"} for number, source in enumerate(sources)]
    write(tmp_path, services=[{**MAIN, "volumes": mounts}])
    other = [{"hostPath": f"${{ROOT_FOLDER_HOST}}/{path}", "containerPath": f"/{number}"}
             for number, path in enumerate(["app-data/tipi/wiki", "traefik", ""])]  # fmt: skip
    write(tmp_path, "nosy", services=[{**MAIN, "volumes": other}])
    app = only(tmp_path)
    assert [mount["source"] for mount in app.compose["services"]["web"]["volumes"]] == [
        "${MEDIA_DIR}", "${MEDIA_DIR}/data/tv", "${PHOTOS_DIR}/a", "${APP_DATA_DIR}/x", "${APP_DATA_DIR}",
    ]  # fmt: skip
    assert parts(app)["MEDIA_DIR"] == [Part(folder="media")]
    assert parts(app)["PHOTOS_DIR"] == [Part(folder="photos")]
    assert not app.lacks
    told = "\n".join(only(tmp_path, "nosy").lacks)
    for piece in ("app wiki", "its traefik", "whole folder"):
        assert piece in told


def test_another_image_on_another_architecture(tmp_path: Path) -> None:
    folder = write(tmp_path, services=[{**MAIN, "environment": {"A": "${APP_ID}"}}, {"name": "db", "image": "d:1"}])
    document = json.loads((folder / "docker-compose.json").read_text())
    document["overrides"] = [
        {"architecture": "arm64", "services": [{"name": "web", "image": "notes:1-arm", "environment": {"B": "2"}}]},
        {"architecture": "riscv", "services": []},
    ]
    (folder / "docker-compose.json").write_text(json.dumps(document))
    app = only(tmp_path)
    assert app.compose["services"]["web"]["image"] == "notes:1"
    assert app.by_architecture == {
        "arm64": {"web": {"image": "notes:1-arm", "environment": {"A": "${APP_ID}", "B": "2"}}}
    }


def test_yaml_with_marks(tmp_path: Path) -> None:
    write_yaml(
        tmp_path,
        {
            "services": {
                "db": {"image": "d:1", "networks": ["tipi_main_network"]},
                "web": {
                    "image": "n:1",
                    "container_name": "notes",
                    "ports": ["${BIND:-0.0.0.0}:53:53/udp"],
                    "networks": ["tipi_main_network", "inside"],
                    "x-runtipi": {"is_main": True, "internal_port": "8080"},
                },
            },
            "networks": {"tipi_main_network": {"external": True}, "inside": None},
            "x-runtipi": {
                "schema_version": 2,
                "overrides": [{"architecture": "arm64", "services": {"db": {"image": "d:arm"}}}],
            },
        },
    )
    app = only(tmp_path)
    web = app.compose["services"]["web"]
    assert app.web == Web(service="web", port=8080)
    assert web["ports"] == [
        {"target": 53, "published": "53", "protocol": "udp", "host_ip": "0.0.0.0"},
        {"target": 8080, "published": "8200", "protocol": "tcp"},
    ]
    assert "container_name" not in web
    assert web["networks"] == {"default": {"aliases": ["notes"]}, "inside": {"aliases": ["notes"]}}
    assert list(app.compose["networks"]) == ["inside"]
    assert "networks" not in app.compose["services"]["db"]
    assert web["restart"] == "unless-stopped"
    assert app.by_architecture == {"arm64": {"db": {"image": "d:arm"}}}
    all_accepted([app], tmp_path)


def test_yaml_of_old(tmp_path: Path) -> None:
    labels = {"traefik.http.routers.x.rule": "Host(`${APP_DOMAIN}`)", "runtipi.managed": True, "mine": "1"}
    write_yaml(
        tmp_path,
        {
            "version": "3.9",
            "services": {
                "db": {"image": "d:1", "ports": ["99:98"], "networks": ["tipi_main_network"]},
                "web": {
                    "image": "n:1",
                    "environment": ["URL=http://${APP_DOMAIN}"],
                    "ports": ["${APP_PORT}:8080"],
                    "networks": ["tipi_main_network"],
                    "labels": labels,
                },
                "job": {"image": "j:1", "labels": ["traefik.enable=false", "keep=${LOCAL_DOMAIN}"]},
            },
            "networks": {"tipi_main_network": {"external": True}},
        },
    )
    app = only(tmp_path)
    web = app.compose["services"]["web"]
    assert app.web == Web(service="web", port=8080)
    assert web["ports"] == [{"target": 8080, "published": "8200", "protocol": "tcp"}]
    assert web["labels"] == {"mine": "1"}
    assert app.compose["services"]["job"]["labels"] == {"keep": "${LOCAL_DOMAIN}"}
    assert "networks" not in app.compose
    assert parts(app)["APP_DOMAIN"][-1] == Part(port="web/8080/tcp")
    all_accepted([app], tmp_path)


def test_without_a_door_and_on_the_hosts_network(tmp_path: Path) -> None:
    write(tmp_path, "quiet", services=[{"name": "web", "image": "n:1", "isMain": True}], no_gui=True, port=None)
    write(tmp_path, "host", services=[{**MAIN, "networkMode": "host", "environment": {"P": "${APP_PORT}"}}])
    quiet, host = only(tmp_path, "quiet"), only(tmp_path, "host")
    assert quiet.web is None
    assert "ports" not in quiet.compose["services"]["web"]
    assert host.web == Web(service="web", port=3000)
    assert "ports" not in host.compose["services"]["web"]
    assert host.compose["services"]["web"]["environment"] == {"P": "8200"}


def test_what_keeps_it_from_being_installed(tmp_path: Path) -> None:
    environment = {"K": "${VAPID_PRIVATE_KEY}", "L": "${VAPID_PUBLIC_KEY}"}
    write(tmp_path, services=[{**MAIN, "environment": environment}], generate_vapid_keys=True)
    write(tmp_path, "lost", services=[{**MAIN, "image": "n:${WHICH}"}])
    assert len(only(tmp_path).lacks) == 1
    assert "VAPID" in only(tmp_path).lacks[0]
    assert only(tmp_path, "lost").lacks == ["It needs a value for WHICH, and nothing says where it comes from."]


def test_files_are_laid_out(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "data" / "conf").mkdir(parents=True)
    (folder / "data" / "conf" / "a.yaml").write_text("a: ${NOT_OURS}")
    (folder / "data" / "b.bin").write_bytes(b"\xff")
    app = only(tmp_path)
    assert [(file.path, file.text, file.template) for file in app.scaffold] == [
        ("data/conf/a.yaml", "a: ${NOT_OURS}", False)
    ]
    assert "data/b.bin" in app.warnings[0]
