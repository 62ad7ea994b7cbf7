"""Where the texts lie: `memory/studio/<id>.md`. All of it blocks: call it from a worker thread."""

from collections.abc import Collection
from pathlib import Path

from talome.engines.trees import write_beneath


class StudioFiles:
    def __init__(self, home: Path) -> None:
        self.root = home / "memory" / "studio"

    def write(self, document_id: str, markdown: str) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beneath(self.root, f"{document_id}.md", markdown.encode())

    def read(self, document_id: str) -> str:
        """Empty where it is not there."""
        try:
            return (self.root / f"{document_id}.md").read_text()
        except FileNotFoundError:
            return ""

    def remove(self, document_id: str) -> None:
        (self.root / f"{document_id}.md").unlink(missing_ok=True)

    def sweep(self, known: Collection[str]) -> None:
        """Delete what belongs to no document: a crash left it."""
        if self.root.is_dir():
            for entry in self.root.iterdir():
                if entry.is_file() and entry.stem.lstrip(".") not in known:
                    entry.unlink(missing_ok=True)
