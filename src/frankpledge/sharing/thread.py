"""What rests on what in the sharing room."""

from frankpledge.core.registries import Edge, register_edge
from frankpledge.sharing.models import AgreementVersion, Dataset, SharingAgreement, Submission

register_edge(
    Edge(
        model=Submission,
        verb="was sent under",
        target=AgreementVersion,
        inverse="lets in",
        forward=lambda sent: AgreementVersion.objects.filter(terms__submission=sent),
        backward=lambda version: Submission.objects.filter(term__version=version),
        missing="No term of an agreement is kept with this submission.",
    )
)
register_edge(
    Edge(
        model=Submission,
        verb="adds to",
        target=Dataset,
        inverse="is made of",
        forward=lambda sent: Dataset.objects.filter(pk=sent.dataset_id),
        backward=lambda dataset: Submission.objects.filter(
            dataset=dataset, months__current=True
        ).distinct(),
    )
)
register_edge(
    Edge(
        model=AgreementVersion,
        verb="is a version of",
        target=SharingAgreement,
        inverse="has the version",
        forward=lambda version: SharingAgreement.objects.filter(pk=version.agreement_id),
        backward=lambda agreement: agreement.versions.all(),
    )
)
register_edge(
    Edge(
        model=AgreementVersion,
        verb="covers",
        target=Dataset,
        inverse="is covered by",
        forward=lambda version: Dataset.objects.filter(terms__version=version).distinct(),
        backward=lambda dataset: AgreementVersion.objects.filter(terms__dataset=dataset).distinct(),
    )
)
