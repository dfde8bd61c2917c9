"""The encrypted project file: schema, migrations, applying changes, reading, operations, drafts."""
