"""The index of files: what is found by which words, and that it keeps up with what happens to the files."""

import os
import shutil
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest

from talome.home.search import indexer
from talome.home.search.reading import words_of
from talome.home.search.texts import may_hold_text, text_of
from talome.home.search.turns import Turns
from tests.home.search.searching import put, root, searching, until
from tests.memory.sources.made import pdf


async def test_files_and_folders_are_found_by_the_beginnings_of_their_words(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "Films/The Third Man (1949).mkv", "Films/man on wire.mkv", "Photos/Man_at_work-2024.jpg", "x.txt")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert set(await it.names("man")) == {"The Third Man (1949).mkv", "man on wire.mkv", "Man_at_work-2024.jpg"}
        assert (await it.names("man"))[2] == "The Third Man (1949).mkv"  # the others begin with what was typed
        assert await it.names("thir ma") == ["The Third Man (1949).mkv"]
        assert await it.names("PHOT") == ["Photos"]
        assert await it.names("photos man") == ["Man_at_work-2024.jpg"]  # by the folder as well
        assert await it.names("2024") == ["Man_at_work-2024.jpg"]
        [found] = await it.find("third")
        assert (found.folders, found.is_folder, found.size_bytes) == (("Films",), False, 1)
        for nothing in ("", "  ", "…", "zzzz", '"', "name:man", "* AND", "NEAR(", "-man x"):
            assert await it.names(nothing) == [], nothing


async def test_case_accents_and_normal_forms_do_not_matter(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "Café.txt", unicodedata.normalize("NFD", "Übersicht.ods"), "Straße.md", "漢字かな交じり.txt")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        for words in ("cafe", "CAFÉ", unicodedata.normalize("NFD", "café")):
            assert await it.names(words) == ["Café.txt"], words
        assert len(await it.names("ubersicht")) == len(await it.names("Übers")) == 1
        assert await it.names("strasse") == await it.names("STRASSE") == await it.names("straße") == ["Straße.md"]
        assert await it.names("漢字") == await it.names("かな交") == ["漢字かな交じり.txt"]


async def test_pieces_of_words_and_slips_are_forgiven(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "Stromrechnung2024.pdf", "HolidayInNorway.mp4", "jellyfin-backup.tar", "mediterranean.jpg")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert await it.names("rechnung") == ["Stromrechnung2024.pdf"]
        assert await it.names("norway") == ["HolidayInNorway.mp4"]
        for slip in ("jelyfin", "jellifyn", "ejllyfin", "jellyfim"):
            assert await it.names(slip) == ["jellyfin-backup.tar"], slip
        assert await it.names("mediteranean") == ["mediterranean.jpg"]
        assert await it.names("jexlxyzin") == []


async def test_documents_are_found_by_their_text(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "letter.txt", text="Dear Ada, the boiler was repaired on Monday by Größe & Söhne. " * 20)
    put(media.path, "page.html", text="<p>The <b>quokka</b> smiles &amp; waves</p>")
    put(media.path, "boiler.md", text="-")
    with zipfile.ZipFile(media.path / "minutes.docx", "w") as packed:
        packed.writestr("word/document.xml", "<w:t>Agenda:</w:t><w:t>wombats</w:t>")
    (media.path / "binary.txt").write_bytes(b"wombats\0\1\2")
    (media.path / "old.txt").write_bytes("Grüße aus Köln".encode("latin-1"))
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert await it.names("boiler") == ["boiler.md", "letter.txt"]  # names first
        assert await it.names("boiler repaired monday") == ["letter.txt"]
        assert await it.names("größe") == await it.names("grosse soh") == [] or await it.names("größe") == [
            "letter.txt"
        ]
        assert await it.names("quokka") == ["page.html"]
        assert await it.names("wombat") == ["minutes.docx"]
        assert await it.names("köln") == ["old.txt"]
        [found] = await it.find("repaired")
        assert found.excerpt is not None
        assert "boiler was repaired on Monday" in found.excerpt
        assert "<" not in str((await it.find("quokka"))[0].excerpt)


async def test_without_the_setting_texts_are_not_read(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "letter.txt", text="boiler")
    async with searching(tmp_path / "home", media, **{indexer.TEXTS: False}) as it:
        await it.walked()
        assert await it.names("letter") == ["letter.txt"]
        assert await it.names("boiler") == []


async def test_what_is_hidden_or_no_file_is_not_there(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(
        media.path,
        ".talome-trash/wombat.txt",
        ".ssh/wombat",
        ".wombat",
        "node_modules/wombat/wombat.js",
        "a/wombat.txt",
    )
    os.mkfifo(media.path / "wombat.txt")
    outside = tmp_path / "outside"
    put(outside, "wombat-outside.txt")
    (media.path / "wombat-link").symlink_to(outside)
    (media.path / "link.txt").symlink_to(outside / "wombat-outside.txt")
    put(tmp_path / "media/home", "wombat-of-talome.txt")
    async with searching(tmp_path / "media/home", media) as it:
        await it.walked()
        assert await it.names("wombat") == ["wombat.txt"]
        assert await it.names("home") == []


async def test_nobody_finds_anything_in_a_root_that_is_not_theirs(tmp_path: Path) -> None:
    mine, yours = root(tmp_path / "mine", "mine"), root(tmp_path / "yours", "yours")
    put(mine.path, "wombat.txt", text="shared words")
    put(yours.path, "deep/wombat-secret.txt", "wombatsecret2.txt", text="shared words of a quokka")
    async with searching(tmp_path / "home", mine, yours) as it:
        await it.walked()
        for typed in ("wombat", "wom", "w", "ombat", "wmobat", "shared words", "txt"):
            assert set(await it.names(typed, ["mine"])) <= {"wombat.txt"}, typed
        for typed in ("secret", "quokka", "deep", "ecret", "secrte", "\ue002\ue002\ue002", "yours"):
            assert await it.names(typed, ["mine"]) == [], typed
            assert await it.names(typed, []) == []
        assert len(await it.names("wombat", ["yours"])) == 2
        assert await it.names("wombat", ["no such root"]) == []


async def test_many_newer_ones_of_others_hide_nothing(tmp_path: Path) -> None:
    mine, yours = root(tmp_path / "mine", "mine"), root(tmp_path / "yours", "yours")
    put(mine.path, "wombat.txt")
    os.utime(mine.path / "wombat.txt", (1_000_000_000, 1_000_000_000))
    put(yours.path, *(f"wombat {number}.txt" for number in range(400)))
    async with searching(tmp_path / "home", mine, yours) as it:
        await it.walked()
        assert await it.names("womb", ["mine"]) == ["wombat.txt"]
        assert await it.names("ombat", ["mine"]) == ["wombat.txt"]


async def test_the_newer_of_two_alike_comes_first(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "report a.txt", "report b.txt", "report c.txt")
    now = time.time()
    for name, days in (("a", 900), ("b", 1), ("c", 300)):
        os.utime(media.path / f"report {name}.txt", (now, now - days * 86_400))
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert await it.names("report") == ["report b.txt", "report c.txt", "report a.txt"]


async def test_it_keeps_up_with_what_happens(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "Films/one.mkv", text="x")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        put(
            media.path, "Films/wombat.mkv", "New/Deep/Deeper/wombat.txt", text="about quokkas"
        )  # of a film only the name counts
        await it.finds("wombat", "wombat.mkv", "wombat.txt")
        await it.finds("quokkas", "wombat.txt")
        (media.path / "Films/wombat.mkv").rename(media.path / "Films/numbat.mkv")
        await it.finds("wombat", "wombat.txt")
        await it.finds("numbat", "numbat.mkv")
        (media.path / "New").rename(media.path / "Newer")
        await it.finds("wombat", "wombat.txt")
        await until(lambda: not it.indexer.busy)
        assert [file.folders for file in await it.find("wombat")] == [("Newer", "Deep", "Deeper")]
        put(media.path, "Newer/Deep/Deeper/wombat.txt", text="about bilbies, which are longer")
        await it.finds("bilbies", "wombat.txt")
        await it.finds("quokkas")
        shutil.rmtree(media.path / "Newer")
        await it.finds("wombat")
        await it.finds("deeper")


async def test_what_happened_while_it_did_not_run_is_seen_at_the_start(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "a/wombat.txt", "b/stays.txt", text="quokka")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
    shutil.rmtree(media.path / "a")
    put(media.path, "c/numbat.txt")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert await it.names("wombat") == []
        assert await it.names("numbat") == ["numbat.txt"]
        assert await it.names("quokka") == ["stays.txt"]
        assert it.indexer.progress.entries == 4


async def test_a_walk_that_was_cut_goes_on_where_it_was(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    for number in range(60):
        put(media.path, f"folder{number:02}/file{number:02}.txt")
    async with searching(tmp_path / "home", media) as it:
        await until(lambda: it.indexer.progress.entries > 70)
    async with searching(tmp_path / "home", media) as it:
        [row] = await it.store.roots()
        assert row.ended_at is None or row.walk > 1
        assert await it.store.to_walk(row.number, row.walk, 100)
        await it.walked()
        assert it.indexer.progress.entries == 120
        assert len(await it.store.content(1)) == 60


async def test_a_root_that_is_taken_away_or_moves_is_forgotten(tmp_path: Path) -> None:
    one, two = root(tmp_path / "one", "one"), root(tmp_path / "two", "two")
    put(one.path, "a/wombat.txt", text="quokka")
    put(two.path, "b/wombat.txt")
    async with searching(tmp_path / "home", one, two) as it:
        await it.walked()
        it.shelf.roots = [two]
        it.indexer.look_again()
        await until(lambda: len(it.indexer.rows) == 1)
        assert [file.folders for file in await it.find("wombat")] == [("b",)]
        assert await it.store.totals() == (2, 1)
        it.shelf.roots = [root(tmp_path / "elsewhere", "two")]
        it.indexer.look_again()
        await it.finds("wombat")


async def test_a_disk_that_is_not_mounted_is_not_forgotten(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, "a/wombat.txt")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
    media.path.rename(tmp_path / "unplugged")
    for is_there in (False, True):
        if is_there:
            media.path.mkdir()  # the empty place where it is mounted
        async with searching(tmp_path / "home", media) as it:
            await until(lambda: it.indexer.progress.away)
            assert await it.names("wombat") == ["wombat.txt"]
    media.path.rmdir()
    (tmp_path / "unplugged").rename(media.path)
    (media.path / "a/wombat.txt").unlink()
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert await it.names("wombat") == []
        assert not it.indexer.progress.away


async def test_it_is_bounded_and_says_so(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    put(media.path, *(f"{number % 2}/file {number}.txt" for number in range(1100)))
    async with searching(tmp_path / "home", media, **{indexer.MOST_ENTRIES: 1000}) as it:
        await it.walked()
        assert it.indexer.progress.entries == 1000
        assert it.indexer.progress.full


async def test_names_of_no_utf8_are_found_and_lead_back(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    odd = b"wombat \xff\xfe.txt"
    (media.path / os.fsdecode(odd)).write_text("quokka")
    (media.path / os.fsdecode(b"dir\xe9")).mkdir()
    put(media.path / os.fsdecode(b"dir\xe9"), "numbat.txt")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        [found] = await it.find("wombat")
        assert os.fsencode(found.name) == odd
        assert await it.names("quokka") == [os.fsdecode(odd)]
        assert [os.fsencode(it.folders[0]) for it in await it.find("numbat")] == [b"dir\xe9"]


async def test_where_no_watch_is_left_the_walk_still_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "MOST_WATCHED", 2)
    media = root(tmp_path / "media")
    put(media.path, "a/1.txt", "b/2.txt", "c/3.txt")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert it.indexer.watched == (2, 2)
        put(media.path, "c/wombat.txt")
        it.indexer.look_again()
        await it.finds("wombat", "wombat.txt")


async def test_where_no_watch_is_left_folders_are_looked_at_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "MOST_WATCHED", 1)
    monkeypatch.setattr(indexer, "AROUND_S", 0.05)
    media = root(tmp_path / "media")
    put(media.path, "a/1.txt", "b/2.txt", "c/3.txt")
    async with searching(tmp_path / "home", media) as it:
        await until(lambda: it.indexer.watched == (1, 3))
        put(media.path, "a/wombat.txt", "c/quokka.txt")
        await it.finds("wombat", "wombat.txt")
        await it.finds("quokka", "quokka.txt")


def test_everyones_turn_comes_before_anybodys_second() -> None:
    turns = Turns()
    for member in (1, 2, 3):
        turns.add(member)
    assert turns.take(2) == [1, 2]
    turns.discard(3)
    assert (turns.take(2), turns.take(5), len(turns)) == ([], [1, 2], 2)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HolidayPhotos2024.jpg", "holidayphotos2024 jpg holiday photos 2024"),
        ("IMG_20240101.jpg", "img 20240101 jpg"),
        ("straße.md", "strasse md"),
        ("\ue001\ue001\ue001.txt", "txt"),
        ("\udcff\udcfe", ""),
        ("a" * 5000, "a" * 600),
    ],
)
def test_the_words_of_a_name(name: str, words: str) -> None:
    assert words_of(name) == words


def test_hostile_documents_have_no_text(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.docx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", "<a>" + "word " * 4_000_000)
    assert may_hold_text("bomb.docx", bomb.stat().st_size)
    many = tmp_path / "many.docx"
    with zipfile.ZipFile(many, "w") as packed:
        for number in range(4000):
            packed.writestr(f"{number}", "")
    for file, longest in ((bomb, 64 * 1024), (many, 0)):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            assert len(text_of(file.name, descriptor)) <= longest
        finally:
            os.close(descriptor)
    for content in (b"", b"PK", b"PK\5\6" + b"\xff" * 18, os.urandom(500)):
        (tmp_path / "broken.odt").write_bytes(content)
        descriptor = os.open(tmp_path / "broken.odt", os.O_RDONLY)
        try:
            assert text_of("broken.odt", descriptor) == ""
        finally:
            os.close(descriptor)
    assert not may_hold_text("a.txt", 10**9)
    assert not may_hold_text("a.mkv", 10)
    assert not may_hold_text("noend", 10)


async def test_words_in_pdfs_are_found(tmp_path: Path) -> None:
    media = root(tmp_path / "media")
    (media.path / "scan of may.PDF").write_bytes(pdf(["Receipt of a quokka", "total of twelve"]))
    (media.path / "broken.pdf").write_bytes(b"%PDF-1.4 quokka")
    async with searching(tmp_path / "home", media) as it:
        await it.walked()
        assert await it.names("quokka twelve") == ["scan of may.PDF"]
        assert await it.names("broken") == ["broken.pdf"]
    async with searching(tmp_path / "other", media, **{indexer.TEXTS: False}) as it:
        await it.walked()
        assert await it.names("quokka") == []
