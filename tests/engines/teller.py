"""A module that says which names its environment has, for `test_child`."""

import os
import sys

if __name__ == "__main__":
    sys.stderr.write(",".join(os.environ))
