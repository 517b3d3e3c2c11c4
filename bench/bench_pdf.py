"""An agreement-like document as PDF/UA: our Typst route against WeasyPrint on our own HTML.

Both start from the same document tree and make a tagged PDF/UA-1 file in the same typeface.
Every round sets a document in which each paragraph differs, because Typst remembers what it has
set before and would otherwise look faster than it is.
"""

from __future__ import annotations

import argparse
import io
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
            for n in range(4):
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
        *_scanning(turn),
        *_themes(),
    ]  # fmt: skip


def _scanning(turn: int) -> list[Any]:
    """What was seen coming, under the headings such documents use."""
    blocks: list[Any] = [PageBreak(), Heading(1, "Appendix C: Horizon scanning")]
    kinds = ("Political", "Economic", "Social", "Technological", "Environmental", "Legislation")
    for position, kind in enumerate((*kinds, "Organisational")):
        points = tuple(f"{_topic(position + n)}: new duties (round {turn})" for n in range(6))
        blocks += [Heading(2, kind), Bullets(points)]
    return blocks


def _themes() -> list[Any]:
    """The same priorities once more as tables, for those who cannot see the diagram."""
    blocks: list[Any] = [PageBreak(), Heading(1, "Appendix D: Priorities and themes as tables")]
    for title in ("Priorities", "Cross-cutting themes", "Objectives of the policing body"):
        rows = tuple((name, what, str(count)) for name, count, what in ISSUES[:9])
        columns = ("Name", "Scope", "Partnerships")
        blocks.append(TableBlock(title, columns, rows, ("left", "left", "right"), True))
    return blocks


def _topic(n: int) -> str:
    return ISSUES[n % len(ISSUES)][0]


def _prose(n: int, turn: int) -> str:
    picked = [SENTENCES[(n + k) % len(SENTENCES)] for k in range(3)]
    return f"{' '.join(picked)} (Reference {n}/{turn}.)"


LOOK = """
@page { size: A4; margin: 31mm 25mm 25mm; font: 9.5pt 'Source Sans 3';
  @top-center { content: "OFFICIAL · public\\A Synthetic data: made up for demonstration, not "
    "about real people or events."; white-space: pre-line; font-weight: 600; width: 100%;
    border-bottom: .75pt solid #0b0c0c }
  @bottom-left { content: string(organisation) " · " string(title); color: #505a5f;
    border-top: .5pt solid #b1b4b6; width: 75% }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); color: #505a5f;
    border-top: .5pt solid #b1b4b6 } }
@page :first { @bottom-left { content: none } @bottom-right { content: none } }
body { font: 12pt/1.27 'Source Sans 3'; color: #0b0c0c; margin: 0; orphans: 2; widows: 2 }
strong, dt { font-weight: 600 } a { color: #12436D } p { margin: 0 0 .8em }
header { break-after: page; padding-top: 26mm } header p:first-child { margin-bottom: 8mm }
.govuk-caption-xl { font-size: 16pt; font-weight: 600; string-set: organisation content();
  border-bottom: 5pt solid #12436D }
h1 { font-size: 42pt; line-height: 1.05; color: #12436D; string-set: title content() }
h2 { font-size: 24pt; break-before: page } h3 { font-size: 16pt } h4 { font-size: 13.5pt }
h2, h3, h4 { color: #12436D; font-weight: 600; break-after: avoid; margin: 1.2em 0 .5em }
.app-numbered { padding-left: 12mm; text-indent: -12mm }
.app-numbered__number { display: inline-block; width: 12mm; text-indent: 0; color: #12436D;
  font-weight: 600 }
ul { margin: 0 0 .8em; padding-left: 16mm } li { margin-bottom: .4em }
nav ul { list-style: none; padding-left: 5mm } nav > ul { padding: 0 }
nav > ul > li > a { font-weight: 600 } nav a { color: inherit; text-decoration: none }
nav a::after { content: leader('.') target-counter(attr(href), page) }
table { width: 100%; border-collapse: collapse; margin: 0 0 1.8em; font-size: 11pt;
  font-variant-numeric: tabular-nums; line-height: 1.2 }
caption { font-size: 12pt; font-weight: 600; text-align: left; padding-bottom: .5em }
th, td { border-bottom: .5pt solid #b1b4b6; padding: 4pt 5pt 4pt 2pt; text-align: left;
  vertical-align: top } th { font-weight: 600 } tr { break-inside: avoid }
thead th { border-bottom: 1.25pt solid #12436D; vertical-align: bottom }
td ul { padding-left: 4mm; margin: 0 } td li { margin-bottom: .25em }
.app-note { font-size: 10.5pt; color: #505a5f }
.govuk-table__cell--numeric, .govuk-table__header--numeric { text-align: right }
dl > div { display: flex; border-bottom: .5pt solid #b1b4b6; padding: 6pt 2pt;
  break-inside: avoid } dt { width: 27% } dd { margin: 0; width: 73% }
.app-callout { border-left: 4pt solid #12436D; background: #eef2f6; padding: 11pt 14pt;
  break-inside: avoid } figure { margin: 0 0 1em } figcaption { font-weight: 600 }
figure > div { break-inside: avoid } details { display: block } summary { display: none }
svg { width: 100%; height: auto } footer { border-top: 2pt solid #12436D; padding-top: 10pt }
"""


def peer_css(fonts: Path) -> str:
    """Our print look for WeasyPrint: the same typeface, running lines, contents and tables."""
    wanted = (
        (400, "normal", "400Regular"),
        (400, "italic", "400Regular_Italic"),
        (600, "normal", "600SemiBold"),
        (700, "normal", "700Bold"),
    )
    faces = (
        f"@font-face {{ font-family: 'Source Sans 3'; font-weight: {weight}; "
        f"font-style: {style}; src: url('{path.as_uri()}') }}\n"
        for weight, style, stem in wanted
        for path in fonts.resolve().rglob(f"SourceSans3_{stem}.ttf")
    )
    return "".join(faces) + LOOK


def run(*, rounds: int = 5) -> dict[str, Any]:
    """Seconds and pages of both routes, warm; `ratio` is WeasyPrint's median over ours.

    The routes take turns, so that a busy moment of the machine falls on both. Processor seconds
    stand beside the clock's, because Typst uses every core and WeasyPrint one.
    """
    import pikepdf
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = font_folder()
    faces = FontConfiguration()
    css = weasyprint.CSS(string=peer_css(fonts), font_config=faces)

    def ours(turn: int) -> bytes:
        return to_pdf(agreement(turn), fonts=fonts)

    def theirs(turn: int) -> bytes:
        page = f'<html lang="en-GB"><title>Agreement</title><body>{to_html(agreement(turn))}'
        made = weasyprint.HTML(string=page).write_pdf(
            stylesheets=[css], font_config=faces, pdf_variant="pdf/ua-1"
        )
        return bytes(made)

    routes = {"frankpledge": ours, "weasyprint": theirs}
    seconds: dict[str, list[float]] = {name: [] for name in routes}
    processor: dict[str, list[float]] = {name: [] for name in routes}
    made = {name: make(0) for name, make in routes.items()}
    for turn in range(1, rounds + 1):
        for name, make in routes.items():
            start, started = time.perf_counter(), time.process_time()
            made[name] = make(turn)
            seconds[name].append(time.perf_counter() - start)
            processor[name].append(time.process_time() - started)
    result: dict[str, Any] = {"name": "pdf", "target": TARGET, "rounds": rounds}
    for name, data in made.items():
        with pikepdf.open(io.BytesIO(data)) as pdf:
            pages = len(pdf.pages)
        result[name] = {
            "seconds": round(statistics.median(seconds[name]), 3),
            "processor_seconds": round(statistics.median(processor[name]), 3),
            "pages": pages,
            "bytes": len(data),
        }
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    result["ratio"] = round(medians["weasyprint"] / medians["frankpledge"], 1)
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
