"""The PDF: accessible, what it says, how it is tagged; and what it does with odd input."""

import io
from pathlib import Path

import pikepdf
import pytest
import typst

from frankpledge.documents import (
    Bullets,
    Callout,
    Document,
    Figure,
    FontsMissing,
    Heading,
    Item,
    Numbered,
    Paragraph,
    TableBlock,
    font_folder,
    to_pdf,
    to_png,
)
from tests.pdf_checks import assert_pdf_ua, page_faults
from tests.sample_document import COUNTS, SVG, sample


@pytest.fixture(scope="module")
def pdf():
    return to_pdf(sample())


@pytest.fixture
def opened(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as file:
        yield file


def elements(node, kind):
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            if kind == kid.S:
                yield kid
            yield from elements(kid, kind)


def test_every_kind_of_block_makes_an_accessible_pdf(pdf):
    assert_pdf_ua(pdf)


def test_a_pdf_without_tags_is_caught():
    bare = typst.compile(b'#set document(title: "x")\n= Heading', format="pdf", pdf_tags=False)
    assert page_faults(bare)
    with pytest.raises(AssertionError, match="not PDF/UA-1 by page"):
        assert_pdf_ua(bare)


def test_title_language_and_author_are_in_the_file(opened):
    assert str(opened.Root.Lang) == "en-GB"
    assert opened.Root.ViewerPreferences.DisplayDocTitle
    assert str(opened.docinfo.Title) == "Community Safety Agreement"
    assert "Exampleshire" in str(opened.docinfo.Author)


def test_bookmarks_are_the_headings(opened):
    with opened.open_outline() as outline:
        titles = [item.title for item in outline.root]
        children = [child.title for item in outline.root for child in item.children]
    assert titles == ["Version control", "Contents", "1. Introduction", "2. Leads",
                      "Appendix A: Counts"]  # fmt: skip
    assert children == ["National"]


def test_tags_headings_figures_and_row_headers(opened):
    root = opened.Root.StructTreeRoot
    assert len(list(elements(root, "/H1"))) == 5
    assert [str(f.Alt) for f in elements(root, "/Figure")] == ["Bar chart: one bar of thirty-one."]
    scopes = [str(th.A.Scope) if isinstance(th.A, pikepdf.Dictionary) else "" for th in
              elements(root, "/TH")]  # fmt: skip
    # cover 5 (version, date, status, marking) + versions 1 + leads 2 + figure 2 + counts 2
    assert scopes.count("/Row") == 4 + 1 + 2 + 2 + 2
    for table in elements(root, "/Table"):
        for row in elements(table, "/TR"):
            cells = [str(cell.S) for cell in row.K]
            assert "/TD" not in cells[:1], "the first cell of every row heads it"


def test_the_same_document_makes_the_same_file(pdf):
    assert to_pdf(sample()) == pdf


def test_missing_fonts_are_said_with_the_remedy(tmp_path, monkeypatch):
    with pytest.raises(FontsMissing, match="npm ci"):
        to_pdf(sample(), fonts=tmp_path)
    monkeypatch.setenv("FRANKPLEDGE_FONTS", str(tmp_path))
    with pytest.raises(FontsMissing, match="FRANKPLEDGE_FONTS"):
        font_folder()


def test_fonts_may_lie_in_one_flat_folder(tmp_path, monkeypatch):
    for face in font_folder().rglob("SourceSans3_[46]00*.ttf"):
        (tmp_path / face.name).symlink_to(Path(face).resolve())
    monkeypatch.setenv("FRANKPLEDGE_FONTS", str(tmp_path))
    assert_pdf_ua(to_pdf(sample()))


HOSTILE = '#eval("1") #read("/etc/passwd") $x$ *b* _i_ `r` <label> @ref \\ // /* [x] ] } "; \u202e'


def test_markup_in_text_is_text():
    body = (
        Heading(1, HOSTILE),
        Paragraph(HOSTILE),
        TableBlock(HOSTILE, (HOSTILE,), ((HOSTILE,), (Bullets((HOSTILE,)),))),
        Figure(SVG, HOSTILE, HOSTILE, table=COUNTS),
        Callout(HOSTILE, (Paragraph(HOSTILE),)),
    )
    made = to_pdf(Document(HOSTILE, organisation=HOSTILE, marking=HOSTILE, body=body))
    assert_pdf_ua(made)
    with pikepdf.open(io.BytesIO(made)) as file:
        assert str(file.docinfo.Title).startswith('#eval("1") #read("/etc/passwd") $x$ *b*')


@pytest.mark.parametrize(
    "body",
    [
        (),
        (Paragraph(""), Bullets(()), TableBlock("No rows", ("A",), ()), Callout("")),
        (Paragraph("W" * 3_000), TableBlock("Words", ("A", "B"), (("x" * 400, "y" * 2_000),))),
        (
            Paragraph(
                "שלום \u200f مرحبا 中文 Łódź Ελλ Дом ✓ 😀 👨\u200d👩\u200d👧 "
                "e\u0301 \U000103a0"
            ),
        ),
        (TableBlock("Tall", ("A", "B"), (("x", "word " * 2_000),)), Paragraph("after")),
        (TableBlock("Wide", tuple(f"Column {n}" for n in range(14)), (("1,234",) * 14,) * 30),),
        (Callout("Long", tuple(Paragraph("word " * 80) for _ in range(40))),),
        (Bullets((Item("1", Bullets((Item("2", Numbered((Item("3", Bullets(("4",))),))),))),)),),
        tuple(Heading(level, f"Level {level}") for level in (1, 2, 3, 4, 2, 1)),
    ],
    ids=["empty", "hollow", "long words", "rare characters", "tall row", "wide", "callout",
         "nested", "levels"],
)  # fmt: skip
def test_odd_input_is_still_accessible(body):
    assert_pdf_ua(to_pdf(Document("T", body=body)))


def test_a_character_no_font_has_is_named(monkeypatch):
    from frankpledge.documents import pdf as module

    fonts = module._fonts
    monkeypatch.setattr(module, "_fonts", lambda folder, system: fonts(folder, False))
    made = to_pdf(Document("T", body=(Paragraph("All well 😀"),)))
    assert_pdf_ua(made)
    # 😀 became [grinning face], so the very same file comes of the words.
    assert made == to_pdf(Document("T", body=(Paragraph("All well [grinning face]"),)))


def test_two_thousand_rows_take_seconds_and_each_part_is_named():
    rows = tuple((f"Row {n}", f"{n:,}", "word") for n in range(2_000))
    table = TableBlock("All", ("A", "B", "C"), rows, ("left", "right"), header_column=True)
    made = to_pdf(Document("T", body=(Heading(1, "Rows"), table)))
    assert_pdf_ua(made)
    with pikepdf.open(io.BytesIO(made)) as file:
        tables = list(elements(file.Root.StructTreeRoot, "/Table"))
        assert len(tables) == 17
        assert len(list(elements(file.Root.StructTreeRoot, "/TR"))) == 2_000 + 17


def test_png_twin_is_a_picture_in_our_typeface():
    from PIL import Image

    image = Image.open(io.BytesIO(to_png(SVG)))
    assert image.format == "PNG" and image.width > 1_400
    assert len(set(image.convert("L").tobytes())) > 10
