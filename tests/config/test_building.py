"""How a configuration says who builds wheels, and in which image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.config import load_service
from slspack.config.building import read_build
from slspack.config.documents.yaml_text import read_yaml
from slspack.config.findings import Findings
from slspack.config.value import Value
from slspack.errors import ConfigError
from slspack.model import BuilderChoice, BuilderRule, BuildSettings, ImageSettings, dist_name
from slspack.options import LoadOptions
from slspack.tree import ServiceTree

if TYPE_CHECKING:
    from pathlib import Path

OWN = "runtime: python3.13\nfunctions: {a: handler.handler}\n"
FRAMEWORK = """\
service: shop
provider: {name: aws, runtime: python3.13}
functions: {a: {handler: handler.handler}}
"""


def own(folder: Path, text: str) -> BuildSettings:
    (folder / "handler.py").write_text("def handler(event, context): ...\n")
    (folder / "slspack.yml").write_text(f"{OWN}{text}")
    return load_service(folder, LoadOptions(environment={})).build


def inherited(folder: Path, options: str, settings: str = "{}") -> BuildSettings:
    (folder / "handler.py").write_text("def handler(event, context): ...\n")
    text = f"{FRAMEWORK}custom:\n  slspack: {settings}\n  pythonRequirements: {options}\n"
    (folder / "serverless.yml").write_text(text)
    return load_service(folder, LoadOptions(environment={})).build


def said(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        own(folder, text)
    return [f"{finding.at}: {finding.message}" for finding in caught.value.findings]


def test_nothing_said(tmp_path: Path) -> None:
    assert own(tmp_path, "") == BuildSettings()


def test_builders(tmp_path: Path) -> None:
    settings = own(tmp_path, "builder: cross\nbuilders: {My_Lib: docker, other: none}\n")
    assert settings.builder is BuilderChoice.CROSS
    assert settings.choice_for(dist_name("my-lib")) is BuilderChoice.DOCKER
    assert settings.choice_for(dist_name("other")) is BuilderChoice.NONE
    assert settings.choice_for(dist_name("third")) is BuilderChoice.CROSS
    assert [type(rule) for rule in settings.rules] == [BuilderRule, BuilderRule]


def test_the_image(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    key = tmp_path / "key"
    key.write_text("")
    text = (
        "docker:\n  file: Dockerfile\n  build-args: {VERSION: 3, FAST: true, NAME: x}\n  env: [https_proxy]\n"
        f"  network: true\n  ssh: true\n  privateKey: {key}\n  extraFiles: /usr/lib64/libpq.so.5\n  graft: false\n"
        "  buildOptions: [--no-cache]\n  runOptions: ['-v', '/a:/b']\n"
    )
    assert own(tmp_path, text).image == ImageSettings(
        file="Dockerfile",
        build_arguments=(("FAST", "true"), ("NAME", "x"), ("VERSION", "3")),
        environment=("https_proxy",),
        network=True,
        ssh=True,
        private_key=str(key),
        extra_files=("/usr/lib64/libpq.so.5",),
        build_options=("--no-cache",),
        run_options=("-v", "/a:/b"),
        graft=False,
    )


def test_the_options_of_serverless_python_requirements(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("")
    options = (
        "{dockerizePip: true, dockerImage: 'mine:1', dockerSsh: true, "
        f"dockerPrivateKey: {key}, dockerEnv: [A], dockerExtraFiles: [/usr/lib64/x.so], "
        "dockerBuildCmdExtraArgs: ['--build-arg', 'A=1'], dockerRunCmdExtraArgs: ['-v', '/a:/b']}"
    )
    assert inherited(tmp_path, options) == BuildSettings(
        BuilderChoice.DOCKER,
        image=ImageSettings(
            image="mine:1",
            environment=("A",),
            network=True,
            ssh=True,
            private_key=str(key),
            extra_files=("/usr/lib64/x.so",),
            build_options=("--build-arg", "A=1"),
            run_options=("-v", "/a:/b"),
        ),
    )


def test_own_settings_come_first(tmp_path: Path) -> None:
    settings = inherited(
        tmp_path, "{dockerizePip: true, dockerImage: 'theirs:1'}", "{builder: auto, docker: {image: 'mine:1'}}"
    )
    assert (settings.builder, settings.image.image) == (BuilderChoice.AUTO, "mine:1")


@pytest.mark.parametrize(
    ("value", "platform", "choice"),
    [
        ("true", "linux", BuilderChoice.DOCKER),
        ("false", "darwin", BuilderChoice.AUTO),
        ("non-linux", "linux", BuilderChoice.AUTO),
        ("non-linux", "darwin", BuilderChoice.DOCKER),
        ("'true'", "linux", BuilderChoice.DOCKER),
    ],
)
def test_dockerize_pip(tmp_path: Path, value: str, platform: str, choice: BuilderChoice) -> None:
    findings = Findings()
    node = read_yaml(f"dockerizePip: {value}\n", "serverless.yml")
    options = Value(node, "custom.pythonRequirements", findings, lambda each: each)
    assert read_build(None, ServiceTree(tmp_path), options, platform).builder is choice


def test_what_cannot_be_is_said_before_anything_is_built(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    text = "docker:\n  image: a:1\n  file: Dockerfile\n  privateKey: keys/id\n  extraFiles: [lib.so]\n"
    assert said(tmp_path, text) == [
        "slspack.yml:4:3: an image (`a:1`) and a Dockerfile (`Dockerfile`) are both named",
        "slspack.yml:4:3: the private key `keys/id` is not an absolute path",
        "slspack.yml:4:3: `lib.so` is not an absolute path in the image",
    ]
    assert said(tmp_path, "docker: {file: Nothing, privateKey: /nowhere/key}\n") == [
        "slspack.yml:3:9: there is no Dockerfile `Nothing`",
        "slspack.yml:3:9: there is no private key `/nowhere/key`",
    ]
    assert said(tmp_path, "builder: dokcer\n") == [
        "slspack.yml:3:10: `builder` must be `auto`, `docker`, `cross`, `host` or `none`, not `dokcer`"
    ]
    assert said(tmp_path, "docker: {imgae: x}\n") == ["slspack.yml:3:10: `docker.imgae` is not a setting of slspack"]
    assert said(tmp_path, "builders: {a b: docker}\n") == [
        "slspack.yml:3:17: `builders.a b`: `a b` is not the name of a distribution"
    ]


def test_another_word_for_dockerize_pip(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        inherited(tmp_path, "{dockerizePip: linux}")
    (finding,) = caught.value.findings
    assert finding.message.endswith("must be `true`, `false` or `non-linux`, not `linux`")
