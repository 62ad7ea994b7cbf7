"""The ports that are taken on this machine, from real sockets and from tables as the kernel writes them."""

import socket
from pathlib import Path

import pytest

from talome.engines.listeners import Holder, Listeners, Published

_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
_TCP = """\
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 0000000000000000 100 0 0
   1: 0100007F:0050 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 13 1 0000000000000000 20 4 3
   2: truncated
"""
_TCP6 = """\
   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0  0  0 14
"""
_UDP = """\
   7: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 15 2 0000000000000000 0
   8: 0100007F:9C40 0100007F:0035 01 00000000:00000000 00:00000000 00000000   101        0 16 2 0000000000000000 0
"""


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_real_sockets_are_seen_while_they_listen(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as tcp, socket.socket(family, socket.SOCK_DGRAM) as udp:
        for sock in (tcp, udp):
            try:
                sock.bind((address, 0))
            except OSError:
                pytest.skip(f"this machine has no {address}")
        tcp_place, udp_place = (tcp.getsockname()[1], "tcp"), (udp.getsockname()[1], "udp")
        assert tcp_place not in Listeners().listening(), "a bound socket that does not listen yet"
        tcp.listen()
        assert {tcp_place, udp_place} <= Listeners().listening()
    assert not {tcp_place, udp_place} & Listeners().listening()


def test_only_listeners_count_and_a_machine_without_ipv6_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "tcp").write_text(_HEAD + _TCP)
    (tmp_path / "udp").write_text(_HEAD + _UDP)
    assert Listeners(folder=tmp_path).listening() == {(8080, "tcp"), (53, "udp")}
    (tmp_path / "tcp6").write_text(_HEAD + _TCP6)
    assert Listeners(folder=tmp_path).listening() == {(8080, "tcp"), (53, "udp"), (22, "tcp")}


def test_what_docker_publishes_has_a_name(tmp_path: Path) -> None:
    (tmp_path / "tcp").write_text(_HEAD + _TCP)
    published = [Published(8080, "tcp", "photos-web-1", "photos"), Published(9000, "udp", "by-hand")]
    assert Listeners(lambda: published, folder=tmp_path).held() == {
        (8080, "tcp"): Holder("photos-web-1", "photos"),
        (9000, "udp"): Holder("by-hand"),
    }
