"""An Umbrel compose file without Umbrel around it: no proxy service, no fixed addresses, no paths of its system."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from talome.home.manifest import SharedFolder
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.umbrel_facts import ADDRESS, GATEWAY, NETWORK, ROOT, TOR
from talome.home.stores.formats.values import words

PROXY: Final = "app_proxy"
MAIN_NETWORK: Final = "umbrel_main_network"
IN_ROOT: Final = re.compile(rf"(?:{ROOT}|/home/umbrel/umbrel)(?![\w.-])(/[^:\s\"',;]*)?")
STORAGE: Final[tuple[tuple[tuple[str, ...], SharedFolder], ...]] = (
    (("data", "storage", "downloads"), "downloads"),
    (("home", "Downloads"), "downloads"),
    (("data", "storage"), "files"),
    (("home",), "files"),
)


@dataclass(slots=True)
class Remarks:
    """What is said in words, each once and in order."""

    lacks: dict[str, None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)

    def lack(self, sentence: str) -> None:
        """Say what keeps it from being installed."""
        self.lacks[sentence] = None

    def warn(self, sentence: str) -> None:
        """Say what works otherwise than in its own store."""
        self.warnings[sentence] = None


@dataclass(frozen=True, slots=True)
class Proxy:
    """What the `app_proxy` service says: where the app answers, and whether a sign-in stands before it."""

    host: str
    port: str
    sign_in: bool


def services_of(document: Any) -> dict[str, dict[str, Any]]:
    """The services as they are written."""
    services = document.get("services") if isinstance(document, dict) else None
    if not isinstance(services, dict) or not all(isinstance(item, dict) for item in services.values()):
        raise BadManifest("docker-compose.yml has no services")
    return services


def settings_of(service: Mapping[str, Any]) -> dict[str, str]:
    """The environment, which may be a list."""
    environment = service.get("environment")
    if isinstance(environment, dict):
        return {
            str(key): str(value).lower() if isinstance(value, bool) else words(value)
            for key, value in environment.items()
        }
    items = environment if isinstance(environment, list) else []
    return {key: value for key, _, value in (str(item).partition("=") for item in items)}


def take_proxy(services: dict[str, dict[str, Any]]) -> dict[str, str] | None:
    """Take the proxy service out of the document; what it was set to, if there was one."""
    proxy = services.pop(PROXY, None)
    for service in services.values():
        waits = service.get("depends_on")
        if isinstance(waits, list):
            service["depends_on"] = [name for name in waits if name != PROXY]
        elif isinstance(waits, dict):
            service["depends_on"] = {name: value for name, value in waits.items() if name != PROXY}
    return None if proxy is None else settings_of(proxy)


def take_addresses(document: dict[str, Any]) -> dict[str, str]:
    """Take the fixed addresses and Umbrel's network out of the document; which service had which address."""
    found: dict[str, str] = {}
    networks = document.get("networks")
    external = {MAIN_NETWORK} | {
        str(key)
        for key, value in (networks.items() if isinstance(networks, dict) else ())
        if isinstance(value, dict) and value.get("name") == MAIN_NETWORK
    }
    if isinstance(networks, dict):
        document["networks"] = {key: value for key, value in networks.items() if key not in external}
    for name, service in services_of(document).items():
        joined = service.get("networks")
        if isinstance(joined, list):
            joined = dict.fromkeys(item for item in joined if isinstance(item, str))
        if not isinstance(joined, dict):
            continue
        kept = {}
        for network, options in joined.items():
            if isinstance(options, dict):
                address = words(options.get("ipv4_address"))
                if address:
                    found.setdefault(address, str(name))
            kept["default" if network in external else network] = _without_address(options)
        service["networks"] = kept
        if kept == {"default": None}:
            del service["networks"]
    return found


def _without_address(options: Any) -> Any:
    if not isinstance(options, dict):
        return options
    return {key: value for key, value in options.items() if key not in ("ipv4_address", "ipv6_address")} or None


class Places:
    """Finds what a path or an address of Umbrel's is called here."""

    def __init__(
        self, app: str, own: Mapping[str, str], foreign: Mapping[str, str], needs: list[str], remarks: Remarks
    ) -> None:
        self._app = app
        self._own = own
        self._foreign = foreign
        self._remarks = remarks
        others = "|".join(re.escape(name) for name in needs if name != app)
        self._others = re.compile(rf"(?<![\w.-])({others})_[A-Za-z0-9_.-]+_1(?![\w-])") if others else None
        self.folders: dict[str, SharedFolder] = {}

    def __call__(self, value: str) -> str:
        """The text with every such path and address replaced."""
        if "10.21." in value:
            value = ADDRESS.sub(self._address, value)
        if ROOT in value or "/home/umbrel" in value:
            value = IN_ROOT.sub(lambda found: self._place(found[1] or ""), value)
        if self._others and (found := self._others.search(value)):
            self._remarks.lack(
                f"It needs the app {found[1]}: it talks to its container {found[0][:80]}, "
                "but here each app is on a network of its own."
            )
        return value

    def _address(self, found: re.Match[str]) -> str:
        address, mask = found[1], found[2] or ""
        if address in self._own:
            service = self._own[address]
            self._remarks.warn(
                f"The fixed address {address} of {service} is not kept: where it was named, the service's name stands."
            )
            return f"{self._app}_{service}_1"
        if address == NETWORK:
            return "172.16.0.0/12" if mask else "172.16.0.0"
        if address == TOR:
            self._remarks.warn("It can go through Umbrel's Tor proxy, which is not here: what needs Tor does not work.")
            return "127.0.0.1"
        if address == GATEWAY:
            self._remarks.warn("It reaches the machine at Docker's usual address, 172.17.0.1.")
            return "172.17.0.1"
        if address in self._foreign:
            self._remarks.lack(
                f"It needs the app {self._foreign[address]}: it talks to it at the fixed address {address}, "
                "but here each app is on a network of its own."
            )
        else:
            self._remarks.lack(f"It needs Umbrel itself: it talks to {address}, an address of its network.")
        return found[0]

    def _place(self, below: str) -> str:
        steps = [step for step in below.split("/") if step]
        if ".." in steps:
            raise BadManifest("it names a path that leads out of Umbrel's folder")
        if steps[:2] == ["app-data", self._app]:
            return "/".join(["${APP_DATA_DIR}", *steps[2:]])
        if steps[:2] == ["tor", "data"]:
            return "/".join(["${APP_DATA_DIR}/tor", *steps[2:]])
        for path, kind in STORAGE:
            if tuple(steps[: len(path)]) == path:
                name = f"{kind.upper()}_DIR"
                self.folders[name] = kind
                return "/".join([f"${{{name}}}", *steps[len(path) :]])
        if steps[:1] == ["app-data"] and len(steps) > 1:
            self._remarks.lack(f"It needs the data of the app {steps[1][:60]}, which is that app's own here.")
        else:
            self._remarks.lack(f"It needs Umbrel itself: it works on its {'/'.join(steps)[:80] or 'whole folder'}.")
        return "${APP_DATA_DIR}"
