//! SQL for every aggregate on SQLite and PostgreSQL: rows in, rows out.
