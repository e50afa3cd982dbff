"""Reads how wheels are built: slspack's own settings, and those of serverless-python-requirements."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from packaging.utils import InvalidName, canonicalize_name

from slspack.codes import Code
from slspack.config.nodes import Leaf, Table
from slspack.config.places import Place
from slspack.config.settings import check_keys, setting
from slspack.model import BuilderChoice, BuilderRule, BuildSettings, DistName, ImageSettings

if TYPE_CHECKING:
    from slspack.config.value import Value
    from slspack.tree import ServiceTree

_NON_LINUX = "non-linux"


def read_build(
    settings: Value | None, tree: ServiceTree, python_requirements: Value | None = None, platform: str = sys.platform
) -> BuildSettings:
    """What `settings` say; where they say nothing, what `custom.pythonRequirements` does.

    `platform` is this machine's, which `dockerizePip: non-linux` asks for.
    """
    inherited = _inherited(python_requirements, platform)
    chosen = setting(settings, "builder")
    image = _image(setting(settings, "docker"), inherited.image)
    _check_image(image, setting(settings, "docker") or python_requirements, tree)
    return BuildSettings(
        builder=(chosen.choice(BuilderChoice) if chosen else None) or inherited.builder,
        rules=_rules(setting(settings, "builders")),
        image=image,
    )


def _rules(value: Value | None) -> tuple[BuilderRule, ...]:
    rules: dict[DistName, BuilderRule] = {}
    for key, at, item in value.pairs() if value else ():
        choice = item.choice(BuilderChoice)
        try:
            name = DistName(canonicalize_name(key, validate=True))
        except InvalidName:
            item.error(Code.BAD_VALUE, f"`{item.path}`: `{key}` is not the name of a distribution")
            continue
        if choice is not None:
            rules[name] = BuilderRule(name, choice, at)
    return tuple(rules[name] for name in sorted(rules))


def _image(value: Value | None, base: ImageSettings) -> ImageSettings:
    if value is None:
        return base
    if not isinstance(value.node, Table):
        value.wrong("a map")
        return base
    check_keys(value, Place.DOCKER)

    def given(name: str) -> Value | None:
        return setting(value, name, Place.DOCKER)

    image, file, key = given("image"), given("file"), given("privateKey")
    named = {
        "image": image.text() if image else None,
        "file": file.text() if file else None,
        "private_key": key.text() if key else None,
    }
    if image or file:
        base = replace(base, image=None, file=None)
    flags = {
        field: flag
        for field, name in (("network", "network"), ("ssh", "ssh"), ("graft", "graft"))
        if (found := given(name)) is not None and (flag := found.flag()) is not None
    }
    lists = {
        field: found.texts()
        for field, name in (
            ("environment", "env"),
            ("extra_files", "extraFiles"),
            ("build_options", "buildOptions"),
            ("run_options", "runOptions"),
        )
        if (found := given(name)) is not None
    }
    arguments = given("buildArgs")
    return replace(
        base,
        image=named["image"] or base.image,
        file=named["file"] or base.file,
        private_key=named["private_key"] or base.private_key,
        build_arguments=_arguments(arguments) if arguments else base.build_arguments,
        environment=lists.get("environment", base.environment),
        extra_files=lists.get("extra_files", base.extra_files),
        build_options=lists.get("build_options", base.build_options),
        run_options=lists.get("run_options", base.run_options),
        network=flags.get("network", base.network),
        ssh=flags.get("ssh", base.ssh),
        graft=flags.get("graft", base.graft),
    )


def _arguments(value: Value) -> tuple[tuple[str, str], ...]:
    """A map, in which numbers and booleans are meant as the texts that they are for `docker build`."""
    found: list[tuple[str, str]] = []
    for key, _, item in value.pairs():
        node = item.node
        if isinstance(node, Leaf) and isinstance(node.value, str | int | float):
            found.append((key, str(node.value).lower() if isinstance(node.value, bool) else str(node.value)))
        else:
            item.wrong("a string")
    return tuple(sorted(found))


def _inherited(options: Value | None, platform: str) -> BuildSettings:
    """serverless-python-requirements' options. `dockerizePip` set to false means here: not by Docker."""
    if options is None or not isinstance(options.node, Table):
        return BuildSettings()
    ssh, key = options.peek("dockerSsh"), options.peek("dockerPrivateKey")
    image, file = options.peek("dockerImage"), options.peek("dockerFile")
    use_ssh = bool(ssh and ssh.flag()) or key is not None
    return BuildSettings(
        builder=_dockerized(options.peek("dockerizePip"), platform),
        image=ImageSettings(
            image=image.text() if image else None,
            file=file.text() if file else None,
            environment=_texts(options, "dockerEnv"),
            network=use_ssh,
            ssh=use_ssh,
            private_key=key.text() if key else None,
            extra_files=_texts(options, "dockerExtraFiles"),
            build_options=_texts(options, "dockerBuildCmdExtraArgs"),
            run_options=_texts(options, "dockerRunCmdExtraArgs"),
        ),
    )


def _dockerized(value: Value | None, platform: str) -> BuilderChoice:
    """`true`: by Docker; `non-linux`: by Docker on a machine that is not Linux; else whoever can."""
    if value is None:
        return BuilderChoice.AUTO
    if isinstance(value.node, Leaf) and value.node.value == _NON_LINUX:
        return BuilderChoice.AUTO if platform == "linux" else BuilderChoice.DOCKER
    if (
        isinstance(value.node, Leaf)
        and isinstance(value.node.value, str)
        and value.node.value.lower() not in ("true", "false")
    ):
        value.error(Code.BAD_VALUE, f"`{value.path}` must be `true`, `false` or `non-linux`, not `{value.node.value}`")
        return BuilderChoice.AUTO
    return BuilderChoice.DOCKER if value.flag() else BuilderChoice.AUTO


def _texts(options: Value, name: str) -> tuple[str, ...]:
    found = options.peek(name)
    return found.texts() if found else ()


def _check_image(image: ImageSettings, value: Value | None, tree: ServiceTree) -> None:
    """What would only come out when the first build begins."""
    if value is None:
        return
    if image.image and image.file:
        message = f"an image (`{image.image}`) and a Dockerfile (`{image.file}`) are both named"
        value.error(Code.BAD_VALUE, message, "keep one of them: the Dockerfile's `FROM` names an image, too")
    if image.file and not (tree.root / image.file).is_file():
        value.error(Code.BAD_VALUE, f"there is no Dockerfile `{image.file}`", "the path is relative to the service")
    key = image.private_key
    if key and not (PurePosixPath(key).is_absolute() or Path(key).is_absolute()):
        value.error(
            Code.BAD_VALUE, f"the private key `{key}` is not an absolute path", "write it whole: `/home/me/.ssh/id_rsa`"
        )
    elif key and not Path(key).is_file():
        value.error(Code.BAD_VALUE, f"there is no private key `{key}`")
    relative = [path for path in image.extra_files if not PurePosixPath(path).is_absolute()]
    if relative:
        value.error(
            Code.BAD_VALUE,
            f"`{relative[0]}` is not an absolute path in the image",
            "name shared libraries as the image has them: `/usr/lib64/libpq.so.5`",
        )
