"""The bank's rows: tables, repositories and migrations, on SQLite and PostgreSQL alike."""
