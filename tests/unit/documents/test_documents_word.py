"""The Word file, read back by another library: styles, marking, contents, tables, pictures."""

import io
import re
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from frankpledge.documents import (
    Bullets,
    Document,
    Heading,
    Paragraph,
    TableBlock,
    link,
    to_docx,
)
from tests.sample_document import sample


@pytest.fixture(scope="module")
def made():
    return to_docx(sample())


@pytest.fixture(scope="module")
def word(made):
    return docx.Document(io.BytesIO(made))


def xml(made, name):
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        return file.read(name).decode()


def test_every_part_is_well_formed_and_none_names_this_machine(made):
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        assert file.testzip() is None
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(file.read(name))
                assert b"/tmp" not in file.read(name), name


def test_headings_have_real_styles(word):
    found = [(p.style.name, p.text) for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert found == [
        ("Heading 1", "Version control"),
        ("Heading 1", "1. Introduction"),
        ("Heading 2", "National"),
        ("Heading 1", "2. Leads"),
        ("Heading 1", "Appendix A: Counts"),
    ]
    assert next(p for p in word.paragraphs if p.style.name == "Title").text == sample().title


def test_numbered_paragraphs_and_lists(word):
    numbered = [p.text for p in word.paragraphs if p.style.name == "Numbered Paragraph"]
    assert numbered[0].startswith("1.1\tThe CSA is mandatory")
    assert numbered[1].startswith("1.2\t")
    points = [p for p in word.paragraphs if p._p.find(".//" + qn("w:numPr")) is not None]
    assert [p.text for p in points] == ["First point", "Second point", "inner one", "inner two"]


def test_marking_is_centred_in_the_header_of_every_page(word):
    section = word.sections[0]
    for header in (section.header, section.first_page_header):
        first = header.paragraphs[0]
        assert first.text == "OFFICIAL · for the partnership"
        assert first.style.paragraph_format.alignment == 1
        assert "Synthetic data" in header.paragraphs[1].text
    assert section.page_width.mm == pytest.approx(210, abs=0.1)


def test_footer_has_organisation_version_and_page_n_of_m(word):
    footer = word.sections[0].footer
    assert "Exampleshire Community Safety Partnership" in footer.paragraphs[0].text
    assert "Version 6.0" in footer.paragraphs[0].text
    assert re.search(r"Page 1 of 1$", footer.paragraphs[0].text)
    fields = footer._element.xml
    assert " PAGE " in fields and " NUMPAGES " in fields


def test_contents_stand_in_the_file_and_ask_nothing(made):
    body = xml(made, "word/document.xml")
    assert 'TOC \\o "1-2"' in body and "w:dirty" not in body
    assert "updateFields" not in xml(made, "word/settings.xml")
    entries = re.findall(
        r'w:val="TOC(\d)"/></w:pPr>.*?w:anchor="(\w+)".*?<w:t[^>]*>(.*?)</w:t>', body
    )
    assert [(level, words) for level, _, words in entries] == [
        ("1", "Version control"), ("1", "1. Introduction"), ("2", "National"), ("1", "2. Leads"),
        ("1", "Appendix A: Counts"),
    ]  # fmt: skip
    bookmarks = set(re.findall(r'<w:bookmarkStart [^>]*w:name="(\w+)"', body))
    assert {anchor for _, anchor, _ in entries} <= bookmarks
    assert set(re.findall(r'w:anchor="(\w+)"', body)) <= bookmarks


def test_tables_repeat_their_header_and_name_their_row_headers(word):
    counts = word.tables[-1]
    first, second = (row._tr.trPr.xml for row in counts.rows[:2])
    assert "w:tblHeader" in first and "w:cantSplit" in first
    assert "w:tblHeader" not in second and "w:cantSplit" in second
    look = counts._tbl.tblPr.find(qn("w:tblLook"))
    assert (look.get(qn("w:firstRow")), look.get(qn("w:firstColumn"))) == ("1", "1")
    assert [c.text for c in counts.rows[2].cells] == ["South", "1,200", "900"]
    assert counts.rows[2].cells[1].paragraphs[0].alignment == 2
    captions = [p.text for p in word.paragraphs if p.style.name == "Table Caption"]
    assert captions == [
        "Table 1: Versions of this agreement",
        "Data for figure 1: incidents in each month",
        "Table 2: Counts by district",
    ]


def test_picture_has_its_description_and_is_a_png(made, word):
    (shape,) = word.inline_shapes
    assert shape._inline.docPr.get("descr") == "Bar chart: one bar of thirty-one."
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        assert [n[-4:] for n in file.namelist() if n.startswith("word/media/")] == [".png"]


def test_properties_and_language(made, word):
    properties = word.core_properties
    assert properties.title == "Community Safety Agreement"
    assert properties.author == "Exampleshire Community Safety Partnership"
    assert properties.language == "en-GB"
    assert properties.category == "OFFICIAL · for the partnership"
    assert re.search(r'<w:lang [^>]*w:val="en-GB"', xml(made, "word/styles.xml"))
    assert 'compatibilityMode"' in xml(made, "word/settings.xml")


def test_the_same_document_makes_the_same_file(made):
    assert to_docx(sample()) == made


HOSTILE = '</w:t></w:r><w:p>&amp; <script> "x" \u202e \x00 😀 שלום'


def test_hostile_text_is_text():
    body = (
        Heading(1, HOSTILE),
        Paragraph((HOSTILE, link(HOSTILE, "https://example.org/?a=1&b=2"))),
        TableBlock(HOSTILE, (HOSTILE,), ((HOSTILE,), (Bullets((HOSTILE,)),))),
    )
    made = to_docx(Document(HOSTILE, organisation=HOSTILE, marking=HOSTILE, version=HOSTILE,
                            status_line=HOSTILE, contact=HOSTILE, body=body))  # fmt: skip
    word = docx.Document(io.BytesIO(made))
    heading = next(p for p in word.paragraphs if p.style.name == "Heading 1")
    assert heading.text == '</w:t></w:r><w:p>&amp; <script> "x" 😀 שלום'
    assert word.core_properties.title == heading.text


def test_empty_long_and_many():
    docx.Document(io.BytesIO(to_docx(Document("T"))))
    rows = tuple((f"Row {n}", "x" * 90) for n in range(2_000))
    body = (Paragraph("W" * 3_000), TableBlock("All", ("A", "B"), rows))
    word = docx.Document(io.BytesIO(to_docx(Document("T", body=body))))
    assert len(word.tables[0]._tbl.tr_lst) == 2_001


def test_two_tables_in_a_row_stay_two():
    table = TableBlock("One", ("A",), (("x",),))
    word = docx.Document(io.BytesIO(to_docx(Document("T", body=(table, table)))))
    assert len(word.tables) == 2
    kinds = [child.tag.rpartition("}")[2] for child in word.element.body]
    assert "tbl tbl" not in " ".join(kinds)
