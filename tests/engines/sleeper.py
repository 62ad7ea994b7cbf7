"""A module that writes its process id into the file that it is told, and then does nothing, for `test_child`."""

import os
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    Path(sys.stdin.read()).write_text(str(os.getpid()))
    time.sleep(600)
