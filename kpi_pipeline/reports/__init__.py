"""Pages people read, built from history only, so that any of them can be rendered again as it was known then."""
