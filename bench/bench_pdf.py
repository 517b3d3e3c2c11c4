"""An agreement-like document as PDF/UA: our Typst route against WeasyPrint on our own HTML.

Both start from the same document tree and make a tagged PDF/UA-1 file in the same typeface.
Every round sets a document in which each paragraph differs, because Typst remembers what it has
set before and would otherwise look faster than it is.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from frankpledge.documents import (
    Bullets,
    Callout,
    Contents,
    Document,
    Figure,
    Heading,
    KeyValues,
    PageBreak,
    Paragraph,
    TableBlock,
    emphasis,
    font_folder,
    link,
    strong,
    to_html,
    to_pdf,
)

TARGET = 10.0
ISSUES = (
    ("Domestic abuse", 12, "including stalking, coercive control and honour-based abuse"),
    ("Anti-social behaviour and environment", 12, "including fly-tipping and noise"),
    ("Safeguarding and vulnerability", 11, "including child sexual exploitation, repeat victims"),
    ("Tackling violence", 11, "including serious violence, youth violence, weapons"),
    ("Substance misuse", 10, "including drugs and alcohol, night-time economy"),
    ("Serious and organised crime", 9, "including county lines, modern slavery"),
    ("Strengthening communities", 7, "cohesion, resilience, reassurance"),
    ("Extremism and hate", 7, "including radicalisation and hate crimes"),
    ("Mental health", 7, "including isolation and loneliness"),
    ("Reducing offending and reoffending", 5, "working with probation"),
    ("Young people", 5, "engagement and diversion"),
    ("Acquisitive crime", 4, "shop theft, doorstep crime, vehicle crime"),
    ("Town centres", 4, "day and night-time economy"),
    ("Road safety", 3, "speed, collisions, education"),
)
LEADS = (
    ("Domestic abuse", "Chief Superintendent, Public Protection, county police"),
    ("Violence against women and girls", "Superintendent, county police"),
    ("Safeguarding vulnerable people", "Group Head of Public Protection, county council"),
    ("Serious violence and organised crime", "Director of the Violence Reduction Unit"),
    ("Neighbourhood crime and anti-social behaviour", "Superintendent of Partnerships"),
    ("Preventing extremism and hate", "Prevent and Channel Strategic Manager, county council"),
    ("Substance misuse", "Consultant in Public Health, county council"),
    ("Road safety", "Chair of the road safety partnership"),
)
CHAPTERS = (
    "Introduction",
    "Legislation",
    "Key changes to the community safety landscape",
    "Governance",
    "Key achievements",
    "County priorities",
)
SENTENCES = (
    "The responsible authorities are required to consider crime and disorder in the delivery "
    "of all their duties.",
    "Partners agreed at the working group that the priorities remain, with two amendments.",
    "Community safety issues do not always respect district boundaries, and co-ordination of "
    "effort leads to more effective outcomes.",
    "Each lead develops, with partners, the action plan for the priority and reports progress "
    "to the partnership and to the scrutiny committee.",
    "The twelve partnerships share their strategic assessments so that the county can see what "
    "they have in common.",
    "Where arrangements already exist they are linked, not repeated.",
    "Victims and witnesses are at the heart of what the partnership does.",
)


def chart(turn: int = 0) -> str:
    """A plain bar chart of the issues, in the manner of the chart room."""
    bars = []
    for position, (name, count, _) in enumerate(ISSUES):
        y = 8 + position * 24
        width = count * 26
        bars.append(
            f'<text x="268" y="{y + 14}" text-anchor="end" font-size="14">{name}</text>'
            f'<rect x="276" y="{y}" width="{width}" height="18" fill="#12436D"/>'
            f'<text x="{282 + width}" y="{y + 14}" font-size="14">{count}</text>'
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 348" role="img" '
        f'aria-labelledby="chart-title-{turn}" font-family="Source Sans 3, Arial, sans-serif" '
        f'fill="#0b0c0c"><title id="chart-title-{turn}">Issues named by partnerships</title>'
        + "".join(bars)
        + "</svg>"
    )


def agreement(turn: int = 0) -> Document:
    """An agreement of about thirty pages; `turn` makes every paragraph of it new."""
    body: list[Any] = [
        Heading(1, "Version control"),
        TableBlock(
            "Versions of this agreement and what changed",
            ("Version", "Date", "Changes"),
            tuple(
                (
                    f"{n}.0",
                    f"April {2016 + n}",
                    Bullets(
                        tuple(
                            f"Chapter {c}: text refreshed for {2016 + n} (round {turn})"
                            for c in range(1, 3 + n)
                        )
                    ),
                )
                for n in range(1, 7)
            ),
            header_column=True,
        ),
        PageBreak(),
        Contents(),
        PageBreak(),
        Heading(1, "Foreword"),
    ]
    for n in range(6):
        body.append(Paragraph(f"{_prose(n, turn)} {_prose(n + 2, turn)}"))
    for position, chapter in enumerate(CHAPTERS):
        body += [PageBreak(), Heading(1, chapter, numbered=True)]
        for part in range(2):
            if position in (1, 2, 4, 5):
                body.append(Heading(2, ("National and international", "County")[part]))
            for n in range(5):
                words = (strong(f"{_topic(position + n + part)}: "), _prose(n + position, turn))
                body.append(Paragraph((*words, " ", _prose(n + 3, turn)), numbered=True))
                if n == 2:
                    body.append(Bullets(tuple(_prose(k, turn) for k in range(3))))
    body += _findings(turn)
    return Document(
        title="Community Safety Agreement",
        subtitle="Working together for a safer county",
        organisation="Exampleshire Community Safety Partnership",
        marking="OFFICIAL · public",
        version=f"6.{turn}",
        date="April 2022",
        status_line="Agreed by the partnership on 14 March 2022",
        synthetic=True,
        body=tuple(body),
        contact=(
            strong("Contact and other formats. "),
            "For this document in large print, easy read or another language, write to ",
            link("the community safety team", "mailto:safety@example.org"),
            " or telephone 01632 960000.",
        ),
    )


def _findings(turn: int) -> list[Any]:
    data = TableBlock(
        "number of partnerships naming each issue",
        ("Issue", "Partnerships"),
        tuple((name, str(count)) for name, count, _ in ISSUES),
        align=("left", "right"),
        header_column=True,
    )
    months = TableBlock(
        "Offences recorded each month, by type",
        ("Month", "Violence", "Burglary", "Theft", "Damage", "Anti-social behaviour"),
        tuple(
            (f"{2020 + m // 12}-{m % 12 + 1:02}", *(f"{1000 + (m * 37 * k + turn) % 900:,}"
             for k in range(1, 6)))
            for m in range(48)
        ),
        align=("left", "right", "right", "right", "right", "right"),
        header_column=True,
        note="Source: made-up counts. Figures below five are shown as [c].",
    )  # fmt: skip
    return [
        PageBreak(),
        Heading(1, "Leads", numbered=True),
        Paragraph("Lead officers champion each priority and report its progress.", numbered=True),
        TableBlock("The lead for each priority", ("Priority", "Lead"), LEADS, header_column=True),
        Callout(
            "What the partnership decided",
            (Paragraph(("RESOLVED that ", emphasis("violence against women and girls"),
                        " becomes a priority of its own.")),),
        ),
        PageBreak(),
        Heading(1, "Responsible authorities", numbered=True),
        KeyValues(tuple((f"Authority {n}", _prose(n, turn)) for n in range(1, 7))),
        PageBreak(),
        Heading(1, "Appendix A: Strategic assessments"),
        Figure(chart(turn), "Bar chart of 14 issues; two are named by all twelve partnerships.",
               "Two issues are named by every partnership", data),
        PageBreak(),
        Heading(1, "Appendix B: Recorded offences"),
        months,
    ]  # fmt: skip


def _topic(n: int) -> str:
    return ISSUES[n % len(ISSUES)][0]


def _prose(n: int, turn: int) -> str:
    picked = [SENTENCES[(n + k) % len(SENTENCES)] for k in range(3)]
    return f"{' '.join(picked)} (Reference {n}/{turn}.)"


def peer_css(fonts: Path) -> str:
    """The like of our own print look for WeasyPrint: margins, running lines, contents, tables."""
    faces = "".join(
        f"@font-face {{font-family:'Source Sans 3'; font-weight:{weight}; font-style:{style}; "
        f"src:url('{path.as_uri()}')}}"
        for weight, style, stem in (
            (400, "normal", "400Regular"),
            (400, "italic", "400Regular_Italic"),
            (700, "normal", "700Bold"),
        )
        for path in fonts.rglob(f"SourceSans3_{stem}.ttf")
    )
    return (
        faces
        + """
    @page { size: A4; margin: 30mm 25mm 25mm; @top-center { content: "OFFICIAL · public" }
            @bottom-right { content: "Page " counter(page) " of " counter(pages) }
            @bottom-left { content: "Exampleshire Community Safety Partnership" } }
    body { font: 12pt/1.4 'Source Sans 3' } h1, h2, h3 { color: #12436D; break-after: avoid }
    h2 { break-before: page } table { width: 100%; border-collapse: collapse }
    th, td { border-bottom: .5pt solid #b1b4b6; padding: 5pt; text-align: left;
             vertical-align: top } tr { break-inside: avoid }
    .govuk-table__cell--numeric, .govuk-table__header--numeric { text-align: right }
    nav a::after { content: target-counter(attr(href), page); float: right }
    details, summary { display: block } svg { width: 100%; height: auto }
    """
    )


def run(*, rounds: int = 5) -> dict[str, Any]:
    """Seconds and pages of both routes, warm; `ratio` is WeasyPrint's median over ours."""
    import pikepdf
    import weasyprint

    fonts = font_folder()
    css = weasyprint.CSS(string=peer_css(fonts))

    def ours(turn: int) -> bytes:
        return to_pdf(agreement(turn), fonts=fonts)

    def theirs(turn: int) -> bytes:
        page = f'<html lang="en-GB"><title>Agreement</title><body>{to_html(agreement(turn))}'
        made = weasyprint.HTML(string=page).write_pdf(
            stylesheets=[css], pdf_variant="pdf/ua-1", pdf_tags=True
        )
        return bytes(made)

    result: dict[str, Any] = {"name": "pdf", "target": TARGET, "rounds": rounds}
    for name, make, turns in (("frankpledge", ours, rounds), ("weasyprint", theirs, rounds)):
        made = make(0)
        seconds = []
        for turn in range(1, turns + 1):
            start = time.perf_counter()
            made = make(turn)
            seconds.append(time.perf_counter() - start)
        with pikepdf.open(__import__("io").BytesIO(made)) as pdf:
            pages = len(pdf.pages)
        result[name] = {
            "seconds": round(statistics.median(seconds), 4),
            "pages": pages,
            "bytes": len(made),
        }
    result["ratio"] = round(result["weasyprint"]["seconds"] / result["frankpledge"]["seconds"], 1)
    result["passed"] = result["ratio"] >= TARGET
    result["machine"] = f"{platform.platform()}, {os.cpu_count()} cores"
    result["versions"] = {name: version(name) for name in ("typst", "pikepdf", "weasyprint")} | {
        "python": platform.python_version()
    }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    for key, value in run(rounds=parser.parse_args().rounds).items():
        print(f"{key:12} {value}")


if __name__ == "__main__":
    main()
