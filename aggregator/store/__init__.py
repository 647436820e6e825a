"""The store: the only SQL of the program, SQLAlchemy Core over SQLite or PostgreSQL."""
