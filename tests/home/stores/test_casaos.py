"""Stores of CasaOS and Big-Bear, read: magic values, folders, the door, languages, and what is refused."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from talome.engines.compose import find_compose
from talome.home.manifest import AppManifest, Part
from talome.home.stores.formats import casaos
from talome.home.stores.formats.compose import names_in
from talome.home.stores.formats.found import BadApp, StoreSource

SOURCE = StoreSource("casa", "Casa")
SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "stores"


def store(folder: Path, **apps: str | bytes) -> list[AppManifest | BadApp]:
    for name, text in apps.items():
        (folder / "Apps" / name).mkdir(parents=True)
        content = text if isinstance(text, bytes) else text.encode()
        (folder / "Apps" / name / "docker-compose.yml").write_bytes(content)
    return list(casaos.read(folder, SOURCE))


def app(folder: Path, text: str) -> AppManifest:
    (found,) = store(folder, Notes=text)
    assert isinstance(found, AppManifest), found
    return found


def parts(manifest: AppManifest) -> dict[str, list[Part]]:
    return {variable.name: variable.parts for variable in manifest.variables}


WHOLE = """
name: notes
services:
  notes:
    image: example/notes:1.2
    container_name: notes
    environment:
      - PUID=1000
      - PGID=$PGID
      - TZ=Europe/Berlin
      - USER=$DefaultUserName
      - LOGIN=$DefaultPassword
      - OWN_ADDRESS=http://box:${WEBUI_PORT}
      - GREETING=Hello
      - API_TOKEN=${API_TOKEN:?from the provider}
      - COLOUR=${COLOUR:-blue}
      - HASH=$2y$10$coPqCs
      - PATTERN=${folder}/x
      - QUIET=""
      - FROM_HOST
    ports:
      - target: 8080
        published: ${WEBUI_PORT:-5230}
        protocol: tcp
      - "5353:53/udp"
    volumes:
      - type: bind
        source: /DATA/AppData/$AppID/config
        target: /config
      - /DATA/AppData/other/x:/other
      - /DATA/Media/Films:/films:ro
      - /DATA/Downloads:/downloads
      - /DATA/Gallery:/photos
      - /DATA/Documents:/documents
      - /DATA/Special:/special
      - /DATA/AppData/../../DATA/Notes/../Up:/up
      - /DATA:/all
      - ./beside:/beside
      - /var/run/docker.sock:/var/run/docker.sock
    x-casaos:
      envs:
        - container: GREETING
          description: {en_us: Words of welcome.}
        - container: COLOUR
          description: {en_US: Colour of the page}
        - container: QUIET
          description: {de_DE: Ruhe}
        - container: PUID
          description: {en_US: Run as}
x-casaos:
  id: org.example.notes
  main: notes
  index: notes/start
  scheme: https
  port_map: ${WEBUI_PORT:-5230}
  architectures: [amd64, arm64, z80]
  title: {de_DE: Zettel, en_US: Notes}
  tagline: {en_gb: Keep notes}
  description: {fr_FR: Des notes}
  icon: https://example.org/icon.png
  screenshot_link: [https://example.org/1.png, http://example.org/2.png, javascript:alert(1)]
  developer: Example
  category: Productivity
  version: 1.2.3
  release_notes: {en_US: Better.}
  website: https://example.org
  repo: https://example.org/code
  tips: {before_install: {en_US: Read this.}, custom: And that.}
"""


def test_an_app_is_read_whole(tmp_path: Path) -> None:
    found = app(tmp_path, WHOLE)
    assert (found.id, found.folder, found.name, found.version) == ("notes", "Apps/Notes", "Notes", "1.2.3")
    assert (found.tagline, found.description) == ("Keep notes", "Des notes")
    assert (found.category, found.developer, found.architectures) == ("productivity", "Example", ["amd64", "arm64"])
    assert (found.icon, found.screenshots) == ("https://example.org/icon.png", ["https://example.org/1.png"])
    assert (found.release_notes, found.notes) == ("Better.", "Read this.\n\nAnd that.")
    assert found.web is not None
    assert found.web.model_dump() == {"service": "notes", "port": 8080, "path": "/notes/start", "scheme": "https"}
    assert found.probe.path == "/notes/start"
    assert (found.username, found.password, found.password_variable) == ("admin", None, "DEFAULT_PASSWORD")


def test_magic_values_become_variables(tmp_path: Path) -> None:
    found = app(tmp_path, WHOLE)
    service = found.compose["services"]["notes"]
    assert service["environment"] == {
        "PUID": "${PUID}",
        "PGID": "${PGID}",
        "TZ": "${TZ}",
        "USER": "admin",
        "LOGIN": "${DEFAULT_PASSWORD}",
        "OWN_ADDRESS": "http://box:${WEBUI_PORT}",
        "GREETING": "${GREETING}",
        "API_TOKEN": "${API_TOKEN}",
        "COLOUR": "${COLOUR}",
        "HASH": "$$2y$$10$$coPqCs",
        "PATTERN": "$${folder}/x",
        "QUIET": "${QUIET}",
        "FROM_HOST": "${FROM_HOST}",
    }
    assert [(port["target"], port["published"], port["protocol"]) for port in service["ports"]] == [
        (8080, "5230", "tcp"),
        (53, "5353", "udp"),
    ]
    known = parts(found)
    assert known["WEBUI_PORT"] == [Part(port="notes/8080/tcp")]
    assert known["PUID"] == [Part(fact="uid")]
    assert known["DEFAULT_PASSWORD"][0].secret == "DEFAULT_PASSWORD"
    assert set(known) == names_in(found.compose)
    fields = {field.name: field for field in found.fields}
    assert set(fields) == {"GREETING", "API_TOKEN", "COLOUR", "QUIET", "FROM_HOST"}
    assert (fields["GREETING"].label, fields["GREETING"].default) == ("Words of welcome", "Hello")
    assert (fields["COLOUR"].label, fields["COLOUR"].default) == ("Colour of the page", "blue")
    assert (fields["API_TOKEN"].required, fields["API_TOKEN"].kind) == (True, "password")
    assert (fields["API_TOKEN"].help, fields["QUIET"].default) == ("from the provider", "")
    assert "container_name" not in service  # else two apps could not have it


def test_folders_lie_in_the_apps_own_or_are_shared(tmp_path: Path) -> None:
    found = app(tmp_path, WHOLE)
    volumes = {v["target"]: v["source"] for v in found.compose["services"]["notes"]["volumes"]}
    assert volumes == {
        "/config": "${APP_DATA_DIR}/config",
        "/other": "${APP_DATA_DIR}/other/x",
        "/films": "${MEDIA_DIR}/Films",
        "/downloads": "${DOWNLOADS_DIR}",
        "/photos": "${PHOTOS_DIR}",
        "/documents": "${DOCUMENTS_DIR}",
        "/special": "${APP_DATA_DIR}/Special",
        "/up": "${APP_DATA_DIR}/Up",
        "/all": "${FILES_DIR}",
        "/beside": "${APP_DATA_DIR}/beside",
        "/var/run/docker.sock": "/var/run/docker.sock",
    }
    assert parts(found)["PHOTOS_DIR"] == [Part(folder="photos")]
    assert [warning[:22] for warning in found.warnings] == ["/DATA/AppData/other/x ", "It sees the shared fil"]


def test_big_bear_names_its_apps_otherwise_than_their_folders(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        "{name: big-bear-notes, services: {a: {image: 'x:5@sha256:00', volumes: ['/DATA/AppData/$AppID/d:/d']}},"
        " x-casaos: {title: T}}",
    )
    assert (found.id, found.name, found.version) == ("big-bear-notes", "T", "5")
    assert found.compose["services"]["a"]["volumes"][0]["source"] == "${APP_DATA_DIR}/d"


DOORS = {
    "the service that is named": ("main: b, port_map: '90'", "b", 80),
    "the one that publishes the port": ("port_map: '90'", "b", 80),
    "a port inside": ("port_map: '70'", "a", 70),
    "the first with a port": ("port_map: '1'", "a", 70),
    "a name that is none": ("main: x, port_map: ''", "a", 70),
}


@pytest.mark.parametrize("case", DOORS)
def test_the_door_is_found(tmp_path: Path, case: str) -> None:
    told, service, port = DOORS[case]
    services = "{c: {image: 'x:1'}, a: {image: 'x:1', ports: ['71:70']}, b: {image: 'x:1', ports: ['90:80', '91:81']}}"
    found = app(tmp_path, f"{{name: x, services: {services}, x-casaos: {{{told}}}}}").web
    assert found is not None
    assert (found.service, found.port, found.path, found.scheme) == (service, port, "/", "http")


def test_on_the_hosts_network_the_port_is_a_number(tmp_path: Path) -> None:
    service = "{image: 'x:1', network_mode: host, environment: {P: $WEBUI_PORT, Q: $$}}"
    found = app(tmp_path, f"{{name: x, services: {{a: {service}}}, x-casaos: {{port_map: '8123'}}}}")
    assert found.web is not None
    assert found.web.port == 8123
    assert found.compose["services"]["a"]["environment"] == {"P": "8123", "Q": "$$"}
    assert found.variables == []


def test_variables_stand_anywhere(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        """
name: x
services:
  a:
    image: x:${VERSION:-5}
    ports: ["${PORT}:80", "${OTHER:-90}:91"]
    volumes: ["${FILMS}:/films", "${BOOKS:-/DATA/Media/Books}:/books", "data:/d"]
    networks: [own]
networks: {own: {name: $AppID-own}}
volumes: {data: {labels: {for: $OWNER}}}
x-casaos: {}
""",
    )
    assert [port["published"] for port in found.compose["services"]["a"]["ports"]] == ["", "90"]
    assert [v["source"] for v in found.compose["services"]["a"]["volumes"]] == [
        "${FILMS}",
        "${MEDIA_DIR}/Books",
        "data",
    ]
    assert found.compose["networks"] == {"own": {"name": "x-own"}}
    fields = {field.name: (field.kind, field.required, field.default) for field in found.fields}
    assert fields == {"VERSION": ("text", False, "5"), "FILMS": ("folder", True, ""), "OWNER": ("text", False, "")}
    assert set(parts(found)) == {*fields, "MEDIA_DIR"} == names_in(found.compose)


@pytest.mark.parametrize(
    "title",
    ["{en_us: A}", "{en_US: A}", "{zh_CN: B, en_GB: A}", "{zh_CN: A}", "A", "{en_US: '', de_DE: A}", "{en-US: A}"],
)
def test_a_title_is_found_in_any_language(tmp_path: Path, title: str) -> None:
    assert app(tmp_path, f"{{name: x, services: {{a: {{image: a}}}}, x-casaos: {{title: {title}}}}}").name == "A"


@pytest.mark.parametrize("title", ["null", "{}", "[]", "{en_US: {}}", "''"])
def test_a_title_is_never_empty(tmp_path: Path, title: str) -> None:
    found = app(tmp_path, f"{{name: my-notes, services: {{a: {{image: a}}}}, x-casaos: {{title: {title}}}}}")
    assert found.name == "My Notes"


def test_a_secret_on_both_sides_is_derived_and_a_lone_one_is_told(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        """
name: x
services:
  web:
    image: x:1
    environment: {DB_PASSWORD: casaos, DB_USER: casaos, URL: "postgres://casaos:casaos@db/casaos", APP_SECRET: onlyhere}
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: casaos, POSTGRES_USER: casaos}
    healthcheck: {test: [CMD-SHELL, pg_isready -U casaos -d casaos]}
  cache:
    image: redis:7
    command: redis-server --requirepass shared-redis
  worker:
    image: x:1
    environment: {REDIS_PASSWORD: shared-redis}
  worker2:
    image: x:1
    environment: {REDIS_PASSWORD: shared-redis}
x-casaos: {title: T}
""",
    )
    services = found.compose["services"]
    assert services["web"]["environment"] == {
        "DB_PASSWORD": "${SECRET_DB_PASSWORD}",
        "DB_USER": "casaos",
        "URL": "postgres://casaos:${SECRET_DB_PASSWORD}@db/casaos",
        "APP_SECRET": "onlyhere",
    }
    assert services["db"]["environment"] == {"POSTGRES_PASSWORD": "${SECRET_DB_PASSWORD}", "POSTGRES_USER": "casaos"}
    assert services["db"]["healthcheck"]["test"] == ["CMD-SHELL", "pg_isready -U casaos -d casaos"]
    assert services["cache"]["command"] == "redis-server --requirepass ${SECRET_REDIS_PASSWORD}"
    assert parts(found)["SECRET_DB_PASSWORD"][0].secret == "SECRET_DB_PASSWORD"
    assert found.warnings == ["Everybody who installs this app gets the same APP_SECRET: change it after the start."]


def test_a_secret_whose_meaning_is_unclear_is_left(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        "{name: x, services: {a: {image: 'x:1', environment: {PASSWORD: words}, command: print words},"
        " b: {image: 'x:1', environment: {PASSWORD: words}}}, x-casaos: {}}",
    )
    assert found.compose["services"]["a"]["environment"] == {"PASSWORD": "words"}
    assert len(found.warnings) == 1


def test_one_broken_app_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "docker-compose.yml").write_text("name: stolen\nservices: {a: {image: a}}\nx-casaos: {}\n")
    good = "{name: good, services: {a: {image: a}}, x-casaos: {}}"
    store(tmp_path, a=b"\xff", b="[1]", c="{name: c, services: {a: {image: a}}}", d=good, e=good, f=good)
    for name, text in {
        "g": "{name: .., services: {a: {image: a}}, x-casaos: {}}",
        "h": "{name: '${X}', services: {a: {image: a}}, x-casaos: {}}",
        "i": "{name: i, services: {a: {image: a, build: /}}, x-casaos: {}}",
        "j": "{name: j, services: [], x-casaos: {}}",
        "k": "",
    }.items():
        (tmp_path / "Apps" / name).mkdir()
        (tmp_path / "Apps" / name / "docker-compose.yml").write_text(text)
    (tmp_path / "Apps" / "linked").symlink_to(tmp_path / "outside")
    (tmp_path / "Apps" / "m").mkdir()
    (tmp_path / "Apps" / "m" / "docker-compose.yml").symlink_to(tmp_path / "outside" / "docker-compose.yml")
    found = list(casaos.read(tmp_path, SOURCE))
    assert [each.id for each in found if isinstance(each, AppManifest)] == ["good"]
    reasons = {each.path: each.reason for each in found if isinstance(each, BadApp)}
    assert set(reasons) == {f"Apps/{name}" for name in "abcefghijkm"}
    assert reasons["Apps/e"] == "Its name good is that of Apps/d, too."
    assert "is a link" in reasons["Apps/m"]
    assert not any("nobody thought of" in reason for reason in reasons.values())


@pytest.mark.parametrize(
    "key", ["title", "port_map", "main", "index", "scheme", "tips", "version", "architectures", "icon"]
)
@pytest.mark.parametrize("value", ["[]", "{a: [1]}", "5", "true", "null", "[{}]", "'\\n<b>'"])
def test_values_of_any_type_do_no_harm(tmp_path: Path, key: str, value: str) -> None:
    found = app(tmp_path, f"{{name: x, services: {{a: {{image: 'a:1', ports: [80]}}}}, x-casaos: {{{key}: {value}}}}}")
    assert found.name
    assert found.icon is None


def test_the_built_files_of_a_store_are_read(tmp_path: Path) -> None:
    """They have plain titles, `release_note`, and a folder that is named after the identifier."""
    (tmp_path / "Apps" / "org.example.notes").mkdir(parents=True)
    (tmp_path / "Apps" / "org.example.notes" / "docker-compose.yaml").write_text(
        "{services: {a: {image: 'a:1'}},"
        " x-casaos: {id: org.example.notes, title: Notes, release_note: New, version: 2.0.0}}"
    )
    (found,) = casaos.read(tmp_path, SOURCE)
    assert isinstance(found, AppManifest)
    assert (found.id, found.name, found.version, found.release_notes) == ("notes", "Notes", "2.0.0", "New")


def test_every_sample_is_read_and_taken_by_compose(tmp_path: Path) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("The samples of public stores are not beside this checkout.")
    found = [each for name in ("casaos", "big-bear") for each in casaos.read(SAMPLES / name, SOURCE)]
    assert [each for each in found if isinstance(each, BadApp)] == []
    apps = [each for each in found if isinstance(each, AppManifest)]
    assert len(apps) >= 40
    for each in apps:
        assert names_in(each.compose) == {variable.name for variable in each.variables}
        assert [s for s in _sources(each.compose) if s.startswith("/DATA")] == []
    command = find_compose().command

    def complaint(each: AppManifest) -> tuple[str, int, str]:
        folder = tmp_path / each.id
        folder.mkdir()
        (folder / "compose.yml").write_text(json.dumps(each.compose))
        paths = {v.name for v in each.variables if any(p.fact == "data" or p.folder for p in v.parts)}
        values = {v.name: "/srv/x" if v.name in paths else "1000" for v in each.variables}
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        arguments = [*command, "-f", "compose.yml", "config", "-q"]
        answer = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
        return each.id, answer.returncode, answer.stderr

    with ThreadPoolExecutor(4) as pool:
        assert [answer for answer in pool.map(complaint, apps) if answer[1:] != (0, "")] == []


def _sources(compose: dict[str, Any]) -> list[str]:
    return [v.get("source", "") for service in compose["services"].values() for v in service.get("volumes", [])]
