"""Ids and names are checked before they become part of a URL: `../images/json?` never reaches the engine."""

from __future__ import annotations

import re

from talome.core.errors import Invalid

_ID = re.compile(r"[a-f0-9]{12,64}")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}")
_REFERENCE = re.compile(r"(?:sha256:)?[a-zA-Z0-9][a-zA-Z0-9_.-]*(?::[0-9]+)?(?:/[a-zA-Z0-9][a-zA-Z0-9_.-]*)*")
_TAG = re.compile(r"(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?")


def check_id(id: str, what: str) -> str:
    """A hex id or a name, unchanged; `what` names the thing in the sentence ("container")."""
    if _ID.fullmatch(id) or _NAME.fullmatch(id):
        return id
    raise Invalid(f"This is not the id or name of a {what}.", field="id")


def check_name(name: str, what: str) -> str:
    if _NAME.fullmatch(name):
        return name
    raise Invalid(
        f"A {what} is named with letters, digits, dots, dashes and underscores, and begins with a letter or digit.",
        field="name",
    )


def check_reference(reference: str) -> str:
    """`nginx`, `registry:5000/a/b:1.2@sha256:...` or `sha256:...`, unchanged."""
    match = _REFERENCE.match(reference)
    if match and len(reference) <= 512 and _TAG.fullmatch(reference, match.end()):
        return reference
    raise Invalid("This is not the name or id of an image.", field="id")
