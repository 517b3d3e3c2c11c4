"""Commentary typed by people: a few marks are kept, nothing is ever run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frankpledge.documents import (
    Bullets,
    Document,
    Heading,
    Item,
    Numbered,
    Paragraph,
    Span,
    TableBlock,
    markdown_blocks,
    to_html,
)
from frankpledge.documents.tree import plain


def test_bold_italic_and_links():
    (paragraph,) = markdown_blocks("A **bold *both*** [site](https://example.org) word")
    assert paragraph == Paragraph((
        Span("A "), Span("bold ", strong=True), Span("both", strong=True, emphasis=True),
        Span(" "), Span("site", href="https://example.org"), Span(" word"),
    ))  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "vbscript:x", "/local", "#id",
     "http://[", "file:///etc/passwd"],
)  # fmt: skip
def test_an_unsafe_address_loses_its_link_and_keeps_its_words(address):
    (paragraph,) = markdown_blocks(f"[words](<{address}>)")
    assert plain(paragraph.spans) == "words"
    assert all(not s.href or s.href.startswith("http") for s in paragraph.spans)
    assert "javascript" not in to_html(Document("T", body=(paragraph,))).lower()


def test_html_stays_text():
    blocks = markdown_blocks("<script>x</script>\n\n<b onclick=y>z</b>")
    html = to_html(Document("T", body=blocks))
    assert "<script" not in html and "<b " not in html
    assert "&lt;script&gt;" in html


def test_lists_keep_every_point():
    (block,) = markdown_blocks("- a\n  - b\n    - c\n      - d\n        - e\n\n  1. z\n- q\n\n  r")
    said = repr(block)
    assert isinstance(block, Bullets) and all(f"'{x}'" in said for x in "abcdezqr")


def test_numbered_lists_keep_their_start():
    (block,) = markdown_blocks("3. x\n4. y")
    assert block == Numbered((Item((Span("x"),)), Item((Span("y"),))), start=3)


def test_tables_keep_their_alignment_and_get_a_caption():
    (table,) = markdown_blocks("|a|b|\n|--|-:|\n|1|2|\n|3|", table_caption="Views")
    assert isinstance(table, TableBlock)
    assert (table.caption, table.columns, table.align) == ("Views", ("a", "b"), ("left", "right"))
    assert [len(row) for row in table.rows] == [2, 2]


def test_headings_become_bold_or_are_demoted_without_a_gap():
    (bold,) = markdown_blocks("# Loud")
    assert bold == Paragraph((Span("Loud", strong=True),))
    levels = [b.level for b in markdown_blocks("## A\n\n#### B\n\n# C", heading_level=2)]
    assert levels == [2, 3, 2]
    assert markdown_blocks("#", heading_level=2) == ()


def test_images_and_code_keep_their_words():
    assert plain(markdown_blocks("![a plan](https://x/y.png)")[0].spans) == "a plan"
    assert plain(markdown_blocks("```\ncode\n```")[0].spans) == "code"


def test_control_characters_and_overrides_go_and_names_stay():
    (paragraph,) = markdown_blocks("a\x00\u202eb 👩\u200d🚒 \u200fשלום")
    assert plain(paragraph.spans) == "ab 👩\u200d🚒 \u200fשלום"
    assert markdown_blocks("") == markdown_blocks(" \n\x00\n") == ()


def test_deep_nesting_ends():
    markdown_blocks("> " * 500 + "x")
    markdown_blocks("".join("  " * n + "- x\n" for n in range(60)))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abc *_`[]()<>#|-\n1.>!&\\:/\u202e", max_size=120))
def test_whatever_is_typed_becomes_a_page(text):
    blocks = markdown_blocks(text, heading_level=1)
    assert all(isinstance(b, Heading | Paragraph | Bullets | Numbered | TableBlock) for b in blocks)
    to_html(Document("T", body=blocks))
