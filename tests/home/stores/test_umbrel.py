"""Umbrel's stores become manifests."""

import json
from pathlib import Path

import pytest

from talome.home.manifest import AppManifest, Part, Web
from talome.home.stores.formats.found import BadApp
from talome.home.stores.formats.umbrel import read
from tests.home.stores.rendering import all_accepted, apps, nothing_started, parts, umbrel_samples
from tests.home.stores.umbrel_store import PROXY, SOURCE, WEB, only, write


def test_every_sample_is_accepted_by_compose_or_says_what_it_lacks(tmp_path: Path) -> None:
    root = umbrel_samples(tmp_path / "store")
    with nothing_started():
        found = apps(list(read(root, SOURCE)))
    assert len(found) == len(list(root.glob("*/umbrel-app.yml")))
    all_accepted([app for app in found.values() if not app.lacks], tmp_path)
    lacking = {name for name, app in found.items() if app.lacks}
    assert lacking == {"electrs", "lightning", "mempool", "peerswap", "sparkkiosk", "suredbits-wallet", "vaultwarden"}
    assert all(app.web for name, app in found.items() if name not in lacking)


def test_what_the_manifest_tells(tmp_path: Path) -> None:
    write(
        tmp_path, manifestVersion=9.7, developer=42, submitter=7, version=2.5, tagline="Write", description="# Much",
        releaseNotes="New", website="https://notes.example", repo="", support="javascript:alert(1)", path="/admin",
        gallery=["1.jpg", "https://x.example/2.jpg", "http://x.example/3.jpg", "../4.jpg"], defaultUsername="me",
        defaultPassword="", backupIgnore=["data/cache/*", "../x", "/etc", "a b"], implements=["memos"], disabled=True,
    )  # fmt: skip
    app = only(tmp_path)
    assert (app.id, app.folder, app.version, app.developer, app.category) == ("notes", "notes", "2.5", "42", "files")
    assert (app.tagline, app.description, app.release_notes) == ("Write", "# Much", "New")
    assert (app.website, app.repository, app.support) == ("https://notes.example", None, None)
    gallery = "https://getumbrel.github.io/umbrel-apps-gallery/notes"
    assert app.icon == f"{gallery}/icon.svg"
    assert app.screenshots == [f"{gallery}/1.jpg", "https://x.example/2.jpg"]
    assert (app.username, app.password, app.password_variable) == ("me", None, None)
    assert app.backup_exclude == ["data/cache/*"]
    assert app.implements == ["memos"]
    assert app.hidden
    assert not app.lacks
    assert not app.warnings


def test_the_proxy_becomes_a_port_and_the_door(tmp_path: Path) -> None:
    web = {**WEB, "depends_on": ["app_proxy"]}
    write(tmp_path, services={"app_proxy": PROXY, "web": web}, path="/admin/")
    app = only(tmp_path)
    assert app.web == Web(service="web", port=3000, path="/admin/")
    service = app.compose["services"]["web"]
    assert list(app.compose["services"]) == ["web"]
    assert service["ports"] == [{"target": 3000, "published": "8200", "protocol": "tcp"}]
    assert service["networks"] == {"default": {"aliases": ["notes_web_1"]}}
    assert not service.get("depends_on")
    assert service["volumes"] == [{"type": "bind", "source": "${APP_DATA_DIR}/data", "target": "/data"}]
    assert parts(app)["APP_DATA_DIR"] == [Part(fact="data")]


@pytest.mark.parametrize("added", [None, "true", True])
def test_a_sign_in_that_falls_away_is_told(tmp_path: Path, added: object) -> None:
    environment = {"APP_HOST": "notes_web_1", "APP_PORT": "3000"}
    if added is not None:
        environment["PROXY_AUTH_ADD"] = added  # type: ignore[assignment]  # YAML's true on purpose
    write(tmp_path, services={"app_proxy": {"environment": environment}, "web": WEB})
    assert any("sign-in" in warning for warning in only(tmp_path).warnings)


def test_host_network_without_a_proxy(tmp_path: Path) -> None:
    write(tmp_path, services={"web": {"image": "n:1", "network_mode": "host"}})
    app = only(tmp_path)
    assert app.web == Web(service="web", port=8200)
    assert "ports" not in app.compose["services"]["web"]
    assert "networks" not in app.compose["services"]["web"]


def test_the_door_of_a_service_in_another_ones_network(tmp_path: Path) -> None:
    services = {"app_proxy": PROXY, "vpn": {"image": "v:1"}, "web": {"image": "n:1", "network_mode": "service:vpn"}}
    write(tmp_path, services=services)
    compose = only(tmp_path).compose["services"]
    assert compose["vpn"]["ports"] == [{"target": 3000, "published": "8200", "protocol": "tcp"}]
    assert "ports" not in compose["web"]


def test_names_get_their_values(tmp_path: Path) -> None:
    environment = {
        "SEED": "$APP_SEED",
        "TOKEN": "${NOTES_TOKEN}",
        "URL": "http://${DEVICE_DOMAIN_NAME}:${NOTES_PORT}/x",
        "OTHER_URL": "http://${APP_DOMAIN}:9999",
        "FALLBACK": "${NOT_SET:-one$$two}",
        "NESTED": "${NOT_SET-${NOTES_PORT}}",
        "SHELL": "$$HOME",
        "ID": "${APP_ID} ${APP_VERSION} ${APP_HIDDEN_SERVICE}",
        "TRUSTED": "${NETWORK_IP}/16",
        "EMPTY": "${NOBODY_SETS_THIS}",
    }
    exports = (
        'export NOTES_PORT="8200"\nNOTES_TOKEN="$(derive_entropy "env-${app_entropy_identifier}-TOKEN" | head -c32)"\n'
    )
    write(tmp_path, services={"app_proxy": PROXY, "web": {**WEB, "environment": environment}}, exports=exports,
          deterministicPassword=True)  # fmt: skip
    app = only(tmp_path)
    assert app.compose["services"]["web"]["environment"] == {
        "SEED": "${APP_SEED}",
        "TOKEN": "${NOTES_TOKEN}",
        "URL": "http://${DEVICE_DOMAIN_NAME}:${PORT_8200}/x",
        "OTHER_URL": "http://${APP_DOMAIN}:9999",
        "FALLBACK": "one$$two",
        "NESTED": "8200",
        "SHELL": "$$HOME",
        "ID": "notes 1.0 not-enabled.onion",
        "TRUSTED": "172.16.0.0/12",
        "EMPTY": "",
    }
    known = parts(app)
    assert known["APP_SEED"] == [Part(secret="APP_SEED")]
    assert known["NOTES_TOKEN"] == [Part(secret="env-app-notes-seed-TOKEN", length=32)]
    assert known["PORT_8200"] == [Part(port="web/3000/tcp")]
    assert known["DEVICE_DOMAIN_NAME"] == [Part(fact="domain")]
    assert app.password_variable == "APP_PASSWORD"
    assert known["APP_PASSWORD"] == [Part(secret="APP_PASSWORD")]
    assert app.warnings == ["Nothing sets NOBODY_SETS_THIS: it is empty, as in its own store."]
    assert not app.lacks


def test_what_only_a_shell_could_tell_is_lacking(tmp_path: Path) -> None:
    services = {"app_proxy": PROXY, "web": {**WEB, "environment": {"A": "$NOTES_A", "B": "${NOTES_B}"}}}
    write(tmp_path, services=services, exports="NOTES_A=1\nNOTES_B=$(id -u)\nUNUSED=$(id)\n")
    assert only(tmp_path).lacks == ["It needs NOTES_B, which line 2 of exports.sh works out with a shell."]


def test_a_mount_that_nobody_can_name_still_leaves_a_manifest(tmp_path: Path) -> None:
    web = {"image": "n:1", "volumes": ["${NOTES_DIR}:/data"]}
    write(tmp_path, services={"app_proxy": PROXY, "web": web}, exports="NOTES_DIR=$(readlink -f ..)")
    app = only(tmp_path)
    assert app.lacks == ["It needs NOTES_DIR, which line 1 of exports.sh works out with a shell."]
    assert app.compose["services"] == {}


def test_own_fixed_addresses_become_names(tmp_path: Path) -> None:
    exports = "export NOTES_IP=10.21.22.33\nexport NOTES_DB_IP=10.21.22.34"
    services = {
        "app_proxy": {"environment": {"APP_HOST": "$NOTES_IP", "APP_PORT": "$NOTES_PORT"}},
        "web": {
            "image": "n:1",
            "environment": ["DB=${NOTES_DB_IP}:5432"],
            "networks": {"default": {"ipv4_address": "$NOTES_IP"}},
        },
        "db": {"image": "d:1", "networks": {"umbrel_main_network": {"ipv4_address": "${NOTES_DB_IP}"}}},
    }
    write(tmp_path, services=services, exports=f"{exports}\nNOTES_PORT=3000")
    app = only(tmp_path)
    assert app.web == Web(service="web", port=3000)
    assert app.compose["services"]["web"]["environment"] == {"DB": "notes_db_1:5432"}
    assert app.compose["services"]["db"]["networks"] == {"default": {"aliases": ["notes_db_1"]}}
    assert "10.21." not in json.dumps(app.compose)
    assert any("10.21.22.34" in warning for warning in app.warnings)


def test_what_belongs_to_other_apps_is_lacking(tmp_path: Path) -> None:
    write(tmp_path, "ledger", dependencies=["base"], exports=(
        'export LEDGER_IP="10.21.9.9"\nLEDGER_DIR="${EXPORTS_APP_DIR}/data"\n'
        'LEDGER_KEY=$(derive_entropy "env-${app_entropy_identifier}-KEY")'
    ))  # fmt: skip
    write(tmp_path, "base", exports="export BASE_PORT=99", dependencies=["ledger"])
    environment = {
        "HOST": "$LEDGER_IP", "PORT": "$BASE_PORT", "KEY": "$LEDGER_KEY", "API": "http://ledger_web_1:80",
        "MANAGER": "$MANAGER_IP",
    }  # fmt: skip
    web = {"image": "n:1", "environment": environment, "volumes": ["$LEDGER_DIR:/ledger:ro", "$UMBREL_ROOT/db:/db"]}
    write(tmp_path, services={"app_proxy": PROXY, "web": web}, dependencies=["ledger", "gone"])
    app = only(tmp_path)
    assert app.requires == ["ledger", "gone"]
    assert app.compose["services"]["web"]["environment"]["PORT"] == "99"
    told = "\n".join(app.lacks)
    for piece in ("address 10.21.9.9", "data of the app ledger", "password of the app ledger", "ledger_web_1",
                  "Umbrel itself: it talks to 10.21.21.4", "works on its db", "app gone, which"):  # fmt: skip
        assert piece in told


def test_shared_folders(tmp_path: Path) -> None:
    volumes = ["${UMBREL_ROOT}/data/storage/downloads:/d", "${UMBREL_ROOT}/data/storage:/s:ro",
               "${UMBREL_ROOT}/app-data/notes/x:/x", "${TOR_DATA_DIR}:/tor", "${APP_DATA_DIR}:/all"]  # fmt: skip
    write(tmp_path, services={"app_proxy": PROXY, "web": {"image": "n:1", "volumes": volumes}})
    app = only(tmp_path)
    sources = [mount["source"] for mount in app.compose["services"]["web"]["volumes"]]
    assert sources == [
        "${DOWNLOADS_DIR}",
        "${FILES_DIR}",
        "${APP_DATA_DIR}/x",
        "${APP_DATA_DIR}/tor",
        "${APP_DATA_DIR}",
    ]
    assert parts(app)["DOWNLOADS_DIR"] == [Part(folder="downloads")]
    assert parts(app)["FILES_DIR"] == [Part(folder="files")]
    assert not app.lacks


def test_files_are_laid_out(tmp_path: Path) -> None:
    web = {
        "image": "n:1",
        "env_file": ["${APP_DATA_DIR}/settings.env"],
        "volumes": ["${APP_DATA_DIR}/torrc:/etc/tor.conf"],
    }
    folder = write(tmp_path, services={"app_proxy": PROXY, "web": web}, exports="NOTES_PORT=8200")
    (folder / "data" / "conf").mkdir(parents=True)
    (folder / "data" / "conf" / "a.json").write_text("{}")
    (folder / "data" / ".gitkeep").write_text("")
    (folder / "data" / "picture.bin").write_bytes(b"\xff\x00")
    (folder / "data" / "large.txt").write_text("x" * 300_000)
    (folder / "data" / "passwd").symlink_to("/etc/passwd")
    (folder / "icon.png").write_bytes(b"\x89PNG\xff")
    (folder / "torrc.template").write_text("port $NOTES_PORT at ${APP_SEED} $nothing.\n")
    (folder / "entrypoint.sh").write_text("#!/bin/sh\n")
    (folder / "entrypoint.sh").chmod(0o755)
    (folder / "hooks").mkdir()
    (folder / "hooks" / "pre-start").write_text("#!/bin/sh\nrm -rf /\n")
    app = only(tmp_path)
    files = {file.path: file for file in app.scaffold}
    assert sorted(files) == ["data/conf/a.json", "entrypoint.sh", "settings.env", "torrc"]
    assert files["settings.env"].text == ""
    assert files["torrc"].template
    assert files["torrc"].text == "port 8200 at ${APP_SEED} .\n"
    assert files["entrypoint.sh"].executable
    assert parts(app)["APP_SEED"] == [Part(secret="APP_SEED")]
    told = "\n".join(app.warnings)
    for piece in ("data/picture.bin", "data/large.txt", "data/passwd", "not run: pre-start"):
        assert piece in told
    assert "icon.png" not in told


def test_what_works_otherwise_is_told(tmp_path: Path) -> None:
    web = {"image": "n:1", "environment": {"TOR": "$TOR_PROXY_IP:$TOR_PROXY_PORT", "NET": "$NET"},
           "volumes": ["${APP_DATA_DIR}/nginx.conf:/etc/nginx/nginx.conf"]}  # fmt: skip
    write(tmp_path, services={"app_proxy": PROXY, "web": web}, permissions=["GPU", "STORAGE_DOWNLOADS"],
          requiresHttps=True, exports="NET=main\nif true; then NET=test; fi")  # fmt: skip
    app = only(tmp_path)
    told = "\n".join(app.warnings)
    for piece in ("/dev/dri", "HTTPS", "Tor proxy", "file nginx.conf", "NET may be another value: line 2"):
        assert piece in told
    assert app.compose["services"]["web"]["environment"]["TOR"] == "127.0.0.1:9050"
    assert not app.lacks


def test_tor_only_is_lacking(tmp_path: Path) -> None:
    write(tmp_path, torOnly=True)
    assert only(tmp_path).lacks == ["It is reached through Tor only, which is not here."]


def test_a_password_on_both_sides_becomes_a_secret_unless_people_are_told_it(tmp_path: Path) -> None:
    services = {"app_proxy": PROXY, "web": {"image": "n:1", "environment": {"DB_PASSWORD": "moneyprinter"}},
                "db": {"image": "d:1", "environment": {"POSTGRES_PASSWORD": "moneyprinter"}}}  # fmt: skip
    write(tmp_path, services=services)
    write(tmp_path, "told", services=services, defaultPassword="moneyprinter")
    (write(tmp_path, "file", services=services) / "db.conf").write_text("password = moneyprinter\n")
    assert "moneyprinter" not in only(tmp_path).model_dump_json()
    for name in ("told", "file"):
        app = only(tmp_path, name)
        assert app.compose["services"]["db"]["environment"] == {"POSTGRES_PASSWORD": "moneyprinter"}
        assert any("same in every installation" in warning for warning in app.warnings)


def test_a_community_store_names_its_apps_after_itself(tmp_path: Path) -> None:
    (tmp_path / "umbrel-app-store.yml").write_text("id: mine\nname: Mine\n")
    folder = write(
        tmp_path, "mine-notes", icon="https://x.example/icon.png", gallery=["https://x.example/1.png", "2.png"]
    )
    (folder / "2.png").write_bytes(b"\x89")
    write(tmp_path, "other-notes")
    good, bad = read(tmp_path, SOURCE)
    assert isinstance(good, AppManifest)
    assert good.icon == "https://x.example/icon.png"
    assert good.screenshots == ["https://x.example/1.png", "2.png"]
    assert isinstance(bad, BadApp)
    assert bad.path == "other-notes"
    assert "mine-" in bad.reason
