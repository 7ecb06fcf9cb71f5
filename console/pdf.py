"""PDF pages: a title, headings, paragraphs, pairs and tables, in any European language. Knows nothing of what is written.

The same calls make the same bytes (with the same versions of the libraries): the only time in a document is the one given.
PDF/A-3 (ISO 19005-3): fonts inside, attachments allowed, readable in decades. The only home of the PDF library.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from xml.sax.saxutils import escape

from fpdf import FPDF, FontFace
from fpdf.enums import MethodReturnValue, TableBordersLayout, WrapMode, XPos, YPos

_FONT = "Roboto"
_INK, _FAINT, _LINE, _SHADE = (26, 30, 36), (98, 106, 118), (203, 208, 216), (243, 245, 248)
_BODY, _SMALL = 9.5, 8.0
_HEADINGS = {1: 14.0, 2: 11.0, 3: 9.5}
_MARGIN, _LEADING = 20.0, 1.38
_PAGES = "\u0470" * 3
"""Stands for the number of pages until it is known: an old Cyrillic letter, of which texts are cleaned."""
_LONG = 400
"""Characters of a cell from which it may be too high for one page."""
_LINES = 40
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>Jalki</xmp:CreatorTool><pdf:Producer>Jalki</pdf:Producer>
<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate><xmp:MetadataDate>{at}</xmp:MetadataDate>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
"""What the document says of itself. Ours and not the library's, which would put the time of writing in."""


class Document:
    """One document, written from top to bottom; `content` ends it. `at`, microseconds UTC, is the day it says it is of.

    `page` is how the footer numbers pages, such as `Page {} of {}`; `footer` is repeated on each page.
    """

    def __init__(self, title: str, language: str, at: int, *, page: str = "Page {} of {}", footer: str = "") -> None:
        self._at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        self._pages = _Pages(page, footer)
        self._pages.set_title(title)
        self._pages.set_lang(language)
        self._pages.set_creation_date(self._at)
        self._pages.set_xmp_metadata(
            _XMP.format(title=escape(title), language=escape(language), at=self._at.isoformat(timespec="seconds"))
        )
        self._pages.add_page()
        self._text(title, 20, bold=True)
        self._pages.ln(3)

    def heading(self, text: str, level: int = 1) -> None:
        """Write a heading of level 1 to 3, never alone at the foot of a page; it gets into the outline."""
        self._pages.ln(5 if level == 1 else 3)
        if self._pages.will_page_break(30):
            self._pages.add_page()
        self._pages.start_section(_clean(text, self._pages.known), level - 1)
        self._text(text, _HEADINGS[level], bold=True)
        self._pages.ln(1.5)

    def paragraph(self, text: str, *, faint: bool = False) -> None:
        """Write a paragraph; `faint` for what explains. Line breaks in it stay."""
        self._text(text, _SMALL if faint else _BODY, faint=faint)
        self._pages.ln(1.8)

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write names and values side by side, as a table of two columns without a head."""
        self._rows(None, rows, (1, 2.6))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] | None = None) -> None:
        """Write a table: cells are folded, the head is repeated on each page. `widths` are proportions."""
        self._rows(head, rows, tuple(widths or [1] * len(head)))

    def attach(self, name: str, content: bytes, mime: str, description: str) -> None:
        """Put a file inside, as it is: readers show it as an attachment."""
        self._pages.embed_file(
            bytes=content, basename=name, mime_type=mime, desc=description, modification_date=self._at,
            creation_date=self._at, compress=False, associated_file_relationship="Source",
        )  # fmt: skip

    def content(self) -> bytes:
        """Return the finished document."""
        return bytes(self._pages.output())

    def _text(self, text: str, size: float, *, bold: bool = False, faint: bool = False) -> None:
        self._pages.pen(size, bold=bold, faint=faint)
        self._pages.multi_cell(
            0, size * _LEADING / self._pages.k, _clean(text, self._pages.known), align="L", new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )  # fmt: skip

    def _rows(self, head: Sequence[str] | None, rows: Sequence[Sequence[str]], widths: tuple[float, ...]) -> None:
        pages = self._pages
        cleaned = [[_clean(cell, pages.known) for cell in row] for row in ([head] if head else []) + [*rows]]
        pages.pen(_SMALL)
        room = [pages.epw * width / sum(widths) - 4 for width in widths]
        style = FontFace(emphasis="BOLD", color=_INK, fill_color=_SHADE)
        with pages.table(
            col_widths=widths, text_align="LEFT", v_align="TOP", padding=(1.3, 1.6), headings_style=style,
            line_height=_SMALL * _LEADING / pages.k, borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            first_row_as_headings=head is not None, num_heading_rows=1 if head else 0, wrapmode=WrapMode.WORD,
        ) as table:  # fmt: skip
            for row in cleaned:
                for part in self._parts(row, room):
                    line = table.row()
                    for place, cell in enumerate(part):
                        name = head is None and place == 0
                        line.cell(cell, style=FontFace(color=_FAINT) if name else None)
        pages.ln(2)

    def _parts(self, row: Sequence[str], room: Sequence[float]) -> Iterator[Sequence[str]]:
        """A row as rows that each fit on a page."""
        if all(len(cell) < _LONG for cell in row):
            yield row
            return
        lines = [self._folded(cell, width) for cell, width in zip(row, room, strict=True)]
        for start in range(0, max(map(len, lines)), _LINES):
            yield ["\n".join(cell[start : start + _LINES]) for cell in lines]

    def _folded(self, cell: str, width: float) -> Sequence[str]:
        folded = self._pages.multi_cell(
            width, text=cell or " ", dry_run=True, output=MethodReturnValue.LINES, align="L"
        )
        return [str(line) for line in folded] if isinstance(folded, list) else [cell]


class _Pages(FPDF):
    """A4 pages with a foot: the one thing the library wants a class for."""

    def __init__(self, page: str, footer: str) -> None:
        super().__init__(enforce_compliance="PDF/A-3U")
        folder = resources.files("font_roboto") / "files"
        for style, file in (("", "Roboto-Regular.ttf"), ("B", "Roboto-Medium.ttf")):
            with resources.as_file(folder / file) as path:
                self.add_font(_FONT, style, path)
        self.known: Mapping[int, object] = self.fonts[_FONT.lower()].cmap  # type: ignore[union-attr] # a TrueType font
        self._page, self._foot = page, _clean(footer, self.known)
        self.alias_nb_pages(_PAGES)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=24)
        self.set_draw_color(*_LINE)
        self.set_line_width(0.2)

    def pen(self, size: float, *, bold: bool = False, faint: bool = False) -> None:
        """Take up the font and colour that is written with."""
        self.set_font(_FONT, "B" if bold else "", size)
        self.set_text_color(*(_FAINT if faint else _INK))

    def footer(self) -> None:
        """Write the foot of a page; called by the library."""
        self.set_y(-15)
        self.pen(7, faint=True)
        self.cell(self.epw * 0.75, 4, self._foot, align="L")
        self.cell(self.epw * 0.25, 4, self._page.format(self.page_no(), _PAGES), align="R")


def _clean(text: str, known: Mapping[int, object]) -> str:
    """Return the text with whatever the font cannot show as `?`, so that nothing is left out unseen."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ")
    return "".join(each if each == "\n" or (ord(each) in known and each != _PAGES[0]) else "?" for each in plain)
