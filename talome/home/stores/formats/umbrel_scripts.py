"""An app's `exports.sh` as it is run in a throw-away container, and what is understood of its answer.

The script never sees a secret or a fact of the house: what `derive_entropy` gives it is a made-up value that is known
again in its answer, also cut short, and the names of this machine are placeholders.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from talome.home.manifest import Fact, Part
from talome.home.stores.formats.parts import Parts, as_text
from talome.home.stores.formats.umbrel_exports import LONGEST_VALUE, NAME, joined
from talome.home.stores.formats.umbrel_facts import SYSTEM, for_exports

START: Final = 'if command -v bash >/dev/null 2>&1; then exec bash -c "$TALOME_MAIN"; else eval "$TALOME_MAIN"; fi'
_MAIN: Final = r"""
exec 9>&1 1>/dev/null
derive_entropy() {
  _h=$(printf '%s' "$TALOME_NONCE$1" | sha256sum); _h=${_h%% *}
  printf 'S %s %s\n' "$_h" "$1" >&9; printf '%s' "$_h"
}
hostname() {
  case "$1" in
    -I|-i|--all-ip-addresses|--ip-address) printf '%s\n' "$TALOME_ADDRESS";;
    -f|--fqdn) printf '%s\n' "$DEVICE_DOMAIN_NAME";;
    *) printf '%s\n' "$DEVICE_HOSTNAME";;
  esac
}
_report() {
  for _n in $TALOME_NAMES; do
    eval "[ \"\${$_n+set}\" ]" || continue
    eval "_v=\${$_n}"
    printf 'V %s %s\n' "$_n" "$(printf '%s' "$_v" | base64 | tr -d '\n')" >&9
  done
}
trap _report EXIT
"""
_SHORTEST_MARK: Final = 16
_FACTS: Final = get_args(Fact)


@dataclass(frozen=True, slots=True)
class AppScripts:
    """The scripts of an app and of those that it needs, in their order, and what only they can tell."""

    app: str
    unknown: Mapping[str, int]
    """Names by the line that sets them."""
    scripts: tuple[tuple[str, str], ...]
    """Whose, and the text."""

    @property
    def digest(self) -> str:
        whole = "\0".join(f"{app}\0{text}" for app, text in self.scripts)
        return hashlib.sha256(whole.encode()).hexdigest()

    def environment(self, nonce: str) -> dict[str, str]:
        """Of the container; `nonce` is made up for this run."""
        system = {name: "".join(_mark(part, nonce) for part in parts) for name, parts in SYSTEM.items()}
        main = [_MAIN]
        for number, (app, _) in enumerate(self.scripts):
            main += [f"{name}='{as_text(parts) or ''}'" for name, parts in for_exports(app).items()]
            main.append(f'eval "$TALOME_SCRIPT_{number}"')
        return {
            **system,
            **{f"TALOME_SCRIPT_{number}": text for number, (_, text) in enumerate(self.scripts)},
            "TALOME_MAIN": "\n".join(main),
            "TALOME_NAMES": " ".join(name for name in self.unknown if NAME.fullmatch(name)),
            "TALOME_NONCE": nonce,
            "TALOME_ADDRESS": _mark(Part(fact="address"), nonce),
        }

    def answers(self, lines: Iterable[str], nonce: str) -> dict[str, Parts]:
        """Of the names that were asked for, as far as the scripts set them."""
        marks: dict[str, Part] = {_mark(Part(fact=fact), nonce): Part(fact=fact) for fact in _FACTS}
        secrets: dict[str, str] = {}
        values: dict[str, str] = {}
        for line in lines:
            kind, _, rest = line.partition(" ")
            name, _, told = rest.partition(" ")
            if kind == "S" and name == hashlib.sha256(f"{nonce}{told}".encode()).hexdigest():
                secrets[name] = told
            elif kind == "V" and name in self.unknown and (value := _decoded(told)) is not None:
                values[name] = value
        return {name: _parts(value, marks, secrets) for name, value in values.items()}


def _mark(part: Part, nonce: str) -> str:
    return part.text if part.text is not None else f"talome-{nonce[:8]}-{part.fact}-"


def _decoded(told: str) -> str | None:
    try:
        value = base64.b64decode(told, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return value if len(value) <= LONGEST_VALUE and value.isprintable() else None


def _parts(value: str, marks: Mapping[str, Part], secrets: Mapping[str, str]) -> Parts:
    """The made-up secrets and placeholders in a value become what they stand for."""
    forms = [re.escape(mark) for mark in marks]
    forms += [f"{secret[:_SHORTEST_MARK]}[0-9a-f]{{0,{len(secret) - _SHORTEST_MARK}}}" for secret in secrets]
    pieces: list[Parts] = []
    at = 0
    for found in re.finditer("|".join(forms), value):
        if found.start() > at:
            pieces.append((Part(text=value[at : found.start()]),))
        pieces.append(_meant(found[0], marks, secrets))
        at = found.end()
    return joined([*pieces, (Part(text=value[at:]),)] if at < len(value) else pieces)


def _meant(text: str, marks: Mapping[str, Part], secrets: Mapping[str, str]) -> Parts:
    if (mark := marks.get(text)) is not None:
        return (mark,)
    secret = next(each for each in secrets if each.startswith(text[:_SHORTEST_MARK]))
    same = next((length for length in range(len(text), 0, -1) if secret.startswith(text[:length])), 0)
    part = Part(secret=secrets[secret], length=same if same < len(secret) else None)
    return (part, Part(text=text[same:])) if same < len(text) else (part,)
