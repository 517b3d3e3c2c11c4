"""Writes docs/reference/how-figures-are-worked-out.md from the examples that the tests run."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "tests" / "spec" / "analysis" / "figures"
PAGE = ROOT / "docs" / "reference" / "how-figures-are-worked-out.md"
OPENING = """# How each figure is worked out

Every table on this page is a test: what is given goes in, and what follows must come out.
The page is written by `python tools/how_figures.py`; change the examples, not the page.
"""


def page(folder: Path = FIGURES) -> str:
    """The examples one after the other, their headings one level down."""
    parts = [OPENING]
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8").strip()
        parts.append("\n".join(f"#{x}" if x.startswith("#") else x for x in text.splitlines()))
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
