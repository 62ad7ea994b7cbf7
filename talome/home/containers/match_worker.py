"""The process that runs regular expressions for `matching`: first the pattern, then lists of texts, as lines of JSON.

It stands alone (the interpreter is started without site-packages) and imports nothing of Talome.
"""

import json
import re
import sys


def main() -> None:
    """Answer each line of standard input with one line, until it ends."""
    try:
        search = re.compile(json.loads(sys.stdin.readline())).search
    except (re.error, OverflowError, RecursionError) as error:
        answer(str(error) or "it is too large")
        return
    answer(None)
    for line in sys.stdin:
        answer([number for number, text in enumerate(json.loads(line)) if search(text)])


def answer(value: object) -> None:
    """One line of JSON, at once."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
