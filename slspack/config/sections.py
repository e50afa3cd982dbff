"""The settings that stand in maps of their own: under `watch`, `docker`, `hooks`, `package`, `layer` and `native`."""

from __future__ import annotations

from slspack.config.places import Place, Setting

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
