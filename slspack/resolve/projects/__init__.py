"""Project files of every tool: what they list, as requirements of the one kind that slspack knows."""
