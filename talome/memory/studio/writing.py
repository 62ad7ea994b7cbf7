"""The job that writes: an outline, then section by section, then the list of what was cited."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson

from talome.core.clock import now_ms
from talome.core.errors import Conflict, NotFound, TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.jobs.store import JobRow
from talome.core.operations import Caller
from talome.memory.sources.models import Citation
from talome.memory.sources.service import Sources
from talome.memory.spaces import EVERYTHING
from talome.memory.studio import prompts
from talome.memory.studio.citing import Citations, plain
from talome.memory.studio.files import StudioFiles
from talome.memory.studio.models import NewStudioDocument, StudioChanged, StudioCitation, Writer
from talome.memory.studio.store import StudioRow, StudioStore

WRITE: Final = "memory.studio"
_OUTLINE_PASSAGES: Final = 12
_SECTION_PASSAGES: Final = 8
_OUTLINE_TOKENS: Final = 400
_SECTION_TOKENS: Final = 1200
_LONGEST_TITLE: Final = 120
_LIST: Final = re.compile(r"\[.*\]", re.DOTALL)
_STOPPED: Final = "It was stopped before its end. Have it written again."


@dataclass(frozen=True, slots=True)
class Order:
    """What to write, and for whom; kept in memory only, so a stop of the server ends it."""

    caller: Caller
    new: NewStudioDocument


class Writing:
    def __init__(self, store: StudioStore, files: StudioFiles, sources: Sources, jobs: Jobs, writer: Writer) -> None:
        self._store = store
        self._files = files
        self._sources = sources
        self._jobs = jobs
        self._writer = writer
        self._orders: dict[str, Order] = {}
        self._turn = asyncio.Semaphore(2)
        jobs.register(WRITE, JobKind(self._run, {"begin": Step(self._begin, self._break_off)}, interrupted="undo"))

    async def start(self, row: StudioRow, order: Order) -> JobRow:
        """Members do not see the jobs of others, so how far it is stands with the document."""
        self._orders[row.id] = order
        job = await self._jobs.start(
            WRITE, "Write a document", {"document": row.id}, scope="memory:admin", by=row.added_by,
            subject=f"studio:{row.id}",
        )  # fmt: skip
        async with self._store.db.write() as tx:
            await self._store.note_job(tx, row.id, job.id)
        return job

    async def stop(self, job_id: str) -> None:
        """Returns when the job has ended."""
        with suppress(Conflict, NotFound):  # it came to its end meanwhile
            await self._jobs.cancel(job_id)
            await self._jobs.ended(job_id)

    async def passages(self, order: Order, query: str, limit: int) -> Sequence[Citation]:
        """What the sources say about it, the best first."""
        found = await self._sources.search(
            order.caller,
            query[:2000],
            limit=limit,
            workspace_id=order.new.workspace_id or (EVERYTHING if order.new.source_ids else None),
            source_ids=order.new.source_ids,
        )
        return found.data

    async def _begin(self, arguments: dict[str, Any]) -> None:
        await self._change(arguments["document"], state="writing", stage="Planning")

    async def _break_off(self, arguments: dict[str, Any], _: Any) -> None:
        row = await self._store.get(arguments["document"])
        if row is not None and row.state == "writing":
            await self._change(row.id, state="failed", stage=None, problem=_STOPPED, finished_at=now_ms())

    async def mend(self, document_id: str) -> None:
        """At the start of the server nothing is being written any more; its job, if it is there, ends as failed."""
        await self._break_off({"document": document_id}, None)

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        document_id = arguments["document"]
        order = self._orders.pop(document_id, None)
        await job.step("begin", document=document_id)
        try:
            if order is None:
                raise Unavailable(_STOPPED)
            async with self._turn:
                await self._write(job, document_id, order)
        except TalomeError as error:
            if await self._store.get(document_id) is not None:
                failed = {"state": "failed", "stage": None, "problem": error.message, "finished_at": now_ms()}
                await self._change(document_id, **failed)
            raise

    async def _write(self, job: Job, document_id: str, order: Order) -> None:
        titles = await self._outline(order)
        citations, texts = Citations(), []
        for number, title in enumerate(titles):
            await self._tell(job, document_id, number, len(titles))
            passages = await self.passages(order, f"{title} {order.new.instructions}", _SECTION_PASSAGES)
            messages = prompts.section(order.new.kind, order.new.instructions, title, titles, passages)
            written = await self._ask(order, messages, _SECTION_TOKENS)
            texts.append(f"## {title}\n\n{citations.section(written, passages)}")
        await self._keep(document_id, "\n\n".join(texts), citations, order)

    async def _tell(self, job: Job, document_id: str, done: int, total: int) -> None:
        await job.progress("Writing", done, total)
        await self._change(document_id, stage="Writing", done=done, total=total)

    async def _outline(self, order: Order) -> list[str]:
        """The model's, or where it gives none the usual one of this kind."""
        new = order.new
        if new.sections == 1:
            return [prompts.USUAL_SECTIONS[new.kind][0]]
        passages = await self.passages(order, new.instructions, _OUTLINE_PASSAGES)
        messages = prompts.outline(new.kind, new.instructions, passages, new.sections)
        said = await self._ask(order, messages, _OUTLINE_TOKENS)
        return _titles(said)[: new.sections] or list(prompts.USUAL_SECTIONS[new.kind][: new.sections])

    async def _ask(self, order: Order, messages: list[dict[str, Any]], most_tokens: int) -> str:
        body = {"model": order.new.model, "messages": messages, "max_tokens": most_tokens, "temperature": 0.2}
        answer = await self._writer.chat(order.caller, body, feature="studio")
        return _said(answer)

    async def _keep(self, document_id: str, text: str, citations: Citations, order: Order) -> None:
        """Checked a last time: what was cited may have been deleted while this was written."""
        row = await self._get(document_id)
        there = await self._sources.still_there(order.caller, [one.chunk_id for _, one in citations.used()])
        text, used = citations.without(text, there)
        listed = "\n".join(f"{number}. {plain(_reference(one))}" for number, one in used)
        whole = f"# {plain(row.title)}\n\n{text}\n\n## Sources\n\n{listed or 'Nothing was cited.'}\n"
        await asyncio.to_thread(self._files.write, document_id, whole)
        shown = [
            StudioCitation(
                number=number, chunk_id=one.chunk_id, document_id=one.document_id, source_id=one.source_id,
                title=one.title, place=one.place, url=one.url,
            ).model_dump()
            for number, one in used
        ]  # fmt: skip
        await self._change(
            document_id,
            state="ready",
            stage=None,
            done=None,
            total=None,
            citations=orjson.dumps(shown).decode(),
            dropped=citations.dropped,
            size_bytes=len(whole.encode()),
            finished_at=now_ms(),
        )

    async def _get(self, document_id: str) -> StudioRow:
        row = await self._store.get(document_id)
        if row is None:
            raise Unavailable("The document was deleted while it was written.")
        return row

    async def _change(self, document_id: str, **values: Any) -> None:
        row = (await self._get(document_id)).changed(**values)
        async with self._store.db.write() as tx:
            await self._store.update(tx, row)
            tx.emit(StudioChanged(row.id, row.space))


def _reference(citation: Citation) -> str:
    told = (citation.title, citation.place, citation.url if citation.url and "://" in citation.url else "")
    return ", ".join(part for part in told if part)


def _titles(said: str) -> list[str]:
    """The titles in an answer that should be a JSON list, and may be wrapped in words."""
    match = _LIST.search(said)
    try:
        raw = orjson.loads(match[0]) if match else []
    except orjson.JSONDecodeError:
        return []
    found = []
    for item in raw if isinstance(raw, list) else []:
        text = item.get("title") if isinstance(item, dict) else item
        if isinstance(text, str) and (title := " ".join(plain(text).strip("# ").split())[:_LONGEST_TITLE]):
            found.append(title)
    return list(dict.fromkeys(found))


def _said(answer: dict[str, Any]) -> str:
    try:
        text = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        text = None
    if not isinstance(text, str) or not text.strip():
        raise Unavailable("The model answered without a text. Try again, or choose another model.")
    return text
