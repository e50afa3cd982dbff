"""Loads one plugin: its code, what it says of itself, and its options."""

from __future__ import annotations

import inspect
import time
from contextlib import contextmanager
from difflib import get_close_matches
from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn

from slspack import __version__
from slspack.codes import Code
from slspack.errors import ConfigError, SlspackError
from slspack.frozen import dataclass
from slspack.keys import key_of
from slspack.model import Location
from slspack.plugins import INTERFACE
from slspack.plugins.code import load_file, load_module
from slspack.plugins.guard import MARK
from slspack.plugins.hookspecs import HOOKS, Calling, HookSpecs, calling_of
from slspack.plugins.loaded import Loaded, Origin
from slspack.plugins.options import read_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from types import ModuleType

    from slspack.looks import Looks
    from slspack.model import PluginUse
    from slspack.plugins.code import Code as PluginCode
    from slspack.plugins.finding import Wanted

_PREFIX = "slspack_"
_INTERFACE = "slspack_interface"
_HERE = "the plugin states it as `slspack_interface`, beside its hooks"


@dataclass(frozen=True, slots=True)
class _Found:
    """A plugin's code and what is known of it before anything of it is called."""

    name: str
    version: str
    origin: Origin
    place: str
    code: PluginCode
    target: object


def load(wanted: Wanted, root: Path, given: Mapping[str, str], looks: Looks) -> Loaded:
    """Load a plugin; `given` are its options from the command line. What is read for it is noted in `looks`.

    Raises ConfigError: SLS0801 for a file that is not there, SLS0802 for code that fails, SLS0803 for another version
    of the interface, SLS0804 for hooks that are none, SLS0103 and SLS0104 for options.
    """
    began = time.perf_counter()
    use = wanted.use
    with _named(use):
        found = _find(wanted, root, looks)
    target, schema = found.target, getattr(found.target, "Options", getattr(found.code.module, "Options", None))
    _check_interface(found, use)
    if inspect.isclass(target) or schema is not None or use.options != "{}" or given:
        target = _made(found, schema, use, given)
    hooks = tuple(_hooks(target, found, use))
    key = key_of("plugin", found.name, found.version, sorted(found.code.files.values()), use.options, dict(given))
    return Loaded(
        found.name,
        found.version,
        found.origin,
        found.place,
        target,
        schema if inspect.isclass(schema) else None,
        key,
        hooks,
        time.perf_counter() - began,
        found.code.files,
    )


def _find(wanted: Wanted, root: Path, looks: Looks) -> _Found:
    if wanted.installed is not None:
        point = wanted.installed
        module, _, attribute = point.value.partition(":")
        code = load_module(module.strip(), looks)
        target = attrgetter(attribute.strip())(code.module) if attribute else _target(code.module)
        return _Found(point.name, point.version, Origin.INSTALLED, point.distribution, code, target)
    if wanted.shipped is not None:
        code = load_module(wanted.shipped, looks)
        return _Found(wanted.use.name, __version__, Origin.SHIPPED, "slspack", code, _target(code.module))
    path = root / wanted.use.name
    code = load_file(path, looks)
    digest = next(iter(code.files.values()))
    return _Found(wanted.name, digest[:12], Origin.FILE, wanted.use.name, code, _target(code.module))


def _target(module: ModuleType) -> object:
    """What has the hooks: the module's `plugin`, or the module itself."""
    return getattr(module, "plugin", module)


@contextmanager
def _named(use: PluginUse) -> Iterator[None]:
    """Turn whatever loading raises into an error that names the plugin."""
    try:
        yield
    except SlspackError:
        raise
    except FileNotFoundError as error:
        if not use.is_file:
            _refuse(use, error)
        raise ConfigError.of(
            Code.PLUGIN_NOT_FOUND,
            f"there is no file `{use.name}`, named as a plugin",
            at=use.location,
            hint="a path in the configuration is relative to the service, one of `-p` to the current folder",
        ) from error
    except SyntaxError as error:
        at = Location(error.filename or use.name, error.lineno or 0, error.offset or 0)
        message = f"the plugin `{use.name}` cannot be loaded: {error.msg}"
        raise ConfigError.of(Code.PLUGIN_NOT_LOADED, message, at=at, hint="mend the plugin's source") from error
    except (Exception, SystemExit) as error:
        _refuse(use, error)


def _refuse(use: PluginUse, error: BaseException) -> NoReturn:
    raise ConfigError.of(
        Code.PLUGIN_NOT_LOADED,
        f"the plugin `{use.name}` cannot be loaded: {type(error).__name__}: {error}",
        at=use.location,
        hint="`--debug` prints its traceback; what it imports must be installed beside slspack",
    ) from error


def _check_interface(found: _Found, use: PluginUse) -> None:
    stated = getattr(found.target, _INTERFACE, getattr(found.code.module, _INTERFACE, None))
    if stated == INTERFACE:
        return
    if stated is None:
        message = f"the plugin `{found.name}` does not say for which version of the interface it is written"
        hint = f"write `{_INTERFACE} = {INTERFACE}` into it"
    else:
        older = isinstance(stated, int) and stated < INTERFACE
        message = (
            f"the plugin `{found.name}` {found.version} is written for version {stated} of the interface, "
            f"and this slspack ({__version__}) has version {INTERFACE}"
        )
        hint = "install a newer version of the plugin" if older else "install a newer slspack, or an older plugin"
    raise ConfigError.of(Code.PLUGIN_INTERFACE, message, at=use.location, hint=f"{hint}; {_HERE}")


def _made(found: _Found, schema: object, use: PluginUse, given: Mapping[str, str]) -> object:
    """The plugin's object: made of its class with its options, or told them."""
    if not inspect.isclass(schema):
        if use.options != "{}" or given:
            message = f"the plugin `{found.name}` takes no options"
            raise ConfigError.of(Code.UNKNOWN_KEY, message, at=dict(use.places).get("", use.location))
        with _named(use):
            return found.target() if inspect.isclass(found.target) else found.target
    options = read_options(schema, use, given)
    if not callable(found.target):
        message = f"the plugin `{found.name}` has `Options`, but no class that is made with them"
        hint = "put the hooks into a class whose `__init__` takes the options, and name it `plugin`"
        raise ConfigError.of(Code.PLUGIN_NOT_LOADED, message, at=use.location, hint=hint)
    with _named(use):
        made: object = found.target(options)
        return made


def _hooks(target: object, found: _Found, use: PluginUse) -> Iterator[str]:
    """The names of the hooks that it implements, sorted. Raises SLS0804 for what is none, SLS0802 if there are none."""
    names = [name for name in sorted(dir(target)) if name.startswith(_PREFIX) and callable(getattr(target, name))]
    for name in names:
        function: Callable[..., object] = getattr(target, name)
        problem = _problem(name, function)
        if problem:
            message, hint = problem
            raise ConfigError.of(
                Code.PLUGIN_HOOK, f"`{name}` of the plugin `{found.name}` {message}", at=use.location, hint=hint
            )
        yield name
    if not names:
        message = f"the plugin `{found.name}` implements no hook"
        hint = "`docs/reference/plugins.md` lists the hooks; each is marked with `@hookimpl`"
        raise ConfigError.of(Code.PLUGIN_NOT_LOADED, message, at=use.location, hint=hint)


def _problem(name: str, function: Callable[..., object]) -> tuple[str, str] | None:
    """What is wrong with a function that has a hook's prefix: the end of a sentence, and a hint."""
    if name not in HOOKS:
        near = get_close_matches(name, HOOKS, n=1)
        return "is no hook", f"did you mean `{near[0]}`?" if near else "`docs/reference/plugins.md` lists the hooks"
    options = getattr(function, MARK, None)
    if options is None:
        return "is not marked as an implementation", "put `@hookimpl` (of `slspack.plugins`) above it"
    if options["hookwrapper"]:
        return "is a wrapper of the old style", "write `@hookimpl(wrapper=True)`"
    if options["wrapper"] and calling_of(name) is Calling.IN_TURN:
        return (
            "is a wrapper, where each implementation is given what the one before gave",
            "use `tryfirst` or `trylast`",
        )
    known = {one for one in inspect.signature(getattr(HookSpecs, name)).parameters if one != "self"}
    unknown = [one for one in inspect.signature(function).parameters if one not in known]
    if unknown:
        takes = ", ".join(f"`{one}`" for one in sorted(known)) or "no arguments"
        return f"takes `{unknown[0]}`, which that hook is not given", f"it is given {takes}"
    return None
