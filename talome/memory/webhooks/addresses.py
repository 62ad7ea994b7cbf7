"""Where webhooks may lead: https into the internet, and hosts of the own network that an administrator listed."""

from dataclasses import dataclass
from typing import Final

from yarl import URL

from talome.core.errors import Invalid, Unavailable
from talome.core.settings.service import Setting
from talome.engines.fetch import Wish, checked_addresses, parse_url

HOSTS: Final = "memory.webhook_hosts"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=HOSTS,
        kind="text",
        default="",
        title="Hosts at home for webhooks",
        help="Webhooks lead to https addresses in the internet. Name here what they may also reach in your own "
        "network, with http too: names or addresses, with a port if you like, apart by commas, such as "
        "homeassistant.local:8123, 192.168.1.20.",
        feature="memory",
        people_only=True,
    ),
)
_TIMEOUT_S: Final = 10.0
_EXCERPT_BYTES: Final = 200


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    at_home: bool

    @property
    def wish(self) -> Wish:
        return Wish(limit_bytes=_EXCERPT_BYTES, timeout_s=_TIMEOUT_S, allow_private=self.at_home)


def allowed(text: str, hosts: str) -> Address:
    """Raise `Invalid` where a webhook must not lead there; `hosts` is the setting."""
    url = parse_url(text)
    at_home = bool({url.host, f"{url.host_subcomponent}:{url.port}"} & _listed(hosts))
    if url.scheme != "https" and not at_home:
        raise Invalid(
            "The address must begin with https://, unless an administrator listed its host under “Hosts at home for "
            "webhooks” in the settings.",
            field="url",
        )
    return Address(text, at_home)


def _listed(hosts: str) -> frozenset[str | None]:
    return frozenset(part.strip().lower().strip("[]") for part in hosts.split(",") if part.strip())


async def check_place(address: Address) -> None:
    """Tell at once what would never arrive. A name that nobody knows now may be known later, so that is no reason."""
    try:
        await checked_addresses(URL(address.url), allow_private=address.at_home)
    except Unavailable:
        return
