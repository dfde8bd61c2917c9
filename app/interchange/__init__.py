"""In and out: tables (CSV), a project in an open format, and backups of a whole profile."""
