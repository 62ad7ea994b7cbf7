"""mem0 as `memory.py` runs it, in an environment of its own: local store, nothing inferred, vectors as given."""

import json
import os
import sys
import time
from pathlib import Path
from statistics import median


class Given:
    """In the place of mem0's embedder: the vectors that came with the order."""

    def __init__(self, vectors: dict[str, list[float]]) -> None:
        self._vectors = vectors

    def embed(self, text: str, *_: object, **__: object) -> list[float]:
        return self._vectors[text]

    def embed_batch(self, texts: list[str], *_: object, **__: object) -> list[list[float]]:
        return [self._vectors[text] for text in texts]


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text())
    del sys.path[0]  # this folder, whose names hide the library's
    from mem0 import Memory

    store = {"path": f"{os.environ['MEM0_DIR']}/qdrant", "embedding_model_dims": 256, "on_disk": True}
    nothing = {"provider": "openai", "config": {"api_key": "none"}}
    memory = Memory.from_config(
        {"vector_store": {"provider": "qdrant", "config": store}, "llm": nothing, "embedder": nothing}
    )
    memory.embedding_model = Given(order["vectors"])
    start = time.process_time()
    for note in order["notes"]:
        memory.add(note, user_id="house", infer=False)
    adds = 1000 * (time.process_time() - start) / max(1, len(order["notes"]))
    took, waited = [], []
    for text in order["queries"]:
        cpu, wall = time.process_time(), time.perf_counter()
        memory.search(text, filters={"user_id": "house"}, top_k=10)
        took.append(1000 * (time.process_time() - cpu))
        waited.append(1000 * (time.perf_counter() - wall))
    size = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    answer = {
        "notes": len(order["notes"]), "search CPU ms": sum(took) / len(took), "search p50 ms": median(waited),
        "add CPU ms": adds, "MB": size,
    }  # fmt: skip
    found = many = 0.0
    for talk in order["talks"]:
        ids = {}
        for id, text in talk["notes"]:
            memory.add(text, user_id=talk["space"], infer=False)
            ids[text] = id
        for text, evidence in talk["questions"]:
            hits = memory.search(text, filters={"user_id": talk["space"]}, top_k=10)["results"]
            found += len({ids[hit["memory"]] for hit in hits} & set(evidence)) / len(evidence)
            many += 1
    if many:
        answer["LoCoMo recall@10"] = found / many
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
