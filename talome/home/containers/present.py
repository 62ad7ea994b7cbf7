"""From Docker's shapes to ours."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from talome.core.log import is_secret_name, redact
from talome.engines.docker.models import ContainerInspection
from talome.engines.docker.models import Port as EnginePort
from talome.home.containers.models import (
    LABEL_SECRETS,
    Container,
    ContainerDetail,
    EnvironmentVariable,
    HealthProbe,
    Inspection,
    Mount,
    NetworkDetail,
    Port,
)

PROJECT_LABEL: Final = "com.docker.compose.project"
SERVICE_LABEL: Final = "com.docker.compose.service"
_STEPS: Final = ((60, "second"), (60, "minute"), (48, "hour"), (14, "day"), (9, "week"), (24, "month"))
_SECONDS: Final = (1, 60, 3600, 86_400, 604_800, 2_592_000)
_YEAR_S: Final = 31_536_000
# Beyond what the core takes for a secret: endings that only environment variables have, such as DB_PASS or APP_KEY.
_SECRET_ENDING: Final = re.compile(r"(?i)(?:pass|_pwd|_?key|_auth|_dsn|_salt|_seed|_pin|_cookie)$")


def container_of(seen: ContainerInspection) -> Container:
    """Without usage and status, which change by the second."""
    return Container(
        id=seen.id,
        name=seen.name,
        image=seen.image,
        image_id=seen.image_id,
        state=seen.state,
        status="",
        health=seen.health,
        exit_code=None if seen.state in ("running", "paused", "created") else seen.exit_code,
        created_at=seen.created_at,
        started_at=seen.started_at,
        finished_at=seen.finished_at,
        project=seen.labels.get(PROJECT_LABEL),
        service=seen.labels.get(SERVICE_LABEL),
        ports=_ports(seen.ports),
        networks=[network.name for network in seen.networks],
        labels=_labels(seen.labels),
        usage=None,
        stale=False,
    )


def detail_of(container: Container, seen: ContainerInspection, *, reveal: bool) -> ContainerDetail:
    """`reveal` shows the values of secret variables and what looks like a password in the command."""
    values: dict[str, Any] = {name: getattr(container, name) for name in Container.model_fields}
    if reveal:
        values["labels"] = dict(seen.labels)
    return ContainerDetail(
        **values,
        command=_words(seen.command, reveal=reveal),
        entrypoint=_words(seen.entrypoint, reveal=reveal),
        env=[_variable(line, reveal=reveal, secrets=_named(seen.labels)) for line in seen.env],
        mounts=[
            Mount(kind=item.kind, source=item.source, target=item.target, read_only=item.read_only, name=item.name)
            for item in seen.mounts
        ],
        restart_policy=seen.restart_policy,
        restart_count=seen.restart_count,
        user=seen.user,
        working_dir=seen.working_dir,
        hostname=seen.hostname,
        network_details=[
            NetworkDetail(name=item.name, ip=item.ip, mac=item.mac, aliases=list(item.aliases))
            for item in seen.networks
        ],
        memory_limit_bytes=seen.memory_limit_bytes,
        cpu_limit=seen.cpu_limit,
        privileged=seen.privileged,
        health_log=[
            HealthProbe(at=probe.at, exit_code=probe.exit_code, output=probe.output) for probe in seen.health_log
        ],
    )


def hide_secrets(inspection: Inspection) -> Inspection:
    """Docker's JSON without what looks secret in variables, labels, commands and the output of health checks."""
    shown: dict[str, Any] = {key: _redacted(value) for key, value in inspection.items()}
    config = inspection.get("Config")
    if isinstance(config, dict):
        hidden = shown["Config"]
        if isinstance(config.get("Env"), list):
            secrets = _named(config.get("Labels") or {})
            found = [_variable(line, reveal=False, secrets=secrets) for line in config["Env"]]
            hidden["Env"] = [item.name if item.value is None else f"{item.name}={item.value}" for item in found]
        if isinstance(config.get("Labels"), dict):
            hidden["Labels"] = _labels(config["Labels"])
    return shown


def _redacted(value: Any) -> Any:
    """A copy in which text that looks like a credential is hidden; names stay, since most of Docker's are harmless."""
    if isinstance(value, dict):
        return {key: _redacted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def status_text(container: Container, now: datetime) -> str:
    """The sentence that `docker ps` shows, such as "Up 3 minutes (healthy)" or "Exited (1) 2 days ago"."""
    match container.state:
        case "running":
            health = {"none": "", "starting": " (health: starting)"}.get(container.health, f" ({container.health})")
            return f"Up {_duration(container.started_at, now)}{health}"
        case "paused":
            return f"Up {_duration(container.started_at, now)} (Paused)"
        case "restarting":
            return f"Restarting ({container.exit_code or 0}) {_duration(container.finished_at, now)} ago"
        case "exited":
            return f"Exited ({container.exit_code or 0}) {_duration(container.finished_at, now)} ago"
        case "created":
            return "Created"
        case "removing":
            return "Removal In Progress"
        case "dead":
            return "Dead"


def _duration(since: datetime | None, now: datetime) -> str:
    seconds = max(0, int((now - since).total_seconds())) if since else 0
    if seconds < 1:
        return "Less than a second"
    for (limit, unit), size in zip(_STEPS, _SECONDS, strict=True):
        count = seconds // size
        if count < limit:
            return _counted(count, unit)
    return f"{seconds // _YEAR_S} years"


def _counted(count: int, unit: str) -> str:
    if count > 1:
        return f"{count} {unit}s"
    return {"minute": "About a minute", "hour": "About an hour"}.get(unit, f"1 {unit}")


def _ports(ports: Iterable[EnginePort]) -> list[Port]:
    return [
        Port(host=port.host, container=port.container, protocol=port.protocol, address=port.address)
        for port in sorted(ports, key=lambda port: (port.container, port.protocol, port.host or 0, port.address or ""))
    ]


def _words(words: Iterable[str], *, reveal: bool) -> list[str]:
    return [word if reveal else redact(word) for word in words]


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels hold the keys that dashboards use for their widgets, so they are hidden as variables are."""
    variables = {name: _variable(f"{name}={value}", reveal=False) for name, value in labels.items() if "=" not in name}
    return {name: "[hidden]" if item.value is None else item.value for name, item in variables.items()}


def _named(labels: Mapping[str, str]) -> Sequence[str]:
    return labels.get(LABEL_SECRETS, "").split(",")


def _variable(line: str, *, reveal: bool, secrets: Sequence[str] = ()) -> EnvironmentVariable:
    """A value is also secret where it carries a credential, such as the password in a database's URL, and where its
    name is among `secrets`."""
    name, _, value = line.partition("=")
    secret = name in secrets or is_secret_name(name) or bool(_SECRET_ENDING.search(name)) or redact(value) != value
    return EnvironmentVariable(name=name, value=value if reveal or not secret else None, secret=secret)
