"""Every option of serverless-python-requirements, and what becomes of it here."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.findings import nearest
from slspack.config.nodes import Leaf, Table
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.config.nodes import Scalar
    from slspack.config.value import Value
    from slspack.model import Location


class Fate(Enum):
    """What becomes of an option."""

    WORKS = "works"
    """It means here what it means there."""
    IDLE = "not needed"
    """What it is for cannot happen here, so it has no effect."""
    REFUSED = "refused"
    """It asks for what slspack does otherwise."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `meaning` says what it does here, why it is idle, or what to use instead."""

    name: str
    fate: Fate
    meaning: str
    harmless: Scalar = None
    """The value with which a refused option asks for nothing."""


def _works(meaning: str, *names: str) -> tuple[Option, ...]:
    return tuple(Option(name, Fate.WORKS, meaning) for name in names)


OPTIONS: tuple[Option, ...] = (
    *_works("the requirements file, in each `module`'s folder too", "fileName"),
    *_works("`false` leaves out that tool's files", "usePoetry", "usePipenv"),
    *_works(
        "groups, as `groups`, `withoutGroups` and `onlyGroups` are",
        "poetryWithGroups",
        "poetryWithoutGroups",
        "poetryOnlyGroups",
        "pyprojectWithGroups",
        "uvWithGroups",
        "uvWithoutGroups",
        "uvOnlyGroups",
    ),
    *_works("extras of the project, as `extras` are", "uvOptionalDependencies"),
    *_works("`true` makes a project without a lock an error, whatever tool it is for", "requirePoetryLockFile"),
    *_works("these distributions stay out, with what only they need", "noDeploy"),
    *_works("a folder whose content goes in whole; at a function, that function's", "vendor"),
    *_works("`true`, or `non-linux`, builds in an image what has no wheel that fits", "dockerizePip"),
    *_works("the image, or the Dockerfile whose image, is built in", "dockerImage", "dockerFile"),
    *_works(
        "for that image: options of `docker build` and `docker run`, names of variables",
        "dockerBuildCmdExtraArgs",
        "dockerRunCmdExtraArgs",
        "dockerEnv",
    ),
    *_works("lets builds in the image fetch with your SSH agent or key", "dockerSsh", "dockerPrivateKey"),
    *_works("files of the image for the artifact's root", "dockerExtraFiles"),
    *_works("leaves out what describes a distribution, and strips libraries", "slim"),
    *_works(
        "with `slim`: what is left out besides, and whether libraries are stripped",
        "slimPatterns",
        "slimPatternsAppendDefaults",
        "strip",
    ),
    *_works(
        "the service's requirements as a layer; a function that does not refer to it carries what it needs", "layer"
    ),
    *_works("the same archive, with or without the import of `unzip_requirements`", "zip"),
    *_works("options on indexes are followed, idle ones passed over, others refused", "pipCmdExtraArgs"),
    *_works(
        "the store's folder, what it keeps, and when it is not asked",
        "cacheLocation",
        "useDownloadCache",
        "useStaticCache",
        "staticCacheMaxVersions",
        "invalidateCaches",
    ),
    Option("pythonBin", Fate.IDLE, "no Python of the runtime's version is run"),
    Option("dockerRootless", Fate.IDLE, "what an image builds never belongs to root"),
    Option("cleanupZipHelper", Fate.IDLE, "nothing is written among the service's files"),
    Option(
        "usePyProject",
        Fate.REFUSED,
        "name the file to read in `custom.slspack.requirements`",
        harmless=True,
    ),
    Option(
        "installFolderAsPackage",
        Fate.REFUSED,
        "list the folder as `-e .` in the requirements, or in `custom.slspack.sourceRoots`",
        harmless=False,
    ),
    Option(
        "useUv",
        Fate.REFUSED,
        "name the file to read in `custom.slspack.requirements`",
        harmless=True,
    ),
    Option("installer", Fate.IDLE, "nothing is installed: wheels go into the zip"),
    Option("enabled", Fate.IDLE, "it keeps version 4 of the Framework from packaging requirements itself"),
    Option("zipImport", Fate.IDLE, "a function's zip holds what it imports, ready to be imported"),
)
"""What may stand under `custom.pythonRequirements`."""

FUNCTION_OPTIONS: tuple[Option, ...] = (
    *_works("the function's own folder: its root, and its requirements", "module"),
    *_works("a folder whose content goes in whole, instead of the service's", "vendor"),
)
"""What may stand at a function."""

_BY_NAME = {option.name: option for option in OPTIONS}


def option_named(name: str) -> Option | None:
    """The option of `custom.pythonRequirements` of that name, if there is one."""
    return _BY_NAME.get(name)


def unknown_option_hint(name: str) -> str | None:
    """What whoever wrote an option that there is not may have meant."""
    if name in {option.name for option in FUNCTION_OPTIONS}:
        return "write it at the function"
    return nearest(name, _BY_NAME)


def check_inherited(options: Value | None) -> None:
    """Note what stands under `custom.pythonRequirements` and is not read: the idle options at once, others each."""
    if options is None or not isinstance(options.node, Table):
        return
    idle: list[tuple[Option, Location]] = []
    for key, at in options.key_places():
        option = _BY_NAME.get(key)
        if option is None:
            message = f"`{options.path}.{key}` is not an option of serverless-python-requirements, and is not read"
            options.findings.warning(Code.INHERITED_UNKNOWN, message, at, unknown_option_hint(key))
        elif option.fate is Fate.IDLE:
            idle.append((option, at))
        elif option.fate is Fate.REFUSED and not _is_harmless(option, options.get(key)):
            message = f"`{options.path}.{key}` is not supported"
            options.findings.error(Code.INHERITED_REFUSED, message, at, option.meaning)
    if idle:
        names = ", ".join(f"`{option.name}` ({option.meaning})" for option, _ in idle)
        message = f"of `{options.path}`, nothing here needs {names}"
        options.findings.notice(Code.INHERITED_IDLE, message, idle[0][1])


def _is_harmless(option: Option, value: Value | None) -> bool:
    return value is None or (isinstance(value.node, Leaf) and value.node.value is option.harmless)
