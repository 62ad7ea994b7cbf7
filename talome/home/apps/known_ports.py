"""Ports whose number is their meaning: whoever looks for the service asks there and nowhere else, so an app that was
given another number would be installed and of no use."""

from typing import Final

_BOTH: Final = ("tcp", "udp")
_MEANINGS: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    25: ("mail servers deliver mail", ("tcp",)),
    53: ("names are looked up (DNS)", _BOTH),
    67: ("devices ask for their address (DHCP)", ("udp",)),
    68: ("devices get their address (DHCP)", ("udp",)),
    69: ("devices start over the network (TFTP)", ("udp",)),
    123: ("clocks are set (NTP)", ("udp",)),
    137: ("Windows looks for names", ("udp",)),
    138: ("Windows looks for folders", ("udp",)),
    139: ("Windows looks for folders", ("tcp",)),
    445: ("folders are shared (SMB)", ("tcp",)),
    546: ("devices get their address (DHCP)", ("udp",)),
    547: ("devices ask for their address (DHCP)", ("udp",)),
    853: ("names are looked up safely (DNS over TLS)", _BOTH),
    1900: ("devices find each other (SSDP)", ("udp",)),
    5353: ("devices find each other (mDNS)", ("udp",)),
}
_WAYS_OUT: Final = {
    "systemd-resolve": "Write DNSStubListener=no into /etc/systemd/resolved.conf, then run: systemctl restart "
    "systemd-resolved",
    "dnsmasq": "If nothing needs it, run: systemctl disable --now dnsmasq",
    "named": "If nothing needs it, run: systemctl disable --now named",
    "unbound": "If nothing needs it, run: systemctl disable --now unbound",
    "avahi-daemon": "If nothing needs it, run: systemctl disable --now avahi-daemon",
    "smbd": "If nothing needs it, run: systemctl disable --now smbd",
    "nmbd": "If nothing needs it, run: systemctl disable --now nmbd",
    "chronyd": "If nothing needs it, run: systemctl disable --now chrony",
    "master": "If this machine need not get mail, run: systemctl disable --now postfix",
    "exim4": "If this machine need not get mail, run: systemctl disable --now exim4",
}


def has_meaning(port: int, protocol: str) -> bool:
    """Whether nobody would find the service at another number."""
    return port in _MEANINGS and protocol in _MEANINGS[port][1]


def why_not_moved(port: int, protocol: str, who: str, program: str | None) -> str:
    """In words, why the app does not get another number, and what can be done. `program` is as the kernel calls it, at
    most 15 characters."""
    holder = f"{program}, a program of this machine" if program else who
    # Without a program the holder is an app or a container, which is stopped where it is shown.
    way = next((way for name, way in _WAYS_OUT.items() if program and program.startswith(name)), "Stop it first")
    return (
        f"Port {port} ({protocol.upper()}) is used by {holder}. It is where {_MEANINGS[port][0]}, so another number "
        f"would help nobody. {way}. Or say which port it is to have."
    )
