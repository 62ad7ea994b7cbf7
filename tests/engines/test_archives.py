"""Hostile archives: nothing is written outside, and nothing is left."""

import os
import stat
import zipfile
from pathlib import Path

import pytest

from talome.core.errors import Invalid
from talome.engines.archives import Limits, unpack_zip


def pack(path: Path, files: dict[str, bytes], kinds: dict[str, int] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: the constructor would mend it
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (kinds or {}).get(name, stat.S_IFREG | 0o777) << 16
            archive.writestr(info, content)
    return path


def test_files_and_folders(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {"repo-main/": b"", "repo-main/Apps/x/docker-compose.yml": b"a: 1", "b": b""})
    assert unpack_zip(archive, tmp_path / "out") == []
    file = tmp_path / "out/repo-main/Apps/x/docker-compose.yml"
    assert file.read_bytes() == b"a: 1"
    assert not file.stat().st_mode & 0o111


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "/etc/x",
        "a\\..\\x",
        "C:/x",
        "a//b",
        "./a",
        "a/./b",
        "a\x01b",
        "..",
        "a" * 600,
        "a/" * 40 + "b",
    ],
)
def test_paths_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    archive = pack(tmp_path / "a.zip", {"good": b"1", name: b"2"})
    with pytest.raises(Invalid, match="path that leads elsewhere"):
        unpack_zip(archive, tmp_path / "out")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.zip"]


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    kinds = {"link": stat.S_IFLNK | 0o777, "device": stat.S_IFBLK | 0o600, "pipe": stat.S_IFIFO | 0o600}
    archive = pack(tmp_path / "a.zip", {"link": b"/etc/passwd", "device": b"", "pipe": b"", "good": b"1"}, kinds)
    assert unpack_zip(archive, tmp_path / "out") == ["link", "device", "pipe"]
    assert [item.name for item in (tmp_path / "out").iterdir()] == ["good"]


def test_a_file_below_a_link(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {"d": b"/etc", "d/x": b"1"}, {"d": stat.S_IFLNK | 0o777})
    assert unpack_zip(archive, tmp_path / "out") == ["d"]
    assert (tmp_path / "out/d/x").read_bytes() == b"1"
    assert not (tmp_path / "out/d").is_symlink()


@pytest.mark.parametrize(
    "names", [["Apps/x", "apps/X"], ["é", "e\u0301"], ["a", "a/b"], ["a/b", "A"], ["straße", "strasse"]]
)
def test_names_that_collide(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(Invalid, match=r"twice|one name"):
        unpack_zip(pack(tmp_path / "a.zip", dict.fromkeys(names, b"1")), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_bombs(tmp_path: Path) -> None:
    bomb = pack(tmp_path / "a.zip", {"zeros": bytes(5_000_000)})
    with pytest.raises(Invalid, match="like a bomb"):
        unpack_zip(bomb, tmp_path / "out", Limits(ratio=50))
    with pytest.raises(Invalid, match="unpack to more than 1 MB"):
        unpack_zip(bomb, tmp_path / "out", Limits(total_bytes=1_000_000))
    with pytest.raises(Invalid, match="too large"):
        unpack_zip(bomb, tmp_path / "out", Limits(file_bytes=1_000_000, ratio=5000))
    with pytest.raises(Invalid, match="more than 3 files"):
        unpack_zip(pack(tmp_path / "b.zip", {str(n): b"" for n in range(4)}), tmp_path / "out", Limits(entries=3))
    assert not (tmp_path / "out").exists()


def test_a_size_that_lies(tmp_path: Path) -> None:
    """The list of contents says ten bytes, a megabyte comes out."""
    archive = pack(tmp_path / "a.zip", {"x": os.urandom(1_000_000)})
    raw = bytearray(archive.read_bytes())
    listed = raw.rfind(b"PK\x01\x02")
    raw[listed + 24 : listed + 28] = (10).to_bytes(4, "little")
    archive.write_bytes(raw)
    with pytest.raises(Invalid):
        unpack_zip(archive, tmp_path / "out", Limits(total_bytes=100_000))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(Invalid):
        unpack_zip(tmp_path / "a.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_cut_archive(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {"x": os.urandom(10_000), "y": b"1"})
    raw = bytearray(archive.read_bytes())
    raw[2000:2100] = bytes(100)
    archive.write_bytes(raw)
    with pytest.raises(Invalid, match="damaged"):
        unpack_zip(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("1")
    with pytest.raises(FileExistsError):
        unpack_zip(pack(tmp_path / "a.zip", {"x": b"1"}), tmp_path / "out")
    assert (tmp_path / "out/mine").read_text() == "1"
