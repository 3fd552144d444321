"""Every fact, a module a field of business; plain data, cheap to import."""
