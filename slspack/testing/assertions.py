"""What a test insists on of an artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.testing.artifacts import BuiltArtifact
from slspack.testing.reproducing import assert_reproducible

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from slspack.testing.artifacts import BuiltLayer


def assert_artifact(
    artifact: BuiltArtifact | BuiltLayer,
    *,
    names: Collection[str] = (),
    without: Collection[str] = (),
    contents: Mapping[str, str | bytes] | None = None,
    imports: Collection[str] = (),
) -> None:
    """See that an artifact is what it should be, and that the service's builds can be repeated.

    `names` must be in it, `without` must not, `contents` are files with all that is in them, and `imports` are modules
    that an interpreter with nothing but a function's artifact and layers must be able to import. Whatever is asked,
    `assert_reproducible` is asked, too. Raises AssertionError that tells all that is wrong with the files.
    """
    files = artifact.files
    wrong = [f"`{name}` is missing" for name in names if name not in files]
    wrong += [f"`{name}` should not be there" for name in without if name in files]
    for name, content in (contents or {}).items():
        expected = content.encode() if isinstance(content, str) else content
        if name not in files:
            wrong.append(f"`{name}` is missing")
        elif files[name] != expected:
            wrong.append(f"`{name}` is {_shown(files[name])}, not {_shown(expected)}")
    if wrong:
        there = ", ".join(files)
        raise AssertionError(f"{artifact.title}: {'; '.join(wrong)}. It holds {there}")
    if imports:
        if not isinstance(artifact, BuiltArtifact):
            raise TypeError(f"{artifact.title} is imported by functions alone: ask one that uses it")
        artifact.check_imports(imports)
    assert_reproducible(artifact.built)


def _shown(content: bytes) -> str:
    return repr(content) if len(content) <= 200 else f"{content[:200]!r} and more, {len(content)} bytes"
