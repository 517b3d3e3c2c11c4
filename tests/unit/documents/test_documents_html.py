"""The piece of a web page: parsed strictly, headings in order, everything typed escaped."""

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.documents import (
    Document,
    DocumentError,
    Figure,
    Heading,
    KeyValues,
    Paragraph,
    TableBlock,
    link,
    to_html,
)
from tests.sample_document import SVG, sample


def parsed(html):
    page = f"<!DOCTYPE html><html lang=en><head><title>t</title></head><body>{html}</body></html>"
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(page)


def words(element):
    return " ".join("".join(element.itertext()).split())


def test_headings_go_down_by_one_and_the_title_is_the_first():
    tree = parsed(to_html(sample()))
    tags = [e.tag for e in tree.iter() if e.tag in {"h1", "h2", "h3", "h4"}]
    assert tags == ["h1", "h2", "h2", "h2", "h3", "h2", "h2"]
    lower = parsed(to_html(sample(), title_level=2))
    assert next(e.tag for e in lower.iter() if e.tag in {"h1", "h2", "h3"}) == "h2"
    with pytest.raises(DocumentError):
        to_html(sample(), title_level=5)


def test_ids_are_unique_and_every_internal_link_arrives():
    tree = parsed(to_html(sample()))
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    targets = [e.get("href")[1:] for e in tree.iter("a") if e.get("href").startswith("#")]
    assert targets and set(targets) <= set(ids)


def test_contents_name_every_heading():
    tree = parsed(to_html(sample()))
    nav = next(tree.iter("nav"))
    listed = [words(a) for a in nav.iter("a")]
    assert listed == ["Version control", "1. Introduction", "National", "2. Leads",
                      "Appendix A: Counts"]  # fmt: skip


def test_tables_have_captions_scopes_and_aligned_figures():
    tree = parsed(to_html(sample()))
    tables = list(tree.iter("table"))
    assert len(tables) == 3
    for table in tables:
        assert words(table.find("caption"))
        assert all(th.get("scope") in {"col", "row"} for th in table.iter("th"))
    last = tables[-1]
    assert [th.get("scope") for th in last.iter("th")] == ["col", "col", "col", "row", "row"]
    assert "numeric" in last.findall(".//td")[0].get("class")


def test_figure_has_its_finding_picture_and_table():
    figure = next(parsed(to_html(sample())).iter("figure"))
    assert words(figure.find("figcaption")) == "Figure 1: Incidents rose in January"
    assert figure.find(".//{http://www.w3.org/2000/svg}svg").get("role") == "img"
    assert words(figure.find(".//summary")) == "Show figure 1 as a table"
    assert figure.find(".//details//table") is not None


def test_a_drawing_that_does_not_call_itself_an_image_is_described():
    bare = SVG.replace(' role="img"', "").replace(' aria-labelledby="s-t"', "")
    html = to_html(Document("T", body=(Figure(bare, 'Bars "here"', "Finding"),)))
    assert 'role="img" aria-label="Bars &quot;here&quot;"' in html


def test_synthetic_marking_and_language_are_said():
    html = to_html(sample())
    assert "Synthetic data" in html and "OFFICIAL · for the partnership" in html
    assert 'lang="en-GB"' in html
    assert "Synthetic" not in to_html(sample(synthetic=False))


HOSTILE = '</p><script>alert(1)</script>" onload="x" <img src=x onerror=y> &lt; \u202e \x00'


def test_hostile_text_is_text_everywhere():
    document = Document(
        HOSTILE, subtitle=HOSTILE, organisation=HOSTILE, marking=HOSTILE, version=HOSTILE,
        contact=HOSTILE, body=(
            Heading(1, HOSTILE), Paragraph((HOSTILE, link(HOSTILE, "https://example.org/'x'"))),
            TableBlock(HOSTILE, (HOSTILE,), ((HOSTILE,),), note=HOSTILE),
            KeyValues(((HOSTILE, HOSTILE),)), Figure(SVG, HOSTILE, HOSTILE)),
    )  # fmt: skip
    tree = parsed(to_html(document))
    tags = {e.tag for e in tree.iter() if isinstance(e.tag, str)}
    assert not tags & {"script", "img"}
    assert not [k for e in tree.iter() for k in e.attrib if str(k).startswith("on")]


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1), st.text())
def test_any_text_gives_a_page_that_parses_strictly(text, other):
    document = Document("T", body=(Paragraph(text), KeyValues(((other, text),)),
                                   TableBlock("c", (other,), ((text,),))))  # fmt: skip
    parsed(to_html(document))


@pytest.mark.parametrize("nothing", ["\x0b", "\ufdd0", "\ufffe", "\U0001ffff", "\U0010fffe"])
def test_code_points_of_no_character_are_left_out(nothing):
    tree = parsed(to_html(Document("T", body=(Paragraph(f"be{nothing}fore"),))))
    assert "before" in words(tree)


def test_an_empty_document_is_still_a_document():
    assert words(parsed(to_html(Document("Only a title")))).endswith("Only a title")


@pytest.mark.parametrize(
    ("columns", "scrolls"),
    [
        (("Place", "2024", "2025"), False),
        (("Partnership", "Responsible", "Contribution", "Per 1,000"), True),
        (("a", "b", "c", "d", "e", "f", "g"), False),
    ],
)
def test_a_table_too_wide_for_a_phone_scrolls_in_a_box_that_is_named(columns, scrolls):
    table = TableBlock(caption="Figures", columns=columns, rows=(tuple("1" for _ in columns),))
    found = to_html(Document(title="T", body=(table,)))
    assert ("app-table-scroll" in found) is scrolls
    if scrolls:
        box = next(e for e in parsed(found).iter("div") if e.get("class") == "app-table-scroll")
        assert box.get("tabindex") == "0"
        assert box.find("table/caption").get("id") == box.get("aria-labelledby")
