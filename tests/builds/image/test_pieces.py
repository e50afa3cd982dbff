"""The pure parts: names of images, archives, what runtimes may be relied on for, build systems."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from slspack.builds.image.archives import Archive
from slspack.builds.image.images import default_images, split_reference
from slspack.builds.image.reliable import reliable_libraries
from slspack.builds.image.steps import BuildSystem, build_system
from slspack.targets import parse_target, runtime_names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("build", ("build", "latest")),
        ("build:3.13", ("build", "3.13")),
        ("registry.example:5000/a/build", ("registry.example:5000/a/build", "latest")),
        ("registry.example:5000/a/build:3.13", ("registry.example:5000/a/build", "3.13")),
        ("registry.example:5000/build@sha256:abc", ("registry.example:5000/build", "sha256:abc")),
        ("build:3.13@sha256:abc", ("build", "sha256:abc")),
    ],
)
def test_names_of_images(reference: str, parts: tuple[str, str]) -> None:
    assert split_reference(reference) == parts


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
@pytest.mark.parametrize("runtime", runtime_names())
def test_every_runtime_has_images_and_libraries(runtime: str, architecture: str) -> None:
    target = parse_target(runtime, architecture)
    assert target is not None
    minor = runtime.removeprefix("python")
    assert default_images(target) == (
        f"public.ecr.aws/sam/build-{runtime}:latest-{architecture}",
        f"public.ecr.aws/lambda/python:{minor}-{architecture}",
    )
    libraries = reliable_libraries(target)
    loader = "ld-linux-x86-64.so.2" if architecture == "x86_64" else "ld-linux-aarch64.so.1"
    assert {"libc.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", loader} <= libraries
    assert not {"libssl.so.3", "libssl.so.10", "libxml2.so.2", "libpq.so.5"} & libraries
    assert ("libcrypt.so.2" in libraries) == (target.glibc >= (2, 34))


def test_an_archive_of_a_tree_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    digests = set()
    for place, mask in (("one", 0o022), ("two", 0o077)):
        folder = tmp_path / place
        previous = os.umask(mask)
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "b.py").write_text("b", "utf-8")
        (folder / "a.sh").write_text("a", "utf-8")
        os.umask(previous)
        (folder / "a.sh").chmod(0o700)
        (folder / "link").symlink_to("sub/b.py")
        os.utime(folder / "a.sh", (1, 1))
        with Archive() as archive:
            archive.add_tree("slspack/source", folder)
            digests.add(hashlib.sha256(archive.finished().read()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("content", "system"),
    [
        (None, BuildSystem(("setuptools>=40.8.0",), "setuptools.build_meta:__legacy__", ())),
        ("[project]\n", BuildSystem(("setuptools>=40.8.0",), "setuptools.build_meta:__legacy__", ())),
        ("not toml", BuildSystem(("setuptools>=40.8.0",), "setuptools.build_meta:__legacy__", ())),
        ('[build-system]\nrequires = ["a"]\n', BuildSystem(("a",), "setuptools.build_meta:__legacy__", ())),
        (
            '[build-system]\nrequires = []\nbuild-backend = "b:c"\nbackend-path = ["."]\n',
            BuildSystem((), "b:c", (".",)),
        ),
    ],
)
def test_build_systems(tmp_path: Path, content: str | None, system: BuildSystem) -> None:
    if content is not None:
        (tmp_path / "pyproject.toml").write_text(content, "utf-8")
    assert build_system(tmp_path) == system
