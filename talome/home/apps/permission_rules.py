"""What a service of a Compose document may do beyond its own folder and network; folders are `permission_volumes`'.

Everything is read as a stranger wrote it: what is not understood counts as given, and nothing raises.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from talome.home.apps.permission_paths import OWNS, is_disk, normal
from talome.home.apps.permissions_models import Severity

_DEFAULT_CAPABILITIES: Final = {
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "NET_RAW",
    "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP",
}  # fmt: skip
_CAPABILITIES: Final[dict[str, tuple[Severity, int, str]]] = {
    "ALL": ("danger", OWNS, "has every right an administrator has"),
    "SYS_MODULE": ("danger", OWNS, "can put code of its own into the heart of the system (the kernel)"),
    "SYS_ADMIN": ("danger", 4, "has most rights of an administrator"),
    "SYS_RAWIO": ("danger", 4, "can talk to the hardware past all protection"),
    "DAC_READ_SEARCH": ("danger", 4, "can read every file of this machine"),
    "BPF": ("danger", 3, "can watch and change what the system does"),
    "MAC_ADMIN": ("danger", 3, "can change the rules that hold programs back"),
    "MAC_OVERRIDE": ("danger", 3, "can pass over the rules that hold programs back"),
    "SYS_PTRACE": ("danger", 2, "can look into other programs and change them"),
    "PERFMON": ("danger", 2, "can watch what other programs do"),
    "CHECKPOINT_RESTORE": ("danger", 2, "can freeze and copy programs"),
    "AUDIT_CONTROL": ("danger", 2, "can switch off the system's own record"),
    "SYS_BOOT": ("danger", 2, "can restart this machine"),
    "NET_ADMIN": ("danger", 1, "can change networks: addresses, routes and firewall"),
    "SYS_TIME": ("warning", 1, "can set the clock of this machine"),
    "SYSLOG": ("warning", 1, "can read the system's messages"),
    "SYS_RESOURCE": ("warning", 1, "can pass over limits of memory and disk"),
    "SYS_TTY_CONFIG": ("warning", 1, "can change terminals"),
    "LINUX_IMMUTABLE": ("warning", 1, "can lock files against change"),
    "AUDIT_READ": ("warning", 1, "can read the system's own record"),
    "NET_BROADCAST": ("info", 0, "can send to all devices of a network"),
    "SYS_NICE": ("info", 0, "can put itself before other programs"),
    "IPC_LOCK": ("info", 0, "can keep memory from being swapped out"),
    "IPC_OWNER": ("info", 0, "can use shared memory of other users"),
    "WAKE_ALARM": ("info", 0, "can wake this machine"),
    "LEASE": ("info", 0, "can take leases on files"),
}
_DEVICES: Final[tuple[tuple[str, Severity, int, str], ...]] = (
    (r"/dev/(dri|nvidia|kfd|dxg|mali|vchiq|vcsm|vcio)|[\w.-]+/gpu=", "info", 0, "the graphics processor {}"),
    (r"/dev/snd", "warning", 1, "sound, the microphone included ({})"),
    (r"/dev/(video|media|v4l)", "warning", 1, "a camera or video device ({})"),
    (r"/dev/(input|uinput|hidraw|usb/hid)", "warning", 1, "keyboards and other input: it can read what is typed ({})"),
    (r"/dev/(tty(USB|ACM|AMA|S)|serial)", "info", 0, "a serial stick or adapter ({})"),
    (r"/dev/bus/usb", "warning", 1, "every USB device that is plugged in ({})"),
    (r"/dev/net/tun", "info", 0, "a tunnel for a VPN ({})"),
    (r"/dev/(sr|cdrom|dvd|sg)", "info", 0, "an optical drive ({})"),
    (r"/dev/(null|zero|u?random|dvb|rtc)", "info", 0, "{}"),
)
_AUTOMATIONS: Final = ("traefik.", "caddy", "com.centurylinklabs.watchtower.", "wud.", "ofelia.", "diun.", "swag")


@dataclass(frozen=True, slots=True)
class Finding:
    """`points` are taken from the rating, once for each `rule`; `subject` tells two of one rule apart."""

    rule: str
    severity: Severity
    points: int
    service: str
    title: str
    detail: str
    subject: str = ""


def yes(value: Any) -> bool:
    """Of a boolean in any spelling; what cannot be understood counts as said."""
    return value is not None and str(value).strip().lower() not in ("", "false", "no", "off", "n", "0")


def listed(value: Any) -> list[Any]:
    """A list, or a mapping as `name=value`, or one thing, as a list."""
    if isinstance(value, Mapping):
        return [f"{name}={'' if item is None else item}" for name, item in value.items()]
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def table(value: Any) -> dict[str, Any]:
    return {str(name): item for name, item in value.items()} if isinstance(value, Mapping) else {}


def rights(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    """All that is not about folders."""
    for rule in (_privileged, _namespaces, _capabilities, _devices, _security, _ports, _limits, _others):
        yield from rule(name, body)


def _privileged(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    if yes(body.get("privileged")):
        text = "Runs without any fence: it can do all that the administrator of this machine can."
        yield Finding("privileged", "danger", OWNS, name, "Full rights", text)
    if yes(body.get("use_api_socket")):
        text = "Can control every container and with it this whole machine, with the passwords of its registries."
        yield Finding("docker-socket", "danger", OWNS, name, "Control over all containers", text, "api")
    for moment in ("post_start", "pre_stop"):
        if any(yes(table(hook).get("privileged")) for hook in listed(body.get(moment))):
            text = "Runs a command without any fence, as the administrator of this machine can."
            yield Finding("privileged", "danger", OWNS, name, "Full rights for a command", text, moment)
    for word in ("extends", "label_file", "credential_spec", "provider"):
        if body.get(word) is not None:
            text = f"Takes more from elsewhere (“{word}”), which was not looked at."
            yield Finding("unseen", "danger", OWNS, name, "Not all of it can be seen", text, word)
    if body.get("build") is not None:
        text = "Its image is built on this machine, from sources that were not looked at."
        yield Finding("build", "warning", 1, name, "Built here", text)


OWN_NETWORK: Final = (
    "Uses the network as this machine itself does: it sees its traffic, may open any port and reaches services that "
    "are meant for this machine only."
)
_HOST: Final[tuple[tuple[str, Severity, int, str, str], ...]] = (
    ("network_mode", "warning", 1, "The machine's own network", OWN_NETWORK),
    ("pid", "danger", 2, "Sees all programs", "Sees every program that runs on this machine and may stop them."),
    ("ipc", "warning", 1, "Shares memory", "Shares memory with the programs of this machine."),
    ("uts", "warning", 1, "The machine's name", "Can change the name of this machine."),
    ("userns_mode", "warning", 1, "The machine's users", "Its administrator is the administrator of this machine."),
    ("cgroup", "warning", 1, "Sees all limits", "Sees how all programs of this machine are grouped and limited."),
)  # fmt: skip


def _namespaces(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    for key, severity, points, title, text in _HOST:
        value = str(body.get(key) or "").strip()
        rule = f"host-{key.removesuffix('_mode')}"
        if value == "host":
            yield Finding(rule, severity, points, name, title, text)
        elif value.startswith("container:"):
            other = value.partition(":")[2]
            told = f"Lives in one room with the container “{other}”, which is no part of this app."
            yield Finding(f"joins-{key}", "warning", 1, name, "Joins another container", told, other)
        elif key == "network_mode" and value not in ("", "none", "bridge") and not value.startswith("service:"):
            told = f"Is in the network “{value}” and reaches the containers of others there."
            yield Finding("other-network", "info", 0, name, "A network of others", told, value)
    added = {_capability(item) for item in listed(body.get("cap_add"))}
    if body.get("pid") == "host" and added & {"SYS_PTRACE", "SYS_ADMIN", "ALL"}:
        text = "Can look into every program of this machine and change it, and so own the machine."
        yield Finding("host-pid-ptrace", "danger", OWNS, name, "Controls all programs", text)


def _capability(value: Any) -> str:
    return str(value).strip().upper().removeprefix("CAP_")


def _capabilities(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    for capability in sorted({_capability(item) for item in listed(body.get("cap_add"))} - _DEFAULT_CAPABILITIES):
        severity, points, words = _CAPABILITIES.get(capability, ("warning", 1, "has a further right"))
        text = f"It {words} ({capability})."
        yield Finding(f"cap-{capability}", severity, points, name, "A special right", text)


def _devices(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    for device in listed(body.get("devices")):
        parts = table(device) or dict(zip(("source", "target", "permissions"), str(device).split(":"), strict=False))
        source = str(parts.get("source", ""))
        path = normal(source) if source.startswith("/") else source
        severity, points, text = _device(path)
        yield Finding("disk" if points == OWNS else "device", severity, points, name, "A device", text, path)
    for rule in (str(item).strip() for item in listed(body.get("device_cgroup_rules"))):
        disks = not rule.startswith("c") or rule.split()[1:2] in (["*:*"], ["1:*"])
        text = "Can use every disk of this machine." if disks else "Can use every device of a kind, also those to come."
        severity = "danger" if disks else "warning"
        yield Finding(
            "device-rule", severity, OWNS if disks else 1, name, "Devices of a kind", f"{text} ({rule})", rule
        )
    reserved = table(table(table(body.get("deploy")).get("resources")).get("reservations")).get("devices")
    if body.get("gpus") is not None or reserved:
        yield Finding("gpu", "info", 0, name, "The graphics processor", "Computes on the graphics processor.")


def _device(path: str) -> tuple[Severity, int, str]:
    if path == "/" or is_disk(path):
        return "danger", OWNS, f"Reads and writes {path} past every protection: all files of a disk, or all devices."
    for pattern, severity, points, words in _DEVICES:
        if re.match(pattern, path):
            return severity, points, f"Uses {words.format(path)}."
    return "warning", 1, f"Uses the device {path}."


_SECURITY: Final[tuple[tuple[str, Severity, int, str], ...]] = (
    (r"seccomp[=:]unconfined", "danger", 2, "May ask the system for anything; the usual filter is off."),
    (r"apparmor[=:]unconfined", "danger", 1, "The rules that hold programs back (AppArmor) are off for it."),
    (r"systempaths[=:]unconfined", "danger", 3, "Sees and changes parts of the system that are hidden otherwise."),
    (r"label[=:](disable|type[=:]spc_t)", "warning", 1, "The rules that hold programs back (SELinux) are off for it."),
    (r"no-new-privileges[=:]false", "info", 0, "A program in it may gain more rights than it started with."),
    (r"no-new-privileges([=:]true)?", "info", -1, ""),
    (r"label[=:](level|user|role)[=:].*|apparmor[=:]docker-default|seccomp[=:]builtin", "info", -1, ""),
)


def _security(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    for option in (str(item).strip() for item in listed(body.get("security_opt"))):
        found = next((rule for rule in _SECURITY if re.fullmatch(rule[0], option, re.IGNORECASE)), None)
        severity, points, text = found[1:] if found else ("warning", 1, f"Brings its own rules: {option}.")
        if points >= 0:
            rule = f"security-{option.partition('=')[0].partition(':')[0].lower()}"
            yield Finding(rule, severity, points, name, "Weaker fences", text, option)


def published(port: Any) -> tuple[str, str]:
    """Of a port in either form, the address and the host port or range, as far as there are any."""
    if isinstance(port, Mapping):
        return str(port.get("host_ip") or ""), str(port.get("published") or "")
    address, _, rest = str(port).partition("/")[0].rpartition("]:")  # an IPv6 address stands in brackets
    *front, _target = rest.split(":")
    if not address and len(front) > 1:
        address, front = ":".join(front[:-1]), front[-1:]
    return address.strip("["), front[-1] if front else ""


def _ports(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    for port in listed(body.get("ports")):
        address, number = published(port)
        first = number.partition("-")[0]
        if first.isdecimal() and 0 < int(first) < 1024:
            text = f"Takes port {number} of this machine, one of those kept for services of the system."
            yield Finding("low-port", "warning", 0, name, "A port of the system", text, number)
        if address not in ("", "0.0.0.0", "::"):  # noqa: S104  nothing is bound here
            text = f"Can be reached only at the address {address}" + (f", port {number}." if number else ".")
            yield Finding("host-ip", "info", 0, name, "One address only", text, f"{address}:{number}")


def _limits(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    if body.get("cgroup_parent"):
        text = f"Runs in the group “{body['cgroup_parent']}”, past the limits of other containers."
        yield Finding("cgroup-parent", "warning", 1, name, "Another group of limits", text)
    for option in listed(body.get("sysctls")):
        key = str(option).partition("=")[0]
        text = f"Sets {option} for itself."
        own = key.startswith("net.")
        yield Finding(
            "sysctl", "info" if own else "warning", 0 if own else 1, name, "A setting of the kernel", text, key
        )
    if body.get("ulimits"):
        names = ", ".join(sorted(table(body["ulimits"])))
        yield Finding("ulimits", "info", 0, name, "Other limits", f"Sets limits of its own: {names}.")
    score = str(body.get("oom_score_adj") or "0")
    if yes(body.get("oom_kill_disable")) or score.startswith("-"):
        text = "When memory runs out, other programs are ended before it."
        yield Finding("oom", "warning", 1, name, "Never ended first", text)


def _others(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    if (runtime := str(body.get("runtime") or "runc")) not in ("runc", "io.containerd.runc.v2"):
        graphics = runtime == "nvidia"
        text = "Computes on the graphics processor." if graphics else f"Is run by “{runtime}” instead of the usual one."
        yield Finding("runtime", "info" if graphics else "warning", 0 if graphics else 1, name, "Its runtime", text)
    if is_root(body.get("user")):
        text = "Is the administrator inside its container."
        yield Finding("root", "info", 0, name, "Administrator in its container", text)
    groups = {str(group) for group in listed(body.get("group_add"))} & {"docker", "disk", "root", "0"}
    if groups:
        text = f"Is in the group {', '.join(sorted(groups))} of this machine."
        yield Finding("group", "warning", 1, name, "A powerful group", text)
    if any("host-gateway" in str(entry) for entry in listed(body.get("extra_hosts"))):
        text = "Knows this machine's own address, so it can reach other services on it."
        yield Finding("host-gateway", "info", 0, name, "Reaches this machine", text)
    if links := listed(body.get("external_links")):
        text = f"Talks to containers that are no part of it: {', '.join(map(str, links))}."
        yield Finding("external-links", "warning", 0, name, "Other containers", text)
    told = sorted({str(label).partition("=")[0] for label in listed(body.get("labels"))})
    if spoken := [label for label in told if label.startswith(_AUTOMATIONS)]:
        text = f"Gives orders to other tools of the house, where there are any: {', '.join(spoken[:3])}."
        yield Finding("labels", "info", 0, name, "Speaks to other tools", text)


def is_root(user: Any) -> bool:
    name = str(user).partition(":")[0].strip()
    return name == "root" or (name.isdecimal() and int(name) == 0)


def is_bound(names: Sequence[Any]) -> bool:
    """Whether all rights are dropped."""
    return any(_capability(item) == "ALL" for item in names)
