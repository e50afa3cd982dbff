# requirements: setuptools<81 packaging importlib-metadata
# returns: ["packaging", true, true, true]
import importlib.metadata

import importlib_metadata
import pkg_resources
from packaging.version import Version


def handler(event, context):
    return [
        pkg_resources.get_distribution("packaging").project_name,
        Version(importlib.metadata.version("packaging")) > Version("20"),
        any(one.name == "packaging" for one in importlib_metadata.distributions()),
        any(one.name == "egg_info" for one in importlib.metadata.entry_points(group="distutils.commands")),
    ]
