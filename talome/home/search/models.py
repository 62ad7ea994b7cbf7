"""What crosses the wire of the search."""

from datetime import datetime
from typing import ClassVar, Literal

from talome.core.models import Wire

SearchKind = Literal["app", "store_app", "container", "setting", "folder", "file", "note", "media", "conversation"]


class SearchHit(Wire):
    """Something that was found. `link` is a path of the dashboard; `excerpt` is plain text around the words that were
    found inside a document. Scores run from 0 to about 1 and compare what is of different kinds."""

    columns: ClassVar[tuple[str, ...]] = ("kind", "title", "detail", "link")

    kind: SearchKind
    id: str
    title: str
    detail: str
    link: str
    score: float
    excerpt: str | None = None
    icon: str | None = None
    modified_at: datetime | None = None


class SearchAnswer(Wire):
    """The best first, whatever they are. `silent`: kinds that did not answer in time."""

    query: str
    hits: list[SearchHit]
    silent: list[str]


class IndexedRoot(Wire):
    """How far the index of a root has come. `walking`: it is being read; `away`: nothing is there now that once was, as
    with a disk that is not mounted, so that what was known of it is kept."""

    id: str
    name: str
    walking: bool
    away: bool
    last_walk_at: datetime | None


class SearchIndexState(Wire):
    """The index of files. Folders that are not watched are only seen by the walk of each night; `full`: files or texts
    were left out, since the index is as large as Settings let it be."""

    entries: int
    text_bytes: int
    folders_watched: int
    folders_unwatched: int
    full: bool
    roots: list[IndexedRoot]
