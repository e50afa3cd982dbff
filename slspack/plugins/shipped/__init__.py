"""The plugins that slspack brings: each is small enough to be read as the documentation of its hooks."""
