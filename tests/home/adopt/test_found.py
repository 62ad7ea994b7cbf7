"""Who made what runs here, and what is left alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from talome.home.adopt.found import app_name, found_apps
from talome.home.containers.models import Container

PROJECT = "com.docker.compose.project"


def container(name: str, labels: dict[str, str] | None = None, **more: Any) -> Container:
    labels = labels or {}
    values: dict[str, Any] = {
        "id": name.ljust(64, "0"), "name": name, "image": "image:1", "image_id": "sha256:1", "state": "running",
        "status": "", "health": "none", "exit_code": None, "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "started_at": None, "finished_at": None, "project": labels.get(PROJECT),
        "service": labels.get("com.docker.compose.service"), "ports": [], "networks": [], "labels": labels,
        "usage": None, "stale": False,
    }  # fmt: skip
    return Container(**{**values, **more})


def project(name: str, folder: str, service: str = "web", **more: str) -> Container:
    labels = {
        PROJECT: name,
        "com.docker.compose.service": service,
        "com.docker.compose.project.working_dir": folder,
        "com.docker.compose.project.config_files": f"{folder}/compose.yaml",
        **more,
    }
    return container(f"{name}-{service}-1", labels)


@pytest.mark.parametrize(
    ("folder", "maker"),
    [
        ("/data/compose/12", "Portainer"),
        ("/opt/stacks/notes", "Dockge"),
        ("/var/lib/casaos/apps/notes", "CasaOS"),
        ("/home/umbrel/umbrel/app-data/notes", "Umbrel"),
        ("/srv/notes", "Docker Compose"),
    ],
)
def test_who_made_it_is_read_from_its_labels(folder: str, maker: str) -> None:
    [found] = found_apps([project("notes", folder)], {"talome"}, None)
    assert (found.maker, found.folder, found.refusal) == (maker, folder, None)


def test_what_is_talomes_or_an_orchestrators_is_not_listed() -> None:
    there = [
        project("shop", "/home/talome/apps/shop"),
        container("self"),
        container("task", {"com.docker.swarm.service.id": "x"}),
        project("notes", "/srv/notes", service="once", **{"com.docker.compose.oneoff": "True"}),
        container("alone"),
    ]
    found = found_apps(there, {"shop"}, "self".ljust(64, "0"))
    assert [one.id for one in found] == ["container:alone"]


def test_what_cannot_be_an_app_is_listed_with_the_reason() -> None:
    twice = [project("notes", "/srv", service="web"), project("notes", "/srv", service="web")]
    watched = container("addon_core", {"io.hass.type": "addon"})
    clash = container("Shop")
    reasons = {one.id: one.refusal for one in found_apps([*twice, watched, clash], {"shop"}, None)}
    assert "several containers" in (reasons["notes"] or "")
    assert "Home Assistant" in (reasons["container:addon_core"] or "")
    assert "called “shop” already" in (reasons["container:Shop"] or "")


def test_a_container_is_called_by_what_may_name_an_app() -> None:
    [found] = found_apps([container("My.Page_2")], set(), None)
    assert app_name(found) == "my-page_2"
