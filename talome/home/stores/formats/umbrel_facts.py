"""What Umbrel gives every app, and what a few apps work out for themselves with scripts that are not run here."""

import re
from collections.abc import Mapping
from typing import Final

from talome.home.manifest import Category, Part
from talome.home.stores.formats.parts import Parts, text

ROOT: Final = "/__umbrel__"
"""Stands for Umbrel's own folder until each path below it has found its place."""
NETWORK: Final = "10.21.0.0"
GATEWAY: Final = "10.21.0.1"
TOR: Final = "10.21.21.11"
ADDRESS: Final = re.compile(r"(?<![\d.])(10\.21\.\d{1,3}\.\d{1,3})(/\d{1,2})?(?![\d.])")
SEED: Final = re.compile(r"app-([a-z0-9_-]+)-seed")
GALLERY: Final = "https://getumbrel.github.io/umbrel-apps-gallery"
CATEGORIES: Final[dict[str, Category]] = {
    "ai": "ai",
    "automation": "automation",
    "bitcoin": "finance",
    "crypto": "finance",
    "developer": "developer",
    "files": "files",
    "finance": "finance",
    "media": "media",
    "networking": "network",
    "social": "social",
}
RPC_USERS: Final = {"APP_BITCOIN_RPC": "umbrel", "APP_MONERO_RPC": "monero", "APP_MONERO_RESTRICTED_RPC": "monero"}
"""Names that an app writes into a file at its first start: the user is always the same, the password is made up."""
SYSTEM: Final[Mapping[str, Parts]] = {
    "UMBREL_ROOT": text(ROOT),
    "DEVICE_HOSTNAME": (Part(fact="hostname"),),
    "DEVICE_DOMAIN_NAME": (Part(fact="domain"),),
    "NETWORK_IP": text(NETWORK),
    "GATEWAY_IP": text(GATEWAY),
    "TOR_PROXY_IP": text(TOR),
    "TOR_PROXY_PORT": text("9050"),
    "TOR_DATA_DIR": text(f"{ROOT}/tor/data"),
    "BITCOIN_NETWORK": text("mainnet"),
    "AUTH_PORT": text("2000"),
    "MANAGER_IP": text("10.21.21.4"),
    "UMBREL_AUTH_SECRET": text("DEADBEEF"),
    "TZ": (Part(fact="timezone"),),
}


def for_exports(app: str) -> dict[str, Parts]:
    """What the exports.sh of `app` is given."""
    folder = f"{ROOT}/app-data/{app}"
    return {
        "EXPORTS_APP_ID": text(app),
        "EXPORTS_APP_DIR": text(folder),
        "EXPORTS_APP_DATA_DIR": text(f"{folder}/data"),
        "EXPORTS_APP_FILE": text(f"{folder}/exports.sh"),
        "EXPORTS_TOR_DATA_DIR": text(f"{ROOT}/tor/data"),
        "app_entropy_identifier": text(f"app-{app}-seed"),
    }


def for_compose(app: str, version: str, port: Parts) -> dict[str, Parts]:
    """What the compose file of `app` is given."""
    folder = f"{ROOT}/app-data/{app}"
    return {
        "APP_ID": text(app),
        "APP_VERSION": text(version),
        "APP_MANIFEST_FILE": text(f"{folder}/umbrel-app.yml"),
        "APP_DATA_DIR": text(folder),
        "APP_DOMAIN": (Part(fact="domain"),),
        "APP_HIDDEN_SERVICE": text("not-enabled.onion"),
        "APP_PROXY_HOSTNAME": text(f"app_proxy_{app}"),
        "APP_PROXY_PORT": port,
        "APP_SEED": (Part(secret="APP_SEED"),),  # noqa: S106 - the name of a secret
        "APP_PASSWORD": (Part(secret="APP_PASSWORD"),),  # noqa: S106 - the name of a secret
        "JWT_SECRET": (Part(secret="JWT_SECRET"),),  # noqa: S106 - the name of a secret
    }


def shims(app: str) -> dict[str, Parts]:
    """User names and passwords that `app` makes up itself where it is installed."""
    known: dict[str, Parts] = {}
    for prefix, user in RPC_USERS.items():
        if app.startswith(prefix.split("_")[1].lower()):
            known[f"{prefix}_USER"] = text(user)
            known[f"{prefix}_PASS"] = (Part(secret=f"app-{app}-seed-{prefix}_PASS"),)
    if app == "wger":  # a loop over all addresses of the machine
        known["APP_WGER_LOCAL_URLS"] = (Part(text="http://"), Part(fact="address"), Part(text=":8450"))
    return known
