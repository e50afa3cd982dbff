"""`.env` files: which variables local runs get from them, and which have to be there. None is ever packaged.

`slspack_local_variables` gives the variables, `slspack_amend_service` checks what is required before anything is done,
`slspack_amend_entries` keeps the files out of artifacts. Values are in nothing that this gives but the variables.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.variables.dotenv import parse_dotenv, read_dotenv
from slspack.errors import SlspackError
from slspack.model import Finding, Location, Severity
from slspack.plugins import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slspack.model import Entry, Service
    from slspack.plugins import OwnFiles

slspack_interface = 1

_STAGE = "NODE_ENV"
"""As in serverless-dotenv-plugin, it wins over the stage."""


@dataclass(frozen=True)
class Required:
    """What has to be there."""

    env: tuple[str, ...] = ()
    """Variables, in the files or in the environment, and not empty."""
    file: bool = False
    """Whether there must be a file at all."""


@dataclass(frozen=True)
class Options:
    """What users of serverless-dotenv-plugin set."""

    path: str = "."
    """The folder of the files, relative to the service."""
    environment: str = ""
    """What stands for the stage in the files' names."""
    include: tuple[str, ...] | None = None
    """The variables that local runs get, as globs; None: all."""
    exclude: tuple[str, ...] = ()
    """Those that they do not get, where `include` is not set."""
    required: Required = field(default_factory=Required)
    variable_expansion: bool = True
    """Whether `$NAME` in a value is expanded."""


class Dotenv:
    """Reads `.env` files."""

    def __init__(self, options: Options) -> None:
        self.options = options

    @hookimpl
    def slspack_amend_service(self, service: Service, files: OwnFiles) -> Service:
        """Check what is required, and have the files watched, there or not."""
        names = self._names(service, files)
        texts = {name: text for name in names if (text := _text(name, files)) is not None}
        return replace(
            service,
            config_files=(*service.config_files, *texts),
            config_absent=(*service.config_absent, *(name for name in names if name not in texts)),
            findings=(*service.findings, *self._missing(names, texts, files)),
        )

    @hookimpl
    def slspack_local_variables(
        self, service: Service, variables: Mapping[str, str], files: OwnFiles
    ) -> Mapping[str, str]:
        """What the files have, as far as it is wanted."""
        texts = (_text(name, files) for name in self._names(service, files))
        # The last file counts; that the lines of all are read as those of one lets each refer to another's.
        text = "\n".join(one for one in texts if one is not None)
        found = parse_dotenv(text, files.environment) if self.options.variable_expansion else read_dotenv(text)
        return {**variables, **{name: value for name, value in found.items() if self._is_wanted(name)}}

    @hookimpl(trylast=True)
    def slspack_amend_entries(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Leave out what is none of an artifact's business, whatever patterns say."""
        return tuple(entry for entry in entries if not _is_dotenv(posixpath.basename(entry.name)))

    def _names(self, service: Service, files: OwnFiles) -> tuple[str, ...]:
        """The files, relative to the service, the weakest first."""
        stage = self.options.environment or files.environment.get(_STAGE) or service.stage
        local = () if stage == "test" else (".env.local",)
        names = (".env", f".env.{stage}", *local, f".env.{stage}.local")
        return tuple(posixpath.normpath(posixpath.join(self.options.path, name)) for name in names)

    def _is_wanted(self, name: str) -> bool:
        if self.options.include is not None:
            return _matches(name, self.options.include)
        return not _matches(name, self.options.exclude)

    def _missing(self, names: tuple[str, ...], texts: Mapping[str, str], files: OwnFiles) -> Iterator[Finding]:
        strongest = next(reversed([*texts]), names[0])
        if self.options.required.file and not texts:
            message = f"there is no `.env` file for local runs: {_either(names)}"
            hint = "write one, or set `required.file` of the plugin `dotenv` to `false`"
            yield Finding(Code.PLUGIN_FINDING, Severity.ERROR, message, Location(names[0]), hint)
        found = {name for text in texts.values() for name, value in read_dotenv(text).items() if value}
        for name in self.options.required.env:
            if name not in found and not files.environment.get(name):
                where = f"is not in {_either(tuple(texts) or names)}, nor in the environment"
                message = f"the variable `{name}`, which the plugin `dotenv` requires, {where}"
                hint = f"write `{name}=…` into `{strongest}`, or take it out of `required.env`"
                yield Finding(Code.PLUGIN_FINDING, Severity.ERROR, message, Location(strongest), hint)


def _text(name: str, files: OwnFiles) -> str | None:
    """A file's text; None if there is none. Raises SLS0807 for one that cannot be read."""
    try:
        return files.read_outside(name).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = "is not in UTF-8" if isinstance(error, UnicodeDecodeError) else f"cannot be read: {error.strerror}"
        # Not the cause: what cannot be decoded may be a secret.
        raise SlspackError.of(
            Code.PLUGIN_FINDING, f"`{name}` {why}", at=Location(name), hint="mend the file, or its permissions"
        ) from None


def _is_dotenv(name: str) -> bool:
    return name == ".env" or name.startswith(".env.")


def _matches(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _either(names: tuple[str, ...]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} or {last}" if others else last


plugin = Dotenv
