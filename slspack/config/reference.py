"""The page `docs/reference/configuration.md`, made from the table of settings.

python -m slspack.config.reference > docs/reference/configuration.md
"""

from __future__ import annotations

import sys

from slspack.config.places import Place, Setting
from slspack.config.sections import (
    DOCKER_SETTINGS,
    HOOK_SETTINGS,
    LAYER_SETTINGS,
    NATIVE_SETTINGS,
    PACKAGE_SETTINGS,
    WATCH_SETTINGS,
)
from slspack.config.table import SETTINGS

_INTRODUCTION = """\
# Configuration

<!-- Written by `python -m slspack.config.reference`; edit that module, `table.py` or `sections.py` beside it. -->

slspack reads the first of these that it finds in the service's folder, or the file that `--config` names:

1. `serverless.yml`, `serverless.yaml` or `serverless.json` of the Serverless Framework
2. `slspack.yml` or `slspack.yaml`
3. `pyproject.toml` with a table `[tool.slspack]`
4. `template.yaml`, `template.yml` or `template.json` of AWS SAM, if it has `Resources`; see [AWS SAM](../guides/sam.md)

All errors in it are shown together, each with file, line and column. Paths are relative to the service's folder.
`slspack config` prints what it comes to. For editors there is a [JSON schema](../schema/slspack.schema.json): in a
`slspack.yml`, put `# yaml-language-server: $schema=PATH_OR_URL` into the first line.

```yaml
# slspack.yml
runtime: python3.13
architecture: arm64
functions:
  api: src/api.handler
  report:
    handler: src/report.handler
    includeDistributions: [openpyxl]
    optionalImports: {default: listed, pandas -> pyarrow: never}
```

## Settings

A name may also be written with hyphens: `source-roots`. In a `serverless.yml` the service's settings stand under
`custom.slspack`, a function's under its key `slspack`; in a template both under `Metadata.slspack`. An unknown name is
an error ([SLS0103](../errors/SLS0103.md)). Of a setting that stands at both, the function's counts; maps and the lists
of distributions add up, and `patterns` of the function follow the service's.
"""

_FRAMEWORK = """\
## What is read of a `serverless.yml`

| key | meaning |
| --- | --- |
| `service` | the service's name |
| `useDotenv` | variables of `.env.STAGE`, or of `.env` where that does not exist, count as environment variables |
| `provider.stage` | the stage, unless `--stage` gives it; `dev` without either |
| `provider.runtime`, `provider.architecture` | the default for functions |
| `provider.layers`, a function's `layers` | a function with layers may import what slspack cannot see |
| `functions` | a map, or a list of maps; each may be a variable |
| a function's `handler`, `runtime`, `architecture` | as in the Framework |
| a function's `module` | its own folder, searched first for its modules and its requirements |
| a function's `entrypoint` | the service's own code, where the handler lives in a distribution |
| `package.individually`, a function's too | one artifact per function; `--[no-]individually` overrides it |
| `package.patterns`, `include`, `exclude`, a function's too | files to add or leave out, see below |
| `custom.pythonRequirements.fileName` | the requirements file, where there is no Poetry project and no `Pipfile` |
| there, `usePoetry`, `usePipenv` | `false`: Poetry's, Pipenv's files do not count |
| there, `poetryWithGroups`, `poetryWithoutGroups`, `poetryOnlyGroups` | `groups`, `withoutGroups`, `onlyGroups` |
| there, `requirePoetryLockFile` | `requireLock` |
| there, `noDeploy` | as `excludeDistributions` of the service, with what only these need |
| there, `slim`, `slimPatterns`, `slimPatternsAppendDefaults`, `strip` | as the settings of those names |
| there, `vendor`; a function's too | as the setting `vendor` |
| there, `cacheLocation`, `useDownloadCache`, `useStaticCache`, `staticCacheMaxVersions`, `invalidateCaches` | \
how the store is used, see [The store](../concepts/store.md) |
| there, `dockerizePip` | `true`: `builder: docker`; `non-linux`: the same on a machine that is not Linux; `false`: \
`builder: auto`, which takes Docker only for what has to be compiled |
| there, `dockerImage`, `dockerFile`, `dockerEnv`, `dockerSsh`, `dockerPrivateKey`, `dockerExtraFiles`, \
`dockerBuildCmdExtraArgs`, `dockerRunCmdExtraArgs` | `image`, `file`, `env`, `ssh`, `privateKey`, `extraFiles`, \
`buildOptions` and `runOptions` of `docker` |

A function of another runtime, with an `image`, with its own `package.artifact` or with `package.disable` is left
alone, which the build says.

The rules of `package` apply in this order, and the last that matches a file decides: `exclude` of the service, then of
the function; `include` and `patterns` of the service; `include` and `patterns` of the function. `!` negates a rule,
globs match names that begin with a dot. A rule that is written twice counts where it stands first. The function's own
rules apply only where it has an artifact of its own.

## Variables in a `serverless.yml`

| variable | value |
| --- | --- |
| `${self:a.b}` | a value of the file |
| `${opt:name}` | an option of the command line |
| `${env:NAME}` | an environment variable |
| `${param:name}` | `--param`, then `stages.STAGE.params` or `params.STAGE`, then those of `default` |
| `${sls:stage}` | the stage |
| `${sls:instanceId}` | `slspack`, in every build |
| `${aws:region}` | `--region`, `provider.region` or `us-east-1` |
| `${file(path):a.b}` | a value of a YAML or JSON file; of any other file its text |
| `${strToBool(value)}` | `true` for `true` and `1`, `false` for `false` and `0` |

`${opt:stage, self:provider.stage, 'dev'}` takes the first source that has a value; strings among the fallbacks are
quoted. Variables nest (`${self:custom.${sls:stage}.name}`); a backslash before `${` makes it plain text. What only the
cloud, JavaScript or another plugin can answer is an error ([SLS0106](../errors/SLS0106.md)) only where slspack
needs the value.
"""

_SERVICE = ((Place.OWN, "`slspack.yml`"), (Place.CUSTOM, "`custom.slspack`"))
_FUNCTION = ((Place.OWN_FUNCTION, "its functions"), (Place.CUSTOM_FUNCTION, "`slspack` of a function"))


def reference_page() -> str:
    """The whole page, in Markdown."""
    lines = ["| name | takes | default | may stand in |", "| --- | --- | --- | --- |"]
    lines += [f"| {_names(each)} | {each.takes} | {each.default} | {_places(each)} |" for each in SETTINGS]
    meanings = [f"- `{each.name}`: {each.meaning}" for each in SETTINGS]
    own = [*_docker(), "", *_package(), "", *_native(), "", *_watch(), "", *_hooks(), "", *_layers()]
    return "\n".join([_INTRODUCTION, *lines, "", *meanings, "", *own, "", _FRAMEWORK])


def _docker() -> list[str]:
    lines = ["| name | takes | default | meaning |", "| --- | --- | --- | --- |"]
    lines += [f"| `{each.name}` | {each.takes} | {each.default} | {each.meaning} |" for each in DOCKER_SETTINGS]
    return ["## `docker`", "", "What building in an image reads of the map `docker`.", "", *lines]


def _package() -> list[str]:
    lines = ["| name | takes | default | meaning |", "| --- | --- | --- | --- |"]
    lines += [f"| `{each.name}` | {each.takes} | {each.default} | {each.meaning} |" for each in PACKAGE_SETTINGS]
    about = "What makes [container images](../guides/container-images.md) of functions."
    about += " It stands in slspack's own settings, not under the Framework's `package`."
    return ["## `package`", "", about, "", *lines]


def _native() -> list[str]:
    lines = ["| name | takes | default | meaning |", "| --- | --- | --- | --- |"]
    lines += [f"| `{each.name}` | {each.takes} | {each.default} | {each.meaning} |" for each in NATIVE_SETTINGS]
    about = (
        "What the [check of native code](../concepts/elf-check.md) passes over: the service's, and a function's on top."
    )
    return ["## `native`", "", about, "", *lines]


def _watch() -> list[str]:
    lines = ["| name | takes | default | meaning |", "| --- | --- | --- | --- |"]
    lines += [f"| `{each.name}` | {each.takes} | {each.default} | {each.meaning} |" for each in WATCH_SETTINGS]
    return ["## `watch`", "", "What [`slspack watch`](../guides/watch.md) reads of the map `watch`.", "", *lines]


def _hooks() -> list[str]:
    lines = ["| name | meaning |", "| --- | --- |"]
    lines += [f"| {_names(each)} | {each.meaning} |" for each in HOOK_SETTINGS]
    return [
        "## `hooks`",
        "",
        "Lines of shell that run in the service's folder. [Hooks](../guides/hooks.md)",
        "",
        *lines,
    ]


def _layers() -> list[str]:
    lines = ["| name | takes | default | meaning |", "| --- | --- | --- | --- |"]
    lines += [f"| `{each.name}` | {each.takes} | {each.default} | {each.meaning} |" for each in LAYER_SETTINGS]
    return ["## `layer`", "", "What `layer`, and each of `layers`, may be. [Layers](../guides/layers.md)", "", *lines]


def _names(each: Setting) -> str:
    return ", ".join(f"`{name}`" for name in (each.name, *each.other_names))


def _places(each: Setting) -> str:
    return ", ".join(words for place, words in (*_SERVICE, *_FUNCTION) if place in each.places)


if __name__ == "__main__":
    sys.stdout.write(reference_page())
