"""Programs that others wrote say whether this is WebDAV: litmus judges, rclone and cadaver work."""

from pathlib import Path

from tests.home.shares.drive import Drive, run


async def test_litmus_finds_nothing_wrong(drive: Drive, tmp_path: Path) -> None:
    code, said = await run("litmus", "-k", f"{drive.url}/", drive.username, drive.password, folder=tmp_path)
    failed = [line for line in said.splitlines() if "FAIL" in line or "WARNING" in line]
    assert code == 0, said[-3000:]
    assert not failed, failed


async def test_rclone_copies_there_and_back(drive: Drive, tmp_path: Path) -> None:
    source, back = tmp_path / "source", tmp_path / "back"
    (source / "deep" / "er").mkdir(parents=True)
    (source / "ä b#c%20.txt").write_text("one")
    (source / "deep" / "er" / "big.bin").write_bytes(bytes(range(256)) * 20_000)
    _, obscured = await run("rclone", "obscure", drive.password)
    remote = f":webdav,url='{drive.url}',vendor=other,user={drive.username},pass={obscured.strip()}:"
    for arguments in (
        ("copy", str(source), f"{remote}in"),
        ("check", str(source), f"{remote}in", "--download"),
        ("moveto", f"{remote}in/deep", f"{remote}in/moved"),
        ("copy", f"{remote}in", str(back)),
        ("purge", f"{remote}in"),
    ):
        code, said = await run("rclone", "--config", "/dev/null", *arguments)
        assert code == 0, (arguments, said)
    assert (back / "ä b#c%20.txt").read_text() == "one"
    assert (back / "moved" / "er" / "big.bin").stat().st_size == 256 * 20_000
    assert [path.name for path in drive.folder.iterdir() if not path.name.startswith(".")] == []


async def test_cadaver_makes_moves_and_deletes(drive: Drive, tmp_path: Path) -> None:
    home = tmp_path / "home of cadaver"
    home.mkdir()
    netrc = home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login {drive.username} password {drive.password}\n")
    netrc.chmod(0o600)
    file = tmp_path / "letter.txt"
    file.write_text("dear")
    lines = f"mkcol post\nput {file} post/letter.txt\nmove post/letter.txt post/sent.txt\ncopy post/sent.txt copy.txt\n"
    lines += "lock copy.txt\nunlock copy.txt\ndelete post/sent.txt\nrmcol post\nquit\n"
    code, said = await run("cadaver", f"{drive.url}/", given=lines.encode(), environment={"HOME": str(home)})
    assert code == 0, said
    assert "failed" not in said.lower(), said
    assert (drive.folder / "copy.txt").read_text() == "dear"
    assert not (drive.folder / "post").exists()
