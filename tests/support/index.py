"""The index on loopback that plugins are tested with, too, under the name by which slspack's own tests know it."""

from slspack.testing.index import IndexSettings, PackageIndex, Request, package_index

__all__ = ["IndexSettings", "PackageIndex", "Request", "package_index"]
