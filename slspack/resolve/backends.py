"""The resolvers, each for the requirement sets that ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slspack.model import Resolver

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from slspack.builds import OfferedBuilder
    from slspack.model import BuilderChoice, DistName, RequirementSet, Target
    from slspack.resolve.files import ServiceFiles
    from slspack.resolve.problem import Candidate, Problem
    from slspack.resolve.sources import LockFileUse
    from slspack.resolve.written import RequirementsRead


def with_uv(
    problem: Problem, resolver: Resolver, excluded: Mapping[DistName, tuple[str, ...]]
) -> tuple[Candidate, ...] | None:
    """What uv decides on, where it is asked for."""
    if resolver is not Resolver.UV:
        return None
    from slspack.resolve.uv import resolve_with_uv

    return resolve_with_uv(problem, excluded)


def with_pip_tools(
    problem: Problem, resolver: Resolver, excluded: Mapping[DistName, tuple[str, ...]]
) -> tuple[Candidate, ...] | None:
    """What pip-tools decides on, where it is asked for."""
    if resolver is not Resolver.PIP_TOOLS:
        return None
    from slspack.resolve.pip_tools import resolve_with_pip_tools

    return resolve_with_pip_tools(problem, excluded)


class ResolveHooks(Protocol):
    """Who reads requirements, decides on versions, and has wheels that no index has: the host of plugins, as a rule."""

    def key_for(self, *hooks: str) -> str:
        """The key of the plugins that implement any of these hooks; empty if none does."""

    def read_requirements(
        self, requirements: RequirementSet, files: ServiceFiles, variables: Mapping[str, str], lock_file: LockFileUse
    ) -> RequirementsRead:
        """What a requirement set lists."""

    def resolve(
        self, problem: Problem, resolver: Resolver, excluded: Mapping[DistName, tuple[str, ...]]
    ) -> tuple[Candidate, ...]:
        """A version of everything that is needed."""

    def provide_wheel(self, name: DistName, version: str, target: Target) -> Path | None:
        """A wheel of this machine for a version that no index has a fitting one of."""

    def builders(self, choice: BuilderChoice, name: DistName | None, *, compiles: bool) -> tuple[OfferedBuilder, ...]:
        """Who may build a distribution, in the order in which they are tried."""


class OwnResolving:
    """slspack's own means, where there is no host."""

    def key_for(self, *_: str) -> str:
        """There are no plugins."""
        return ""

    def read_requirements(
        self, requirements: RequirementSet, files: ServiceFiles, variables: Mapping[str, str], lock_file: LockFileUse
    ) -> RequirementsRead:
        """What a requirement set lists in the files that slspack knows."""
        from slspack.resolve.reading import read_requirement_set

        return read_requirement_set(requirements, files, variables, lock_file)

    def resolve(
        self, problem: Problem, resolver: Resolver, excluded: Mapping[DistName, tuple[str, ...]]
    ) -> tuple[Candidate, ...]:
        """What the resolver that is asked for decides on."""
        return with_uv(problem, resolver, excluded) or with_pip_tools(problem, resolver, excluded) or ()

    def provide_wheel(self, name: DistName, version: str, target: Target) -> Path | None:
        """Nobody has one."""
        return None

    def builders(self, choice: BuilderChoice, name: DistName | None, *, compiles: bool) -> tuple[OfferedBuilder, ...]:
        """slspack's own."""
        from slspack.builds.lineup import own_builders

        return own_builders(choice, name, compiles=compiles)
