"""How the index of files is doing, in the words of the wire."""

from datetime import UTC, datetime

from talome.home.search.indexer import Indexer
from talome.home.search.models import IndexedRoot, SearchIndexState
from talome.home.search.store import RootRow


class IndexState:
    """Tells of an indexer, and has it walk."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer

    def state(self) -> SearchIndexState:
        progress = self._indexer.progress
        watched, unwatched = self._indexer.watched
        return SearchIndexState(
            entries=progress.entries,
            text_bytes=progress.text_bytes,
            folders_watched=watched,
            folders_unwatched=unwatched,
            full=progress.full,
            roots=[self._root(row) for row in self._indexer.rows],
        )

    def walk(self) -> None:
        self._indexer.look_again()

    def _root(self, row: RootRow) -> IndexedRoot:
        names = self._indexer.numbers(frozenset({row.id}))
        return IndexedRoot(
            id=row.id,
            name=names[row.number].name if row.number in names else row.id,
            walking=row.ended_at is None,
            away=row.number in self._indexer.progress.away,
            last_walk_at=datetime.fromtimestamp(row.ended_at / 1000, UTC) if row.ended_at else None,
        )
