"""What becomes of what rests on data when the data is deleted."""

from datetime import date
from typing import Any

from frankpledge.core.registries import register_deleted
from frankpledge.evidence.models import Finding, Watch


@register_deleted
def findings_lose_their_figures(submission: Any, on: date) -> int:
    """The sentence stays with what cites it; the table it was drawn from goes."""
    touched = Finding.objects.filter(read_months__submission=submission).distinct()
    said = f"The data this rests on was deleted on {on:%-d %B %Y}, so its figures are gone."
    for finding in touched:
        finding.table, finding.figure = {}, {}
        finding.caveats = [said, *finding.caveats]
        finding.save()
    return len(touched)


@register_deleted
def what_was_watched_goes(submission: Any, on: date) -> int:
    """Nothing cites it, so the certificate does not count it. What is left is watched anew."""
    Watch.objects.filter(read_months__submission=submission).delete()
    return 0
