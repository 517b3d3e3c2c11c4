"""A short document with every kind of block in it, for tests."""

from __future__ import annotations

from frankpledge.documents import (
    Bullets,
    Callout,
    Contents,
    Document,
    Figure,
    Heading,
    Item,
    KeyValues,
    Numbered,
    PageBreak,
    Paragraph,
    TableBlock,
    emphasis,
    link,
    strong,
)

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60" role="img" '
    'aria-labelledby="s-t" font-family="\'Source Sans 3\', Arial"><title id="s-t">Bars</title>'
    '<rect x="5" y="5" width="150" height="20" fill="#12436D"/>'
    '<text x="5" y="50" font-size="14">Thirty-one incidents</text></svg>'
)
COUNTS = TableBlock(
    "incidents in each month",
    ("Month", "Incidents"),
    (("January 2025", "1,234"), ("February 2025", "[c]")),
    align=("left", "right"),
    header_column=True,
)


def sample(**changes: object) -> Document:
    parts: dict[str, object] = {
        "title": "Community Safety Agreement",
        "subtitle": "Working together",
        "organisation": "Exampleshire Community Safety Partnership",
        "marking": "OFFICIAL · for the partnership",
        "version": "6.0",
        "date": "April 2025",
        "status_line": "Draft",
        "synthetic": True,
        "body": (
            Heading(1, "Version control"),
            TableBlock(
                "Versions of this agreement",
                ("Version", "Changes"),
                (("6.0", Bullets(("Foreword refreshed", "Leads changed"))),),
                header_column=True,
            ),
            Contents(),
            PageBreak(),
            Heading(1, "Introduction", numbered=True),
            Paragraph(
                ("The ", strong("CSA"), " is ", emphasis("mandatory"), ". See ",
                 link("the leads", "#leads"), " or ", link("the guide", "https://example.org/a?b&c"),
                 "."),
                numbered=True,
            ),
            Paragraph("Priorities are reviewed each year.", numbered=True),
            Bullets(("First point", Item("Second point", Numbered(("inner one", "inner two"))))),
            Heading(2, "National"),
            Paragraph("A plain paragraph.\nOn two lines."),
            Heading(1, "Leads", id="leads", numbered=True),
            KeyValues((("Domestic abuse", "Chief Superintendent"), ("Road safety", "Chair"))),
            Callout("What was decided", (Paragraph("RESOLVED that the leads are agreed."),)),
            Figure(SVG, "Bar chart: one bar of thirty-one.", "Incidents rose in January",
                   table=COUNTS, note="Source: made-up counts."),
            Heading(1, "Appendix A: Counts"),
            TableBlock("Counts by district", ("District", "2024", "2025"),
                       (("North", "10", "12"), ("South", "1,200", "900")),
                       align=("left", "right", "right"), header_column=True, note="Rounded."),
        ),
        "contact": ("Contact ", link("the team", "mailto:team@example.org"), "."),
    }  # fmt: skip
    return Document(**(parts | changes))  # type: ignore[arg-type]
