"""Wheels built by a real Docker daemon, used in a container and on this machine's interpreters."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slspack.builds.image import ImageBuilder, daemon_answers, open_image_builder
from slspack.builds.image.graft import foreign_libraries
from slspack.errors import SlspackError
from slspack.model import ImageSettings, Target
from slspack.targets import parse_target
from tests.builds.image.support import task_for
from tests.support.docker_host import base_image, containers, docker
from tests.support.interpreters import find_interpreter
from tests.support.native_sources import c_source, cpp_source, cython_source, own_backend, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.docker


def target_of(runtime: str) -> Target:
    target = parse_target(runtime)
    assert target is not None
    return target


def opened(settings: ImageSettings, root: Path, **variables: str) -> ImageBuilder:
    return open_image_builder(settings, root, {**os.environ, **variables})


def built(builder: ImageBuilder, source: Path, target: Target, name: str) -> Path:
    into = source.parent / f"{name}-built"
    into.mkdir(exist_ok=True)
    return builder.build(task_for(source, target, name), into).path


def unpacked(wheel: Path) -> Path:
    folder = wheel.parent / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def answer_here(folder: Path, minor: str, module: str) -> str:
    code = f"import {module}; print({module}.answer())"
    done = subprocess.run([find_interpreter(minor), "-c", code], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def answer_inside(folder: Path, image: str, minor: str, module: str) -> str:
    archive = subprocess.run(["tar", "-C", folder, "-c", "."], check=True, capture_output=True).stdout
    script = (
        f"mkdir /task && tar -C /task -x && cd /task && python{minor} -c 'import {module}; print({module}.answer())'"
    )
    return docker("run", "--rm", "-i", "--network", "none", image, "sh", "-c", script, given=archive)


@pytest.mark.parametrize(
    ("make", "name", "runtime", "answer"),
    [
        (cpp_source, "cppext", "python3.13", "fortytwo"),
        (cython_source, "cyext", "python3.11", "42"),
    ],
)
def test_an_extension_runs_in_the_image_and_here(
    tmp_path: Path, make: Callable[[Path, str], Path], name: str, runtime: str, answer: str
) -> None:
    source = make(tmp_path / "source", name)
    builder = opened(ImageSettings(image=base_image()), tmp_path)
    wheel = built(builder, source, target_of(runtime), name)
    minor = runtime.removeprefix("python")
    folder = unpacked(wheel)
    assert answer_here(folder, minor, name) == answer
    assert answer_inside(folder, base_image(), minor, name) == answer


def test_twice_gives_the_same_members_whatever_the_folder(tmp_path: Path) -> None:
    body = 'return PyUnicode_FromString(__FILE__ " " __DATE__ " " __TIME__);'
    digests = set()
    for place in ("one", "another/deeper"):
        source = c_source(tmp_path / place / "source", body=body, more='extra_compile_args=["-g"]')
        builder = opened(ImageSettings(image=base_image()), tmp_path)
        wheel = built(builder, source, target_of("python3.13"), "cext")
        with zipfile.ZipFile(wheel) as archive:
            digests.add(
                tuple((name, hashlib.sha256(archive.read(name)).hexdigest()) for name in sorted(archive.namelist()))
            )
        assert answer_here(unpacked(wheel), "3.13", "cext") == "cext.c Jan  1 1980 00:00:00"
    assert len(digests) == 1


def xml_settings(root: Path, **more: object) -> ImageSettings:
    """A user's Dockerfile with libxml2; the daemon makes the image of it once."""
    dockerfile = (
        f"ARG PACKAGE\nFROM {base_image()}\nARG PACKAGE\n"
        "RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends $PACKAGE\n"
    )
    write_tree(root / "docker", {"Dockerfile": dockerfile, ".dockerignore": "*.md\n", "notes.md": "private"})
    given = ImageSettings(file="docker/Dockerfile", build_arguments=(("PACKAGE", "libxml2-dev"),))
    return replace(given, **more)  # type: ignore[arg-type]


def test_a_library_of_the_users_image_is_grafted_and_one_file_is_taken_out(tmp_path: Path) -> None:
    settings = xml_settings(tmp_path, extra_files=("/usr/lib/x86_64-linux-gnu/libxml2.so.2",))
    source = c_source(
        tmp_path / "source",
        "xmlext",
        head="#include <libxml/xmlversion.h>\n#include <libxml/parser.h>",
        body="xmlCheckVersion(LIBXML_VERSION); return PyLong_FromLong(42);",
        more='libraries=["xml2"], include_dirs=["/usr/include/libxml2"]',
    )
    target = target_of("python3.11")
    builder = opened(settings, tmp_path)
    identity = builder.identity(target)
    (tmp_path / "into").mkdir()
    said: list[str] = []
    made = builder.build(task_for(source, target, "xmlext", said), tmp_path / "into")
    with zipfile.ZipFile(made.path) as archive:
        grafted = [name for name in archive.namelist() if name.startswith("xmlext.libs/")]
    assert any("libxml2-" in name for name in grafted)
    assert any("libicu" in name or "liblzma" in name for name in grafted), "what the library needs comes with it"
    assert not any("libc.so" in name or "libz" in name for name in grafted)
    assert foreign_libraries(made.path, target) == ()
    assert any("grafting libxml2.so.2" in line for line in said)
    folder = unpacked(made.path)
    # The base image itself has no libxml2, no more than the runtime.
    assert answer_inside(folder, base_image(), "3.11", "xmlext") == "42"
    assert answer_here(folder, "3.11", "xmlext") == "42"

    (tmp_path / "extra").mkdir()
    (extra,) = builder.extra_files(target, tmp_path / "extra")
    assert extra.name == "libxml2.so.2"
    assert extra.read_bytes().startswith(b"\x7fELF"), "a link is followed"
    assert containers() == []

    write_tree(tmp_path / "docker", {"notes.md": "changed"})
    assert opened(settings, tmp_path).identity(target) == identity, "what .dockerignore names does not count"
    write_tree(tmp_path / "docker", {"other.txt": "counts"})
    assert opened(settings, tmp_path).identity(target) != identity


def test_variables_options_the_network_and_a_library_left_alone(tmp_path: Path) -> None:
    source = own_backend(
        tmp_path / "source",
        "settings",
        """
        devices = sorted(os.listdir("/sys/class/net"))
        files["seen.txt"] = f'{os.environ["NAMED"]} {os.environ["FROM_OPTION"]} {os.getuid()} {devices}'
        command = "cc -shared -o x.so -Wl,--no-as-needed -lxml2 -x c /dev/null"
        subprocess.run(command.split(), check=True)
        files["x.so"] = pathlib.Path("x.so").read_bytes()
        """,
    )
    options = ("-e", "FROM_OPTION=2", "--user", "1234:1234", "--add-host", "index.example:127.0.0.1")
    settings = xml_settings(tmp_path, environment=("NAMED", "NOT_SET"), run_options=options, network=True, graft=False)
    wheel = built(opened(settings, tmp_path, NAMED="1"), source, target_of("python3.13"), "settings")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("seen.txt").decode() == "1 2 1234 ['eth0', 'lo']"
    assert foreign_libraries(wheel, target_of("python3.13")) == ("libxml2.so.2",)


def test_without_any_setting_there_is_no_network(tmp_path: Path) -> None:
    source = own_backend(tmp_path / "source", "alone", 'files["seen.txt"] = str(sorted(os.listdir("/sys/class/net")))')
    wheel = built(opened(ImageSettings(image=base_image()), tmp_path), source, target_of("python3.13"), "alone")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("seen.txt").decode() == "['lo']"


def test_a_build_that_fails_shows_the_tail_of_its_log(tmp_path: Path) -> None:
    source = own_backend(tmp_path / "source", "broken", 'sys.exit("this cannot be built")')
    builder = opened(ImageSettings(image=base_image()), tmp_path)
    with pytest.raises(SlspackError) as failure:
        built(builder, source, target_of("python3.13"), "broken")
    (finding,) = failure.value.findings
    assert finding.code.id == "SLS0510"
    assert "this cannot be built" in (tmp_path / "broken.log").read_text("utf-8")
    assert finding.message.startswith(
        "building `broken 1.0` for python3.13 x86_64 (docker) failed: pip could not build"
    )
    assert "this cannot be built" in finding.message
    assert containers() == []


def test_an_image_of_another_python_or_without_one(tmp_path: Path) -> None:
    source = c_source(tmp_path / "source")
    with pytest.raises(SlspackError, match=r"does not fit python3\.12 x86_64: it holds no Python") as failure:
        built(opened(ImageSettings(image=base_image()), tmp_path), source, target_of("python3.12"), "cext")
    assert failure.value.exit_status == 2
    write_tree(tmp_path, {"Dockerfile": f"FROM {base_image()}\nRUN ln -s $(which python3.11) /usr/local/bin/python3\n"})
    with pytest.raises(SlspackError, match=r"does not fit python3\.12 x86_64: its Python is 3\.11"):
        built(opened(ImageSettings(file="Dockerfile"), tmp_path), source, target_of("python3.12"), "cext")
    assert containers() == []


def test_an_old_pip_is_replaced_by_the_wheel_that_was_brought_in(tmp_path: Path) -> None:
    remove = "import pip, shutil; shutil.rmtree(pip.__path__[0])"
    write_tree(tmp_path, {"Dockerfile": f'FROM {base_image()}\nRUN python3.13 -c "{remove}"\n'})
    source = own_backend(tmp_path / "source", "pipless", 'files["pipless.py"] = "def answer(): return 42"')
    wheel = built(opened(ImageSettings(file="Dockerfile"), tmp_path), source, target_of("python3.13"), "pipless")
    assert answer_here(unpacked(wheel), "3.13", "pipless") == "42"


def test_a_dockerfile_that_fails_shows_its_steps(tmp_path: Path) -> None:
    write_tree(tmp_path, {"Dockerfile": f"FROM {base_image()}\nRUN echo so far so good && exit 7\n"})
    source = c_source(tmp_path / "source")
    builder = opened(ImageSettings(file="Dockerfile"), tmp_path)
    with pytest.raises(SlspackError, match="so far so good") as failure:
        built(builder, source, target_of("python3.13"), "cext")
    assert failure.value.findings[0].code.id == "SLS0534"


def test_extra_files_that_are_not_there(tmp_path: Path) -> None:
    settings = ImageSettings(image=base_image(), extra_files=("/no/such.so", "/usr", "/bin/sh", "/usr/bin/sh"))
    with pytest.raises(SlspackError) as failure:
        opened(settings, tmp_path).extra_files(target_of("python3.13"), tmp_path)
    messages = [finding.message for finding in failure.value.findings]
    assert messages == [
        "extra file `/no/such.so` is not in the image",
        "extra file `/usr` is a folder of the image, not a file",
        "extra file `/usr/bin/sh` has the name of another, `sh`",
    ]


def test_a_daemon_answers(tmp_path: Path) -> None:
    assert daemon_answers({})
    assert not daemon_answers({"DOCKER_HOST": f"unix://{tmp_path / 'nobody.sock'}"})
