"""The database itself refuses to change or delete an event, whoever asks."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION common_event_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER common_event_append_only BEFORE UPDATE OR DELETE ON common_event
    FOR EACH ROW EXECUTE FUNCTION common_event_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER common_event_append_only ON common_event;
DROP FUNCTION common_event_append_only();
"""
SQLITE = [
    f"""CREATE TRIGGER common_event_no_{deed.lower()} BEFORE {deed} ON common_event
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"""
    for deed in ("UPDATE", "DELETE")
]
SQLITE_BACK = ["DROP TRIGGER common_event_no_update", "DROP TRIGGER common_event_no_delete"]


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
    else:
        for statement in SQLITE:
            schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK)
    else:
        for statement in SQLITE_BACK:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
