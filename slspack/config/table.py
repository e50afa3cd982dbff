"""The table of slspack's own settings: what each is called, takes and means, and where it may stand."""

from __future__ import annotations

from slspack.config.places import EVERYWHERE, FUNCTIONS, SERVICES, Place, Setting

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
