"""The table of slspack's own settings: what each is called, takes and means, and where it may stand."""

from __future__ import annotations

import re
from enum import Flag, auto
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.findings import nearest
from slspack.frozen import dataclass

if TYPE_CHECKING:
    from slspack.config.value import Value


class Place(Flag):
    """Where a setting may stand."""

    CUSTOM = auto()
    """Under `custom.slspack` of a `serverless.yml`."""
    CUSTOM_FUNCTION = auto()
    """Under `slspack` of a function of a `serverless.yml`."""
    OWN = auto()
    """In `slspack.yml` or `[tool.slspack]`."""
    OWN_FUNCTION = auto()
    """In a function there."""
    WATCH = auto()
    """Under `watch`, wherever the service's settings stand."""
    DOCKER = auto()
    """Under `docker`, wherever the service's settings stand."""
    HOOKS = auto()
    """Under `hooks`, likewise."""
    PACKAGE = auto()
    """Under `package`, wherever settings of services and functions stand."""
    NATIVE = auto()
    """Under `native`, likewise."""
    LAYER = auto()
    """Under `layer`, and in each of `layers`."""
    NAMED_LAYER = auto()
    """In each of `layers` only."""


EVERYWHERE = Place.CUSTOM | Place.CUSTOM_FUNCTION | Place.OWN | Place.OWN_FUNCTION
SERVICES = Place.CUSTOM | Place.OWN
FUNCTIONS = Place.CUSTOM_FUNCTION | Place.OWN_FUNCTION


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `takes` and `default` are for the reader of the documentation, in Markdown."""

    name: str
    takes: str
    default: str
    meaning: str
    places: Place
    other_names: tuple[str, ...] = ()


SETTINGS = (
    Setting("service", "string", "the project's name, else the folder's", "The service's name.", Place.OWN, ("name",)),
    Setting("functions", "map", "required", "The functions by name. One may be only its handler.", Place.OWN),
    Setting("handler", "string", "required", "`module.attribute`, as Lambda reads it.", Place.OWN_FUNCTION),
    Setting(
        "runtime",
        "string",
        "required, at the service or at each function",
        "Lambda's name of the runtime: `python3.13`.",
        Place.OWN | Place.OWN_FUNCTION,
    ),
    Setting(
        "architecture",
        "`x86_64` or `arm64`",
        "`x86_64`",
        "The instruction set.",
        Place.OWN | Place.OWN_FUNCTION,
    ),
    Setting(
        "module",
        "folder",
        "none",
        "The function's own folder: searched for its modules first, and for its requirements.",
        Place.OWN_FUNCTION,
    ),
    Setting(
        "entrypoint",
        "string or list",
        "none",
        "The service's own code where the handler lives in a distribution: `app.handler` or `src/app.py`.",
        Place.OWN_FUNCTION,
    ),
    Setting(
        "requirements",
        "file or list of files",
        "the first known file found",
        "Where the requirements stand, relative to the service.",
        EVERYWHERE,
    ),
    Setting(
        "groups", "list", "none", "Dependency groups that are needed at run time besides the project's own.", EVERYWHERE
    ),
    Setting(
        "withoutGroups", "list", "none", "Groups to leave out; `main` is the project's own requirements.", EVERYWHERE
    ),
    Setting(
        "onlyGroups", "list", "none", "Groups that are needed instead of the project's own requirements.", EVERYWHERE
    ),
    Setting(
        "requireLock", "`true` or `false`", "`false`", "Whether a project file without a lock is an error.", EVERYWHERE
    ),
    Setting("extras", "list", "none", "Extras of the project that are needed at run time.", EVERYWHERE),
    Setting(
        "indexUrl", "address", "what pip's or uv's settings name", "The index, in place of the default one.", SERVICES
    ),
    Setting(
        "extraIndexUrls", "list of addresses", "none", "Indexes to ask besides, on top of pip's and uv's.", SERVICES
    ),
    Setting(
        "findLinks",
        "list of addresses or folders",
        "none",
        "Places with files to take besides, on top of pip's and uv's.",
        SERVICES,
    ),
    Setting(
        "indexes",
        "map of distributions to addresses",
        "none",
        "The one index that a distribution may come from: it is looked up nowhere else, not even as a dependency.",
        SERVICES,
    ),
    Setting(
        "noBinary", "list", "none", "Distributions that are built though they have wheels; `:all:` for all.", SERVICES
    ),
    Setting("onlyBinary", "list", "none", "Distributions that are never built; `:all:` for all.", SERVICES),
    Setting(
        "excludeNewer",
        "day or moment",
        "none",
        "What was uploaded after it does not count: `2025-01-31` (that day counts) or `2025-01-31T12:00:00Z`.",
        SERVICES,
    ),
    Setting("resolver", "`uv` or `pip-tools`", "`uv`", "Who resolves what is not pinned.", SERVICES),
    Setting(
        "patterns",
        "list of globs",
        "none",
        "Files to add, or with `!` to leave out; the last glob that matches decides.",
        EVERYWHERE,
    ),
    Setting(
        "sourceRoots",
        "list of folders",
        "the service's folder, and `src` if it is not a package",
        "Folders that stand for the artifact's root, in the order in which they are searched.",
        EVERYWHERE,
    ),
    Setting(
        "individually",
        "`true` or `false`",
        "`true`; in a `serverless.yml` what `package.individually` says",
        "Whether each function gets an artifact of its own.",
        EVERYWHERE,
    ),
    Setting(
        "optionalImports",
        "`listed`, `reachable` or `never`, or a map",
        "`listed`",
        "Which imports inside distributions count when they name another listed distribution. "
        "In a map, `default` is for all and `pandas -> pyarrow` for what one imports of another.",
        EVERYWHERE,
    ),
    Setting(
        "missingImports",
        "`error`, `warn` or `ignore`, or a map",
        "`error`",
        "What an import is that nothing provides. "
        "In a map, `default` is for all and `package.module` for that module and what is below it.",
        EVERYWHERE,
    ),
    Setting(
        "runtimeProvided",
        "`include` or `exclude`",
        "`include`",
        "Whether listed distributions that the Lambda runtime already has are packaged.",
        EVERYWHERE,
    ),
    Setting(
        "modules",
        "map of modules to distributions",
        "none",
        "Which distribution a module is taken from where several provide it: `cv2: opencv-python`.",
        EVERYWHERE,
    ),
    Setting(
        "includeDistributions",
        "list",
        "none",
        "Distributions to keep, imported or not.",
        EVERYWHERE,
        ("forceInclude",),
    ),
    Setting(
        "excludeDistributions",
        "list",
        "none",
        "Distributions to leave out, with what only they need.",
        EVERYWHERE,
        ("forceExclude",),
    ),
    Setting(
        "prune",
        "`safe` or `off`",
        "`safe`",
        "Whether files of distributions that no run reads are left out: [which those are](prune.md).",
        EVERYWHERE,
    ),
    Setting(
        "distributionPatterns",
        "map of distributions to lists of globs",
        "none",
        "Files of distributions to leave out (`!`) or to keep; the last glob that matches decides, else `prune`. "
        "A glob is matched inside the distribution's packages, and from the artifact's root.",
        EVERYWHERE,
    ),
    Setting(
        "slim",
        "`true` or `false`",
        "`false`",
        "Whether of what describes a distribution only that stays which `importlib.metadata` reads, and libraries are "
        "stripped: [Size](../guides/size.md).",
        SERVICES,
    ),
    Setting(
        "slimPatterns",
        "list of globs",
        "none",
        "With `slim`: more files of distributions to leave out, such as `**/*.pyi`.",
        SERVICES,
    ),
    Setting(
        "slimPatternsAppendDefaults",
        "`true` or `false`",
        "`true`",
        "With `slim`: whether what it leaves out by itself is left out, or only `slimPatterns`.",
        SERVICES,
    ),
    Setting(
        "strip",
        "`true` or `false`",
        "as `slim`",
        "Whether shared libraries lose symbol tables and debug information, which nothing loads.",
        SERVICES,
    ),
    Setting(
        "vendor",
        "folder or list of folders",
        "none",
        "Folders of libraries that somebody has built: their content goes into the artifact's root whole.",
        EVERYWHERE,
    ),
    Setting(
        "cacheLocation",
        "folder",
        "`slspack` in the user's cache folder",
        "The store's folder, relative to the service, absolute or with `~`; `SLSPACK_CACHE_DIR` overrides it.",
        SERVICES,
    ),
    Setting(
        "cacheMaxSize",
        "size such as `5GB`, or `none`",
        "`10GB`",
        "What builds leave in the store, least recently used first; `SLSPACK_CACHE_MAX_SIZE` overrides it.",
        SERVICES,
    ),
    Setting(
        "builder",
        "`auto`, `docker`, `cross`, `host` or `none`",
        "`auto`",
        "Who builds what has no wheel that fits: see [Native code](../guides/native-code.md).",
        SERVICES,
    ),
    Setting(
        "builders",
        "map of distributions to builders",
        "none",
        "The `builder` of single distributions: `psycopg2: docker`.",
        SERVICES,
    ),
    Setting("docker", "map", "see [below](#docker)", "The image that wheels are built in.", SERVICES),
    Setting(
        "package",
        "map",
        "a zip",
        "Whether a function becomes a container image, see [below](#package).",
        EVERYWHERE,
    ),
    Setting("native", "map", "none", "What the check of native code passes over, see [below](#native).", EVERYWHERE),
    Setting(
        "layer",
        "`true`, `false` or a map",
        "`false`",
        "The service's requirements as a layer: [Layers](../guides/layers.md). In a map, what is [below](#layer).",
        SERVICES,
    ),
    Setting(
        "layers",
        "map of layers",
        "none",
        "Layers of distributions by name, each with what is [below](#layer).",
        SERVICES,
    ),
    Setting(
        "layers",
        "list",
        "those that hold something that it needs",
        "The service's layers that the function uses: what they hold is not in its artifact.",
        FUNCTIONS,
    ),
    Setting(
        "zip",
        "`true` or `false`",
        "`false`",
        "Whether distributions go in as an archive that is unpacked when the function starts: "
        "[Layers](../guides/layers.md#larger-than-250-mb).",
        EVERYWHERE,
    ),
    Setting(
        "ephemeralStorageSize",
        "megabytes",
        "`512`",
        "How large the function's `/tmp` is, which `zip` unpacks into.",
        Place.OWN_FUNCTION,
    ),
    Setting(
        "command",
        "string or list",
        "the one that the plugin finds",
        "What the [Serverless plugin](../guides/serverless.md) starts as slspack: `./tools/slspack`, `[uvx, slspack]`.",
        Place.CUSTOM,
    ),
    Setting(
        "plugins",
        "list of names, files, or maps with `use` and `options`",
        "none",
        "The [plugins](../guides/plugins.md) of the service, in order; `!NAME` leaves out one that is installed.",
        SERVICES,
    ),
    Setting("watch", "map", "see [below](#watch)", "How `slspack watch` watches the service.", SERVICES),
    Setting("hooks", "map", "none", "Lines of shell around what a build does, see [below](#hooks).", SERVICES),
)

WATCH_SETTINGS = (
    Setting(
        "patterns",
        "list of gitignore patterns",
        "none",
        "What is watched although git ignores it. It adds to what is watched, and never narrows it.",
        Place.WATCH,
    ),
    Setting(
        "ignore",
        "list of gitignore patterns",
        "none",
        "What does not start a build, on top of what never does.",
        Place.WATCH,
    ),
    Setting(
        "debounce",
        "milliseconds",
        "`25`",
        "How long it must be quiet until a burst of changes is taken for one.",
        Place.WATCH,
    ),
    Setting(
        "poll",
        "milliseconds",
        "`0`",
        "How often every file is looked at, for network and container mounts, which send no notices; `0`: never.",
        Place.WATCH,
    ),
)
"""What may stand under `watch`."""

DOCKER_SETTINGS = (
    Setting("image", "string", "AWS's build image of the runtime", "`name:tag` of an image to build in.", Place.DOCKER),
    Setting("file", "path", "none", "A Dockerfile, whose image is built and used. Excludes `image`.", Place.DOCKER),
    Setting("buildArgs", "map", "none", "The build arguments of the Dockerfile.", Place.DOCKER),
    Setting("env", "list", "none", "Names of this machine's variables that builds in the image see.", Place.DOCKER),
    Setting(
        "network",
        "`true` or `false`",
        "`false`",
        "Whether builds may reach the network. What they require is brought in without.",
        Place.DOCKER,
    ),
    Setting(
        "ssh",
        "`true` or `false`",
        "`false`",
        "Whether builds that fetch for themselves may use your SSH agent, key and known hosts.",
        Place.DOCKER,
    ),
    Setting("privateKey", "absolute path", "your default key", "Another SSH key.", Place.DOCKER),
    Setting(
        "extraFiles",
        "list of absolute paths",
        "none",
        "Files of the image that go to the artifact's root: shared libraries.",
        Place.DOCKER,
    ),
    Setting(
        "graft",
        "`true` or `false`",
        "`true`",
        "Whether shared libraries that a built wheel needs and the runtime lacks are put into the wheel.",
        Place.DOCKER,
    ),
    Setting("buildOptions", "list", "none", "Options as `docker build` has them.", Place.DOCKER),
    Setting("runOptions", "list", "none", "Options as `docker run` has them.", Place.DOCKER),
)
"""What may stand under `docker`."""

HOOK_SETTINGS = (
    Setting(
        "before-build",
        "line of shell",
        "none",
        "Run before the build looks at anything: what makes sources, for example.",
        Place.HOOKS,
        ("beforeBuild",),
    ),
    Setting(
        "after-function",
        "line of shell",
        "none",
        "Run for each function, when all artifacts are in place.",
        Place.HOOKS,
        ("afterFunction",),
    ),
    Setting(
        "after-build",
        "line of shell",
        "none",
        "Run last, when the build is good.",
        Place.HOOKS,
        ("afterBuild",),
    ),
)
"""What may stand under `hooks`."""

PACKAGE_SETTINGS = (
    Setting("type", "`zip` or `image`", "`zip`", "What a function is deployed as.", Place.PACKAGE),
    Setting("base", "string", "AWS's image of the runtime", "`name:tag` of the image to stand on.", Place.PACKAGE),
    Setting(
        "name",
        "string",
        "the service's and the function's name",
        "The image's repository; its tag is the stage.",
        Place.PACKAGE,
    ),
)
"""What may stand under `package`."""

NATIVE_SETTINGS = (
    Setting(
        "ignore",
        "list of globs",
        "none",
        "Distributions, libraries that are missing or too old, and files of the artifact, of which nothing is said.",
        Place.NATIVE,
    ),
)
"""What may stand under `native`."""

LAYER_SETTINGS = (
    Setting(
        "distributions",
        "list",
        "none",
        "What the layer holds, with all that these need. Only in `layers`.",
        Place.NAMED_LAYER,
    ),
    Setting(
        "groups",
        "list",
        "none",
        "Dependency groups whose requirements it holds, with all that these need. Only in `layers`.",
        Place.NAMED_LAYER,
    ),
    Setting("name", "string", "the deploy tool's", "The layer's name in AWS.", Place.LAYER),
    Setting("description", "string", "none", "What AWS shows beside it.", Place.LAYER),
    Setting("compatibleRuntimes", "list", "the functions'", "The runtimes that may use it.", Place.LAYER),
    Setting("compatibleArchitectures", "list", "the functions'", "The architectures that may.", Place.LAYER),
    Setting("licenseInfo", "string", "none", "The licence's name, address or text.", Place.LAYER),
    Setting("allowedAccounts", "list", "none", "Other accounts that may use it; `*` for all.", Place.LAYER),
    Setting("retain", "`true` or `false`", "`false`", "Whether deployments keep earlier versions.", Place.LAYER),
)
"""What may stand under `layer`, and in each of `layers`."""

ALL_SETTINGS = (
    *SETTINGS,
    *WATCH_SETTINGS,
    *DOCKER_SETTINGS,
    *HOOK_SETTINGS,
    *PACKAGE_SETTINGS,
    *LAYER_SETTINGS,
    *NATIVE_SETTINGS,
)

_FRAMEWORK_OWNS = {
    "functions": "write it at the top of the file",
    "runtime": "write it under `provider` or at the function",
    "architecture": "write it under `provider` or at the function",
    "service": "write it at the top of the file",
    "handler": "write it at the function",
    "module": "write it at the function",
    "entrypoint": "write it at the function",
}


def kebab(name: str) -> str:
    """The other spelling of a name: `source-roots` of `sourceRoots`."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda match: "-" + match[1].lower(), name)


def spellings(setting: Setting) -> tuple[str, ...]:
    """Every way in which the name of a setting may be written, the documented one first."""
    return tuple(dict.fromkeys((setting.name, kebab(setting.name), *setting.other_names)))


def check_keys(value: Value, place: Place) -> None:
    """Note every key of `value` that is no setting there, and every setting that is written twice."""
    known = {
        spelling: setting.name for setting in ALL_SETTINGS if place & setting.places for spelling in spellings(setting)
    }
    seen: dict[str, str] = {}
    for key, at in value.key_places():
        path = f"{value.path}.{key}" if value.path else key
        if key not in known:
            hint = _used_instead(key, place) or nearest(key, known)
            if place in Place.CUSTOM | Place.CUSTOM_FUNCTION:
                hint = _FRAMEWORK_OWNS.get(key, hint)
            value.findings.error(Code.UNKNOWN_KEY, f"`{path}` is not a setting of slspack", at, hint)
        elif known[key] in seen:
            message = f"`{path}` and `{seen[known[key]]}` are two spellings of one setting"
            value.findings.error(Code.BAD_VALUE, message, at, "keep one of them")
        else:
            seen[known[key]] = key


def _used_instead(key: str, place: Place) -> str | None:
    from slspack.config.elsewhere import used_instead
    from slspack.config.inherited import option_named

    if place is Place.CUSTOM and option_named(key) is not None:
        return "it is an option of serverless-python-requirements: write it under `custom.pythonRequirements`"
    return used_instead(key)


def setting(value: Value | None, name: str, place: Place = EVERYWHERE) -> Value | None:
    """The value of a setting that may stand there, however it is spelled; None where it is not set."""
    if value is None:
        return None
    described = next(each for each in ALL_SETTINGS if each.name == name and place & each.places)
    found = (value.get(spelling) for spelling in spellings(described))
    return next((each for each in found if each is not None), None)
