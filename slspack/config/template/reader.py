"""Reads a template of AWS SAM or CloudFormation: `template.yaml`, `template.yml`, `template.json`.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.building import read_build
from slspack.config.cache import read_cache
from slspack.config.functions import (
    CodeFolder,
    Defaults,
    Draft,
    check_targets,
    make_function,
    read_individually,
    warn_without_effect,
)
from slspack.config.hooks import read_hooks
from slspack.config.indexing import read_indexes
from slspack.config.layers import read_layers, read_zip
from slspack.config.layout import nearest_requirements, read_layout, read_vendor
from slspack.config.native import read_native_ignore
from slspack.config.nodes import Leaf, Table
from slspack.config.patterns import own_patterns
from slspack.config.places import Place
from slspack.config.plugins import read_plugins
from slspack.config.policy import read_policy
from slspack.config.selections import read_selections
from slspack.config.settings import check_keys
from slspack.config.template.layers import layers_of, read_template_layers
from slspack.config.template.parents import parent_packages
from slspack.config.template.stacks import ARCHIVES, CODE, load_stacks
from slspack.config.watching import read_watch
from slspack.frozen import dataclass
from slspack.model import Function, ImportPolicy, Selections, Service, SkippedFunction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slspack.config.documents import Files
    from slspack.config.findings import Findings
    from slspack.config.nodes import Node
    from slspack.config.template.stacks import Stack
    from slspack.config.value import Value
    from slspack.model import Location
    from slspack.options import LoadOptions


def read_template(document: Node, files: Files, options: LoadOptions, findings: Findings) -> Service | None:
    """The service that the template and those nested in it declare; None, with errors noted, where it is none.

    It is named as its folder. Functions are built whatever their `Condition` says: another deployment of the same
    artifacts may have other parameters.
    """
    stack = load_stacks(document, files, options, findings)
    if stack is None:
        return None
    settings = stack.main.peek("Metadata", "slspack")
    if settings is not None:
        check_keys(settings, Place.CUSTOM)
    policy, selections = read_policy(settings, ImportPolicy()), read_selections(settings, Selections())
    layout, vendor = read_layout(settings, None, files.tree), read_vendor(settings, None, files.tree) or ()
    distributions = read_layers(settings, files.tree).requirements
    layers = read_template_layers(stack, distributions, layout.requirements.resolver, files.tree)
    zipped, native = read_zip(settings, base=False), read_native_ignore(settings, ())
    defaults = Defaults(layout, policy, selections, vendor, files.tree, findings, None, layers, zipped, native)
    reader = _Reader(settings, defaults, options)
    made: list[Function] = []
    skipped: list[SkippedFunction] = []
    for each in stack.all():
        for found in _functions(each):
            function = reader.function(found)
            if isinstance(function, SkippedFunction):
                message = f"function `{function.name}` is left alone: {function.reason}"
                findings.notice(Code.FUNCTION_LEFT_ALONE, message, found.at, function.name)
                skipped.append(function)
            elif function is not None:
                made.append(function)
    check_targets(made, findings)
    indexes, build = read_indexes(settings, read_build(settings, files.tree))
    return Service(
        files.root.name or "service",
        options.stage or "dev",
        files.root,
        tuple(made),
        tuple(skipped),
        files.names,
        cache=read_cache(settings),
        watch=read_watch(settings),
        hooks=read_hooks(settings),
        build=build,
        indexes=indexes,
        plugins=read_plugins(settings),
        layers=layers,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A function as it stands in a template."""

    stack: Stack
    logical: str
    resource: Value
    kind: str

    @property
    def at(self) -> Location:
        return self.resource.at

    def property(self, name: str) -> Value | None:
        """A property, as `Stack.property` finds it."""
        return self.stack.property(self.resource, self.kind, name)


def _functions(stack: Stack) -> Iterator[_Found]:
    for name, resource, kind in stack.resources():
        if kind in CODE:
            yield _Found(stack, name, resource, kind)


class _Reader:
    """What is common to all functions of the templates, and how each is read."""

    def __init__(self, settings: Value | None, defaults: Defaults, options: LoadOptions) -> None:
        self._settings = settings
        self._defaults = defaults
        self._options = options

    def function(self, found: _Found) -> Function | SkippedFunction | None:
        name = found.stack.name_of(found.logical)
        reason = _left_alone(found)
        if reason is not None:
            return SkippedFunction(name, reason)
        settings = found.resource.peek("Metadata", "slspack")
        if settings is not None:
            check_keys(settings, Place.CUSTOM_FUNCTION)
        code = self._code(found)
        if code is None:
            return None
        individually = self._individually(settings)
        own = own_patterns(settings)
        if not individually:
            warn_without_effect(name, own, found.resource.findings)
            own = ()
        architectures = found.property("Architectures")
        attached = layers_of(found.stack, found.resource, found.kind, self._defaults.layers)
        draft = Draft(
            name=name,
            value=found.resource,
            at=found.at,
            runtime=found.property("Runtime"),
            architecture=next(architectures.elements(), None) if architectures else None,
            settings=settings,
            patterns=(*own_patterns(self._settings), *own),
            individually=individually,
            opaque_layers=attached is None or bool(attached),
            attached=attached,
            storage=_known_storage(found),
            handler=found.property("Handler"),
            code=code,
        )
        return make_function(draft, self._defaults)

    def _individually(self, settings: Value | None) -> bool:
        if self._options.individually is not None:
            return self._options.individually
        own, shared = read_individually(settings), read_individually(self._settings)
        return (shared if own is None else own) is not False

    def _code(self, found: _Found) -> CodeFolder | None:
        """The folder of the code; without one it is the template's."""
        value = found.property(CODE[found.kind])
        folder = found.stack.local(value) if value else found.stack.folder
        if value is not None and folder is None:
            value.wrong("the path of a folder below the template's")
            return None
        if value is not None and folder is not None and folder.split("/")[0] == "..":
            message, hint = f"`{value.path}`: `{folder}` is outside the service", "name the folder above both with `-C`"
            value.error(Code.BAD_VALUE, message, hint)
            return None
        tree = self._defaults.tree
        if value is not None and folder is not None and not _exists(folder, self._defaults):
            value.error(Code.BAD_VALUE, f"`{value.path}`: there is no folder `{folder}`", "correct the path")
            return None
        folder = folder or "."
        root = parent_packages(found.resource, found.property("Handler"), folder)
        further = self._defaults.layout.source_roots or ()
        roots = None if root == "." and not further else tuple(dict.fromkeys((root, *further)))
        return CodeFolder(roots, nearest_requirements(folder, tree))


def _exists(folder: str, defaults: Defaults) -> bool:
    parts = folder.split("/")
    return all(defaults.tree.is_folder(posixpath.join(*parts[: index + 1])) for index in range(len(parts)))


def _known_storage(found: _Found) -> Value | None:
    """The size of `/tmp`; None where only a deployment knows it, so that what Lambda always gives is relied on."""
    storage = found.property("EphemeralStorage")
    size = storage.peek("Size") if storage else None
    return size if size and isinstance(size.node, Leaf) and isinstance(size.node.value, int) else None


def _left_alone(found: _Found) -> str | None:
    package = found.property("PackageType")
    if package is not None and isinstance(package.node, Leaf) and package.node.value == "Image":
        return "PackageType: Image"
    if found.property("InlineCode") is not None or found.resource.peek("Properties", "Code", "ZipFile") is not None:
        return "its code stands in the template"
    skip = found.resource.peek("Metadata", "SkipBuild")
    if skip is not None and skip.flag():
        return "SkipBuild"
    code = found.property(CODE[found.kind])
    if code is None:
        return None
    text = code.node.value if isinstance(code.node, Leaf) else None
    if isinstance(code.node, Table) or (isinstance(text, str) and text.startswith("s3://")):
        return "its code is in S3"
    return "its code is an archive" if isinstance(text, str) and text.lower().endswith(ARCHIVES) else None
