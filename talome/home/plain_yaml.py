"""YAML that people read and that every reader of YAML takes for the same."""

import re
from typing import Any, Final

import yaml

_SURELY_TEXT: Final = re.compile(r"(?!(?i:null|true|false|yes|no|on|off|inf|nan)\Z)[A-Za-z_/][A-Za-z0-9_./-]*")


class _Plain(yaml.SafeDumper):
    """Quotes whatever some reader of YAML could take for something else than a text, such as 1e3, 0o17, 22:22 or no."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if _SURELY_TEXT.fullmatch(text) else "|" if "\n" in text else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Plain.add_representer(str, _text)


def plain_yaml(value: Any) -> str:
    """Keys stay in their order."""
    text: str = yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    return text
