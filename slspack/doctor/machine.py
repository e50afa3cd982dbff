"""What builds need of the machine: the resolver, the store, an index; and what only some need."""

from __future__ import annotations

import platform
import shutil
import subprocess
from importlib.util import find_spec
from typing import TYPE_CHECKING

from slspack import __version__
from slspack.doctor.symptom import State, Symptom, of_finding
from slspack.errors import SlspackError
from slspack.model import DistName
from slspack.store import Store, limits_of
from slspack.store.census import totals
from slspack.store.opening import location_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from slspack.model import CacheSettings, Service

_EXTRAS = {"watchfiles": ("watch", "`slspack watch`"), "piptools": ("pip-tools", "`resolver: pip-tools`")}
_SECONDS = 20


def machine_symptoms(root: Path, service: Service | None, environment: Mapping[str, str]) -> Iterator[Symptom]:
    """Look at the machine; where there is a service, with its settings."""
    yield Symptom("slspack", State.FINE, f"{__version__} on CPython {platform.python_version()}, {platform.platform()}")
    yield _resolver()
    cache = service.cache if service else None
    yield _store(root, cache, environment)
    yield _index(root, service, environment)
    yield _git()
    for module, (extra, purpose) in _EXTRAS.items():
        if find_spec(module) is None:
            remedy = f"for {purpose}: `pip install 'slspack[{extra}]'`"
            yield Symptom(extra, State.ABSENT, f"{purpose} is not installed", remedy)


def _resolver() -> Symptom:
    from slspack.registry import uv_executable

    try:
        said = _output(uv_executable(), "--version")
    except SlspackError as error:
        return of_finding("uv", error.findings[0], State.WRONG)
    except (OSError, subprocess.SubprocessError) as error:
        return Symptom(
            "uv", State.WRONG, f"it does not run: {error}", "install it again: `pip install --force-reinstall uv`"
        )
    return Symptom("uv", State.FINE, said)


def _store(root: Path, cache: CacheSettings | None, environment: Mapping[str, str]) -> Symptom:
    from slspack.model import CacheSettings

    settings = cache or CacheSettings()
    place = location_of(settings, root, environment)
    try:
        limits = limits_of(settings, environment)
        store = Store(place)
        with store.scratch() as path:
            path.write_bytes(b"slspack")
        size = sum(total.bytes for total in totals(store))
        store.close()
    except SlspackError as error:
        return of_finding("store", error.findings[0], State.WRONG)
    except OSError as error:
        remedy = "make it writable, or name another folder with SLSPACK_CACHE_DIR"
        return Symptom("store", State.WRONG, f"{place} cannot be written: {error.strerror or error}", remedy)
    bound = f" of at most {limits.max_size / 1e9:.1f} GB" if limits.max_size is not None else ""
    return Symptom("store", State.FINE, f"{place}, {size / 1e9:.2f} GB{bound}")


def _index(root: Path, service: Service | None, environment: Mapping[str, str]) -> Symptom:
    """Ask for a distribution that every index has, or that the mirror of one gets from it."""
    from slspack.registry import PackageIndexClient, RegistrySession, load_index_configuration

    try:
        configuration = load_index_configuration(environment, root)
        offered = PackageIndexClient(RegistrySession(configuration)).files(DistName("pip"))
    except SlspackError as error:
        finding = error.findings[0]
        state = State.DOUBTFUL if service is None else State.WRONG
        return of_finding("package index", finding, state)
    return Symptom("package index", State.FINE, f"answers: it has {len(offered)} files of pip")


def _git() -> Symptom:
    git = shutil.which("git")
    if git is None:
        return Symptom(
            "git", State.ABSENT, "not on the PATH", "for requirements that are repositories (`git+https://…`)"
        )
    return Symptom("git", State.FINE, _output(git, "--version"))


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
    return done.stdout.strip()
