"""Every value that was ever reported, and when it was known; kept in SQLite or PostgreSQL."""
