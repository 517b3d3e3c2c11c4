"""The database itself refuses to change or remove a line of the audit trail."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER access_auditentry_no_update BEFORE UPDATE ON access_auditentry
       BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only'); END""",
    """CREATE TRIGGER access_auditentry_no_delete BEFORE DELETE ON access_auditentry
       BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION access_auditentry_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'The audit trail is append-only'; END $$""",
    """CREATE TRIGGER access_auditentry_append_only BEFORE UPDATE OR DELETE
       ON access_auditentry FOR EACH ROW EXECUTE FUNCTION access_auditentry_append_only()""",
]
UNDO = {
    "sqlite": [
        "DROP TRIGGER access_auditentry_no_update",
        "DROP TRIGGER access_auditentry_no_delete",
    ],
    "postgresql": [
        "DROP TRIGGER access_auditentry_append_only ON access_auditentry",
        "DROP FUNCTION access_auditentry_append_only()",
    ],
}


def protect(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def unprotect(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
