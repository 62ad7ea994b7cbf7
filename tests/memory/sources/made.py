"""Files made for the tests: small ones of every kind, and hostile ones."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
SLIDES = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
BY_ID = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></cp:coreProperties>'
)


def packed(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(body: str, title: str = "", **more: str | bytes) -> bytes:
    styles = (
        f'<w:styles {WORD}><w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
        f'<w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style></w:styles>'
    )
    document = f"<w:document {WORD}><w:body>{body}</w:body></w:document>"
    members: dict[str, str | bytes] = {"word/document.xml": document, "word/styles.xml": styles}
    return packed(members | {"docProps/core.xml": CORE.format(title)} | more)


def paragraph(text: str, style: str = "") -> str:
    told = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{told}<w:r><w:t>{text}</w:t></w:r></w:p>"


def relations(targets: dict[str, str]) -> str:
    lines = "".join(f'<Relationship Id="{key}" Target="{value}"/>' for key, value in targets.items())
    return f'<Relationships xmlns="{RELATIONS}">{lines}</Relationships>'


def pptx(slides: Sequence[tuple[str, str]]) -> bytes:
    """Slides of a title and a text; the file has them in the opposite order of the show."""
    members: dict[str, str | bytes] = {}
    for number, (title, text) in enumerate(reversed(slides), 1):
        shapes = "".join(
            f"<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{said}</a:t></a:r></a:p>"
            "</p:txBody></p:sp>"
            for kind, said in (('<p:ph type="title"/>', title), ("", text))
        )
        members[f"ppt/slides/slide{number}.xml"] = f"<p:sld {SLIDES} {DRAWING}>{shapes}</p:sld>"
    order = range(len(slides), 0, -1)
    shown = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in order)
    members["ppt/presentation.xml"] = (
        f"<p:presentation {SLIDES} {BY_ID}><p:sldIdLst>{shown}</p:sldIdLst></p:presentation>"
    )
    members["ppt/_rels/presentation.xml.rels"] = relations(
        {f"rId{number}": f"slides/slide{number}.xml" for number in order}
    )
    return packed(members)


def xlsx(rows: Sequence[Sequence[str | float]], name: str = "Sheet") -> bytes:
    """Texts as shared strings; numbers with style 1, which is a date."""
    strings = sorted({cell for row in rows for cell in row if isinstance(cell, str)})
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f'<c r="{chr(65 + place)}{number}" t="s"><v>{strings.index(cell)}</v></c>'
            if isinstance(cell, str)
            else f'<c r="{chr(65 + place)}{number}" s="1"><v>{cell}</v></c>'
            for place, cell in enumerate(row)
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    shared = "".join(f"<si><t>{text}</t></si>" for text in strings)
    return packed(
        {
            "xl/workbook.xml": f'<workbook {BY_ID}><sheets><sheet name="{name}" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations({"rId1": "worksheets/sheet1.xml"}),
            "xl/sharedStrings.xml": f"<sst>{shared}</sst>",
            "xl/styles.xml": '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{''.join(lines)}</sheetData></worksheet>",
        }
    )


def pdf(pages: Sequence[str], outline: Sequence[tuple[str, int]] = (), title: str = "") -> bytes:
    """Each page with its lines of text; `outline` has titles and the number of their page from 0."""
    contents = []
    for text in pages:
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in text.split("\n"))
        contents.append(f"BT /F1 12 Tf 72 720 Td {lines}ET".encode())
    return raw_pdf(contents, outline, title)


def raw_pdf(
    contents: Sequence[bytes], outline: Sequence[tuple[str, int]] = (), title: str = "", filters: str = ""
) -> bytes:
    """`contents` are the streams of the pages; already packed where `filters` say so."""
    first_page, first_mark = 5, 5 + 2 * len(contents)
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R" + (b" /Outlines 4 0 R" if outline else b"") + b" >>",
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(contents), b" ".join(b"%d 0 R" % (first_page + 2 * number) for number in range(len(contents)))),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: b"<< /Title (%s) >>" % title.encode(),
    }
    if outline:
        objects[4] = b"<< /First %d 0 R /Last %d 0 R >>" % (first_mark, first_mark + len(outline) - 1)
    for number, content in enumerate(contents):
        page = first_page + 2 * number
        objects[page] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (page + 1)
        )
        objects[page + 1] = b"<< /Length %d %s >> stream\n%s\nendstream" % (len(content), filters.encode(), content)
    for number, (text, page) in enumerate(outline):
        following = b" /Next %d 0 R" % (first_mark + number + 1) if number + 1 < len(outline) else b""
        objects[first_mark + number] = b"<< /Title (%s) /Parent 4 0 R /Dest [%d 0 R /Fit]%s >>" % (
            text.encode(), first_page + 2 * page, following,
        )  # fmt: skip
    return _with_table(objects, info=None if outline else 4)


def _with_table(objects: dict[int, bytes], info: int | None) -> bytes:
    out, places = bytearray(b"%PDF-1.5\n"), {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(objects))
    told = b" /Info %d 0 R" % info if info is not None else b""
    out += b"trailer << /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, told, table)
    return bytes(out)


def pdf_that_unpacks_to(size_bytes: int) -> bytes:
    """A page whose content is packed twice. A flush makes each MB look the same when packed, so one stands for all."""
    plain, count, packing, check = b" " * 1024**2, size_bytes // 1024**2, zlib.compressobj(1), 1
    first, later = (packing.compress(plain) + packing.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    for _ in range(count):
        check = zlib.adler32(plain, check)
    packed_once = first + later * (count - 1) + b"\x03\x00" + check.to_bytes(4, "big")
    assert count > 8 or zlib.decompress(packed_once) == plain * count
    return raw_pdf([zlib.compress(packed_once)], filters="/Filter [/FlateDecode /FlateDecode]")


def slow_pdf(texts: int) -> bytes:
    """A page on which so many texts lie upon each other."""
    content = b"BT /F1 12 Tf 72 720 Td " + b"(abcdefghij) Tj 0 0 Td " * texts + b"ET"
    return raw_pdf([zlib.compress(content, 1)], filters="/Filter /FlateDecode")
