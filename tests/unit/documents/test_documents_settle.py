"""What every output agrees on: numbers, addresses, clean text, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.documents import (
    Bullets,
    Callout,
    Contents,
    Document,
    DocumentError,
    Figure,
    Heading,
    Paragraph,
    TableBlock,
    link,
)
from frankpledge.documents.settle import check_svg, clean, safe_href, settle
from frankpledge.documents.tree import plain
from tests.sample_document import COUNTS, SVG, sample


def refused(*body, **changes):
    with pytest.raises(DocumentError) as error:
        settle(Document(**({"title": "T", "body": body} | changes)))
    return error.value.sentence


def test_chapters_paragraphs_tables_and_figures_are_numbered_in_order():
    body = settle(sample()).body
    assert [b.number for b in body if isinstance(b, Heading)] == ["", "1.", "", "2.", ""]
    assert [b.number for b in body if isinstance(b, Paragraph)] == ["1.1", "1.2", ""]
    assert [b.number for b in body if isinstance(b, TableBlock)] == ["Table 1", "Table 2"]
    assert [b.number for b in body if isinstance(b, Figure)] == ["Figure 1"]


def test_numbered_second_level_shares_the_count_with_paragraphs():
    body = settle(
        Document("T", body=(Heading(1, "A", numbered=True), Paragraph("x", numbered=True),
                            Heading(2, "B", numbered=True), Paragraph("y", numbered=True)))
    ).body  # fmt: skip
    assert [b.number for b in body] == ["1.", "1.1", "1.2", "1.3"]


def test_ids_are_made_from_headings_and_differ():
    body = settle(Document("T", body=(Heading(1, "Ünïts & more"), Heading(1, "Units & more")))).body
    assert [b.id for b in body] == ["units-more", "units-more-2"]


def test_a_chosen_id_is_never_taken_by_a_made_one():
    body = settle(Document("T", body=(Heading(1, "Leads"), Heading(1, "Who", id="leads")))).body
    assert [b.id for b in body] == ["leads-2", "leads"]


def test_a_skipped_level_names_the_heading():
    assert "“Deep” has level 3 but follows level 1" in refused(Heading(1, "A"), Heading(3, "Deep"))
    assert "“First” has level 2" in refused(Heading(2, "First"))
    assert "Use 1 to 4" in refused(Heading(9, "Nine"))


def test_missing_alternative_text_names_the_figure():
    said = refused(Figure(SVG, "  ", "Burglary fell"))
    assert "Figure 1 (“Burglary fell”) has no alternative text" in said


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (Figure(SVG, "alt", ""), "Figure 1 has no caption"),
        (replace(COUNTS, caption=""), "Table 1 has no caption"),
        (replace(COUNTS, columns=()), "has no columns"),
        (replace(COUNTS, rows=(("one",),)), "Row 1 of the table “incidents in each month” has 1"),
        (Heading(1, " \x00 "), "is empty"),
        (Paragraph((link("x", "#nowhere"),)), "“#nowhere”, which is not in the document"),
        (Paragraph("x", numbered=True), "before any numbered chapter"),
        (Callout("x", (Heading(1, "y"),)), "Move it outside the box"),
    ],
)
def test_what_cannot_stand_is_refused_with_a_sentence(block, said):
    assert said in refused(block)


def test_other_refusals():
    assert "no title" in refused(title="\x07")
    assert "not a language" in refused(language='en"><script>')
    assert "two lists of contents" in refused(Contents(), Contents())
    assert "used twice" in refused(Heading(1, "A", id="x"), Heading(1, "B", id="x"))


@pytest.mark.parametrize(
    "svg",
    [
        "not xml",
        "<svg/>",
        '<html xmlns="http://www.w3.org/1999/xhtml"/>',
        SVG.replace("<rect", "<script>alert(1)</script><rect"),
        SVG.replace("<rect", '<rect onclick="x()"'),
        SVG.replace("<rect", "<foreignObject/><rect"),
        SVG.replace("<rect", '<use href="http://evil.example/x.svg"/><rect'),
        SVG.replace("#12436D", "url(http://evil.example/x)"),
        SVG.replace("<title", '<b xmlns="http://www.w3.org/1999/xhtml"/><title'),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
    ],
)
def test_only_drawings_are_let_in(svg):
    with pytest.raises(DocumentError, match="Figure 1"):
        check_svg(svg, "Figure 1")


def test_a_drawing_with_patterns_is_let_in():
    check_svg(SVG.replace("#12436D", "url(#hatch)"), "Figure 1")


def test_addresses():
    assert safe_href(" https://example.org/a ") == "https://example.org/a"
    assert safe_href("mailto:a@example.org") and safe_href("#here")
    for bad in ("javascript:alert(1)", "java\x00script:x", "data:text/html,x", "//evil", "ftp://x",
                'https://x"onclick="y'):  # fmt: skip
        assert safe_href(bad) == ""


def test_joiners_and_marks_of_real_names_stay_and_overrides_go():
    assert clean("a\u202eb\u2066c\u0000d\ud800e\ufffff") == "abcdef"
    assert clean("👩\u200d🚒 \u200fשלום") == "👩\u200d🚒 \u200fשלום"
    assert clean("a\r\nb\rc") == "a\nb\nc"


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_any_text_settles_to_the_same_text_twice(text):
    once = clean(text)
    assert clean(once) == once
    once.encode()
    document = settle(Document("T", body=(Paragraph(text), Bullets((text,)))))
    assert plain(document.body[0].spans) == once
    assert settle(document) == document
