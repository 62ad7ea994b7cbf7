"""argparse that tells a typing error the way every other failure is told."""

import argparse
from typing import NoReturn

from talome.core.cli.exits import BadUsage


class Parser(argparse.ArgumentParser):
    """Raises `BadUsage` where argparse would print and leave."""

    def error(self, message: str) -> NoReturn:
        raise BadUsage(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")
