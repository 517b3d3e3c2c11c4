"""Documents before other people's programs: veraPDF, LibreOffice, poppler."""

import re
import shutil
import subprocess

import pytest
import typst

from frankpledge.documents import (
    Bullets,
    Document,
    Heading,
    KeyValues,
    Paragraph,
    TableBlock,
    to_docx,
    to_pdf,
)
from tests.pdf_checks import assert_pdf_ua, verapdf_faults
from tests.sample_document import sample


def text_of(path):
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def squeezed(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.slow
def test_verapdf_agrees_and_catches_a_pdf_without_tags():
    odd = Document(
        'A "title" <x>',
        body=(
            Heading(1, "One"),
            TableBlock("T", ("A", ""), (("x", Bullets(("y",))),), header_column=True),
            KeyValues((("k", "v"),)),
            TableBlock("Long", ("A", "B"), tuple((f"{n}", "x") for n in range(300))),
            TableBlock("Wide", tuple("ABCDEFGHIJ"), (("1",) * 10,)),
            Paragraph("مرحبا 😀 ✓"),
        ),
    )
    bare = typst.compile(b'#set document(title: "x")\n= Heading', format="pdf", pdf_tags=False)
    whole, other, caught = verapdf_faults(to_pdf(sample()), to_pdf(odd), bare)
    assert whole == [] and other == []
    assert any("tagged as real content" in fault for fault in caught)
    with pytest.raises(AssertionError, match="not PDF/UA-1"):
        assert_pdf_ua(bare, thorough=True)


def test_pdf_says_everything_on_pages_that_carry_marking_and_number(tmp_path):
    path = tmp_path / "agreement.pdf"
    path.write_bytes(to_pdf(sample()))
    pages = text_of(path).rstrip("\f").split("\f")
    for number, page in enumerate(pages, 1):
        assert "OFFICIAL · for the partnership" in page
        assert "Synthetic data" in page
        assert number == 1 or f"Page {number} of {len(pages)}" in page
    said = squeezed(" ".join(pages))
    for words in ("1.1 The CSA is mandatory", "Figure 1: Incidents rose in January", "Second point",
                  "RESOLVED that the leads", "Table 2: Counts by district", "Rounded.",
                  "Contact the team"):  # fmt: skip
        assert words in said, words
    contents = next(page for page in pages if "Contents" in page)
    assert re.search(r"1\. Introduction[ .\u2060]+\d", contents)


@pytest.mark.slow
def test_libreoffice_opens_the_word_file_and_loses_nothing(tmp_path):
    office = shutil.which("soffice")
    assert office, "LibreOffice is missing: apt-get install libreoffice-writer"
    path = tmp_path / "agreement.docx"
    path.write_bytes(to_docx(sample()))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path],
        capture_output=True, check=True, timeout=180,
    )  # fmt: skip
    pages = text_of(tmp_path / "agreement.pdf").rstrip("\f").split("\f")
    for number, page in enumerate(pages, 1):
        assert "OFFICIAL · for the partnership" in page
        assert number == 1 or f"Page {number} of {len(pages)}" in page
    said = squeezed(" ".join(pages))
    for words in ("Exampleshire Community Safety Partnership", "Working together", "Draft",
                  "1. Introduction", "1.1 The CSA is mandatory. See the leads or the guide.",
                  "1.2 Priorities are reviewed each year.", "First point", "inner two",
                  "A plain paragraph. On two lines.", "Chief Superintendent", "RESOLVED that",
                  "Figure 1: Incidents rose in January", "Source: made-up counts.", "1,234",
                  "South 1,200 900", "Contact the team."):  # fmt: skip
        assert words in said, words
