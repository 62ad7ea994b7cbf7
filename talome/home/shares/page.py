"""The page that a link opens: plain HTML without scripts, so that nothing of a stranger's file names runs."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote, urlencode

_STYLE: Final = """
:root{color-scheme:light dark;--line:#d5d9e0;--edge:#6f7a89;
--quiet:#5a6472;--ink:#16202c;--paper:#fff;--act:#1c5fb8;--bad:#a31621}
@media(prefers-color-scheme:dark){:root{--line:#353d49;--edge:#8b95a3;--quiet:#a3adba;--ink:#eef2f6;--paper:#12171e;--act:#7db4ff;
--bad:#ff9a9f}}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:46rem;margin:0 auto;padding:2rem 1rem}h1{font-size:1.5rem;margin:0 0 .25rem;overflow-wrap:anywhere}
p{margin:.25rem 0 1rem;color:var(--quiet)}a{color:var(--act)}table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:.6rem .4rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-weight:600;color:var(--quiet)}td.size,th.size{text-align:right;white-space:nowrap;overflow-wrap:normal}
input,button{font:inherit;padding:.6rem .8rem;border:1px solid var(--edge);border-radius:.5rem;max-width:100%;
color:inherit;background:transparent}button{background:var(--act);border-color:var(--act);color:var(--paper);
cursor:pointer}label{display:block;margin:0 0 .4rem}form>*{margin-bottom:.6rem}nav{margin:0 0 1rem}
.problem{color:var(--bad);font-weight:600}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
"""
_STYLE_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox allow-forms allow-downloads allow-same-origin"
)
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the list. `path` is below the link, as on the wire."""

    name: str
    path: str
    is_folder: bool
    size_bytes: int | None


def folder_page(token: str, title: str, path: str, items: Sequence[Item], *, complete: bool) -> str:
    """A list with a way up, each file a download, and all of it as one zip."""
    rows = "".join(_row(token, item) for item in items)
    empty = "" if items else "<p>Nothing is in here.</p>"
    more = "" if complete else "<p>There is more than can be listed here. The zip has everything.</p>"
    table = (
        '<table><thead><tr><th scope="col">Name</th><th scope="col" class="size">Size</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        if items
        else ""
    )
    whole = f'<p><a href="{_link(token, "zip", path)}">Download everything as a zip</a></p>' if items else ""
    return _page(title, f"{_way(token, title, path)}{whole}{table}{empty}{more}", heading=title)


def file_page(token: str, title: str, size_bytes: int) -> str:
    body = f'<p>{size_text(size_bytes)}</p><p><a href="{_link(token, "file", "")}">Download</a></p>'
    return _page(title, body, heading=title)


def password_page(token: str, problem: str = "") -> str:
    """Asks for the password, and says nothing of what is behind it."""
    body = (
        f"{_problem(problem)}"
        f'<form method="post" action="/s/{quote(token)}"><label for="password">This link has a password.</label>'
        '<input id="password" name="password" type="password" autocomplete="off" required maxlength="256">'
        "<div><button>Open</button></div></form>"
    )
    return _page("A shared link", body, heading="A shared link")


def drop_page(token: str, title: str, *, taken: Sequence[str] = (), problem: str = "") -> str:
    """Takes files, and never shows what is there already."""
    thanks = f"<p role=status>Taken in: {escape(', '.join(taken))}. Thank you.</p>" if taken else ""
    body = (
        f"{_problem(problem)}{thanks}<p>Files that you send here go to whoever gave you this link.</p>"
        f'<form method="post" enctype="multipart/form-data" action="/s/{quote(token)}/upload">'
        '<label for="files">Files</label><input id="files" name="files" type="file" multiple required>'
        "<div><button>Send</button></div></form>"
    )
    return _page(title, body, heading=title)


def problem_page(message: str) -> str:
    return _page("This link does not work", f"<p>{escape(message)}</p>", heading="This link does not work")


def _page(title: str, body: str, *, heading: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(heading)}</h1>{body}</main></body></html>"
    )


def _problem(text: str) -> str:
    return f'<p class="problem" role="alert">{escape(text)}</p>' if text else ""


def _row(token: str, item: Item) -> str:
    kind = "" if item.is_folder else "file"
    name = f"{item.name}/" if item.is_folder else item.name
    size = "" if item.size_bytes is None else size_text(item.size_bytes)
    return f'<tr><td><a href="{_link(token, kind, item.path)}">{escape(name)}</a></td><td class="size">{size}</td></tr>'


def _way(token: str, title: str, path: str) -> str:
    names = [name for name in path.split("/") if name]
    if not names:
        return ""
    steps = [f'<a href="{_link(token, "", "")}">{escape(title)}</a>']
    for number, name in enumerate(names[:-1], 1):
        steps.append(f'<a href="{_link(token, "", "/".join(names[:number]))}">{escape(name)}</a>')
    steps.append(f"<span aria-current=page>{escape(names[-1])}</span>")
    return f'<nav aria-label="Folders">{" / ".join(steps)}</nav>'


def _link(token: str, what: str, path: str) -> str:
    query = f"?{urlencode({'path': path})}" if path else ""
    return escape(f"/s/{quote(token)}{'/' if what else ''}{what}{query}")


def size_text(size_bytes: int) -> str:
    value, unit = float(size_bytes), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= 99.5 else f"{value:.1f} {_UNITS[unit]}"
