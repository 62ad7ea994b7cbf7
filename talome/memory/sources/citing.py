"""Citations: where a chunk stands, in words and as an address."""

import orjson

from talome.memory.sources.models import Citation
from talome.memory.sources.store import CitedRow, SourceRow


def opens(row: SourceRow) -> str | None:
    """What shows the original; None for a folder, which has no address."""
    if row.kind in ("url", "repository"):
        return row.origin
    return None if row.kind == "folder" else f"/v1/memory/sources/{row.id}/original"


def citation(row: CitedRow, workspace: str | None) -> Citation:
    chunk, source = row.chunk, row.source
    heading: list[str] = orjson.loads(chunk.heading)
    url = opens(source)
    if url is not None and chunk.page is not None:
        url = f"{url}#page={chunk.page}"
    return Citation(
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        source_id=source.id,
        workspace_id=workspace,
        title=row.title,
        source_title=source.title or source.origin,
        place=_place(row, heading),
        heading=heading,
        page=chunk.page,
        line=chunk.line,
        url=url,
        text=chunk.text,
    )


def _place(row: CitedRow, heading: list[str]) -> str:
    """`guide.pdf, page 3, Ports`: from the outside to the inside."""
    several = row.source.kind in ("folder", "repository")
    page, line = row.chunk.page, row.chunk.line
    told = [
        row.path if several else "",
        f"page {page}" if page else f"line {line}" if line else "",
        " / ".join(heading),
    ]
    return ", ".join(part for part in told if part)
