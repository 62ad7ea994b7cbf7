"""The process that listens for `speech`: an order on standard input, what was said on standard output, both JSON.

It stands alone and imports nothing of Talome: a recording that brings a decoder down takes only this process along.
"""

import json
import os
import resource
import sys

_CPU_S = 1800
_MEMORY_BYTES = 8 * 1024**3


def main() -> None:
    """Transcribe one recording."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.loads(sys.stdin.read())

    from faster_whisper import WhisperModel

    threads = max(1, (os.cpu_count() or 2) // 2)
    model = WhisperModel(order["model"], device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    try:
        found, about = model.transcribe(order["recording"], language=order["language"] or None)
        segments = [(segment.start, segment.end, segment.text) for segment in found]
    except (ValueError, OSError, IndexError):  # what PyAV raises for what is no sound is one of these
        sys.stdout.write(json.dumps({"error": "unreadable"}))
        return
    answer = {"segments": segments, "language": about.language, "duration": about.duration}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
