from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, editor):
    """What was told until now was how the file stands."""
    call = apps.get_model("sharing", "WebhookCall")
    submission = apps.get_model("sharing", "Submission")
    found = submission.objects.filter(pk=OuterRef("submission")).values("state")[:1]
    call.objects.using(editor.connection.alias).update(state=Subquery(found))


class Migration(migrations.Migration):
    dependencies = [("sharing", "0002_machines")]

    operations = [
        migrations.AddField(
            model_name="webhookcall",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("working", "Being checked"),
                    ("checked", "Checked, to be agreed"),
                    ("stored", "Stored"),
                    ("refused", "Refused"),
                    ("cancelled", "Cancelled"),
                    ("undone", "Undone"),
                    ("deleted", "Deleted"),
                ],
                default="stored",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="webhookcall", name="sharing_webhookcall_once"),
        migrations.AddConstraint(
            model_name="webhookcall",
            constraint=models.UniqueConstraint(
                fields=("key", "submission", "state"), name="sharing_webhookcall_once"
            ),
        ),
    ]
