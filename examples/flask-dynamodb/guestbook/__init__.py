"""A guest book: visitors sign it, everybody reads it."""
