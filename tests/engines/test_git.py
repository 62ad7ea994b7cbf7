"""git over real repositories, by file and by HTTP with a token."""

import asyncio
import os
from pathlib import Path

import pytest

from talome.core.errors import Invalid, NotFound, TooLarge, Unavailable
from talome.engines.git import Git, Remote
from tests.support.git_http import commit, git, git_server

TOKEN = "ghp_verysecret0123456789"


async def test_a_repository_by_file(tmp_path: Path) -> None:
    first = commit(tmp_path / "repo", {"a/app.yml": "one"})
    remote = Remote(f"file://{tmp_path}/repo")
    assert await Git().head(remote) == first
    await Git().clone(remote, tmp_path / "clone")
    assert (tmp_path / "clone/a/app.yml").read_text() == "one"
    second = commit(tmp_path / "repo", {"a/app.yml": "two"})
    assert await Git().head(remote) == second


async def test_a_branch(tmp_path: Path) -> None:
    commit(tmp_path / "repo", {"x": "main"})
    git(tmp_path / "repo", "checkout", "-q", "-b", "next/one")
    there = commit(tmp_path / "repo", {"x": "next"})
    git(tmp_path / "repo", "checkout", "-q", "main")
    remote = Remote(f"file://{tmp_path}/repo", "next/one")
    assert await Git().head(remote) == there
    await Git().clone(remote, tmp_path / "clone")
    assert (tmp_path / "clone/x").read_text() == "next"
    with pytest.raises(NotFound, match="no branch “gone”"):
        await Git().head(Remote(f"file://{tmp_path}/repo", "gone"))
    with pytest.raises(NotFound, match="no branch “gone”"):
        await Git().clone(Remote(f"file://{tmp_path}/repo", "gone"), tmp_path / "other")


async def test_over_http_with_a_token_that_nobody_sees(tmp_path: Path) -> None:
    there = commit(tmp_path / "repo", {"x": "1"})
    async with git_server(tmp_path, token=TOKEN) as address:
        good = Remote(f"{address}/repo", token=TOKEN)
        assert await Git().head(good) == there
        await Git().clone(good, tmp_path / "clone")
        assert (tmp_path / "clone/x").read_text() == "1"
        assert TOKEN not in (tmp_path / "clone/.git/config").read_text()
        assert TOKEN not in repr(good)
        for token in ("", "wrong"):
            with pytest.raises(Unavailable, match="wants a token"):
                await Git().head(Remote(f"{address}/repo", token=token))
        with pytest.raises(NotFound):
            await Git().head(Remote(f"{address}/none", token=TOKEN))


async def test_the_token_is_in_no_argument(tmp_path: Path) -> None:
    """A program in the place of git writes down what it was given."""
    spy = tmp_path / "git"
    spy.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/argv\nenv > {tmp_path}/env\necho {TOKEN} >&2\nexit 1\n'
    )
    spy.chmod(0o755)
    with pytest.raises(Unavailable) as told:
        await Git(str(spy)).head(Remote("http://127.0.0.1:9/repo", token=TOKEN))
    assert TOKEN not in str(told.value)
    assert TOKEN not in (tmp_path / "argv").read_text()
    environment = (tmp_path / "env").read_text()
    assert "http.extraHeader" in environment
    assert "127.0.0.1:9:127.0.0.1" in environment
    assert {line.partition("=")[0] for line in environment.splitlines()} <= {
        "PATH", "HOME", "LC_ALL", "PWD", "SHLVL", "_", "OLDPWD", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL",
        "GIT_TERMINAL_PROMPT", "GIT_LFS_SKIP_SMUDGE", "GIT_ALLOW_PROTOCOL", "GIT_CONFIG_COUNT",
        "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "GIT_CONFIG_KEY_1", "GIT_CONFIG_VALUE_1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "remote",
    [
        Remote("ext::sh -c touch% /tmp/x"),
        Remote("--upload-pack=touch /tmp/x"),
        Remote("ssh://-oProxyCommand=x/y"),
        Remote("git@github.com:a/b"),
        Remote("git://example.org/x"),
        Remote("https://user:pw@example.org/x"),
        Remote("file://host/x"),
        Remote("file:relative"),
        Remote("https://example.org/x", "--upload-pack=x"),
        Remote("https://example.org/x", "a..b"),
        Remote("https://example.org/x\n"),
        Remote("http://169.254.169.254/latest"),
        Remote("http://[::ffff:169.254.169.254]/x"),
        Remote("http://2852039166/x"),
    ],
)
async def test_what_git_is_never_asked_for(remote: Remote, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        await Git(str(tmp_path / "never-run")).head(remote)


async def test_links_hooks_and_submodules_do_nothing(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    commit(repo, {"x": "1", ".gitmodules": '[submodule "s"]\n\tpath = s\n\turl = file:///etc\n'})
    (repo / "evil").symlink_to("/etc/passwd")
    commit(repo, {})
    await Git().clone(Remote(f"file://{repo}"), tmp_path / "clone")
    assert not (tmp_path / "clone/evil").is_symlink()
    assert (tmp_path / "clone/evil").read_text() == "/etc/passwd"
    assert not (tmp_path / "clone/s").exists()


async def test_too_large(tmp_path: Path) -> None:
    commit(tmp_path / "repo", {"x": os.urandom(300_000)})
    with pytest.raises(TooLarge, match=r"larger than 0\.1 MB"):
        await Git().clone(Remote(f"file://{tmp_path}/repo"), tmp_path / "clone", limit_bytes=100_000)


async def test_cancelling_ends_the_whole_group(tmp_path: Path) -> None:
    slow = tmp_path / "git"
    slow.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/child\nwait\n")
    slow.chmod(0o755)
    task = asyncio.create_task(Git(str(slow)).head(Remote("file:///nowhere")))
    async with asyncio.timeout(10):
        while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    child = int((tmp_path / "child").read_text())
    async with asyncio.timeout(10):
        while _alive(child):
            await asyncio.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_without_git(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="git is missing"):
        await Git(str(tmp_path / "none")).head(Remote("file:///nowhere"))


async def test_what_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await Git().head(Remote(f"file://{tmp_path}"))
    git(tmp_path, "init", "-q", "empty")
    with pytest.raises(NotFound, match="nothing in it"):
        await Git().head(Remote(f"file://{tmp_path}/empty"))
