#!/usr/bin/env python3
"""What the dashboard costs a browser, each part beside the bare operation in the same run.

python scripts/bench/dashboard.py load [--rounds 5]
python scripts/bench/dashboard.py live [--minutes 10]
python scripts/bench/dashboard.py logs [--lines 100000]
"""

import argparse
import asyncio
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # instead of this folder, whose names hide the library's

from scripts.bench.dashboard_load import live, load
from scripts.bench.dashboard_logs import logs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("load", "live", "logs"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--lines", type=int, default=100_000)
    given = parser.parse_args()
    runs = {"load": lambda: load(given.rounds), "live": lambda: live(given.minutes), "logs": lambda: logs(given.lines)}
    asyncio.run(runs[given.part]())


if __name__ == "__main__":
    main()
