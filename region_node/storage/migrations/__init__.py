"""Alembic revisions. A released revision is never edited: what follows it is a new one."""
