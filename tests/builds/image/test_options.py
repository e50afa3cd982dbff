"""Options of Docker's command line: what is passed on, and what is refused with what to use instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from slspack.builds.image.options import ImageOptions, RunOptions, image_options, run_options
from slspack.errors import ConfigError

ROOT = Path("/service")


def test_what_can_be_passed_on_to_a_container(tmp_path: Path) -> None:
    (tmp_path / "variables.env").write_text("# a comment\nFILED=yes\n\nBARE\n", "utf-8")
    written = [
        *("-e", "ONE=1", "--env=TWO=2=3", "-eTHREE=3", "-e", "HERE", "-e", "NOT_HERE", "--env-file", "variables.env"),
        *("-v", "/data:/mnt", "--volume", "./cache:/cache:rw", "-v", "named:/v:ro,z"),
        *("--network", "host", "-u", "1000:1000", "--add-host=index.example:10.0.0.1", "--dns", "10.0.0.2"),
        *("--cap-add", "SYS_PTRACE", "--cap-drop=ALL", "--security-opt", "seccomp=unconfined", "-m", "2g"),
        *("--shm-size=64m", "--cpus", "1.5", "--privileged", "--rm", "-it"),
    ]
    assert run_options(written, tmp_path, {"HERE": "local"}) == RunOptions(
        environment=(("ONE", "1"), ("TWO", "2=3"), ("THREE", "3"), ("HERE", "local"), ("FILED", "yes")),
        volumes=("/data:/mnt:ro", f"{tmp_path}/cache:/cache:rw", "named:/v:ro,z"),
        network="host",
        user="1000:1000",
        hosts=(("index.example", "10.0.0.1"),),
        dns=("10.0.0.2",),
        capabilities=("SYS_PTRACE",),
        dropped_capabilities=("ALL",),
        security=("seccomp=unconfined",),
        memory="2g",
        shared_memory="64m",
        cpus=1.5,
        privileged=True,
    )


def test_what_can_be_passed_on_to_a_build() -> None:
    written = [
        *("--build-arg", "A=1", "--build-arg=B", "--build-arg C=3", "--target", "build", "--no-cache", "--pull"),
        *("--network=host", "--label", "k=v", "--cache-from", "image.example/base", "--platform", "linux/amd64"),
    ]
    assert image_options(written, [("FIRST", "0")], {"B": "2"}) == ImageOptions(
        arguments=(("FIRST", "0"), ("A", "1"), ("B", "2"), ("C", "3")),
        stage="build",
        network="host",
        platform="linux/amd64",
        labels=(("k", "v"),),
        cache_from=("image.example/base",),
        cache=False,
        pull=True,
    )


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        (["--mount", "type=bind,src=/a,dst=/b"], "`--mount` cannot be passed on", "use `--volume SOURCE:TARGET`"),
        (["--entrypoint=sh"], "`--entrypoint=sh` cannot be passed on", "runs steps of its own"),
        (["--name", "x"], "`--name` cannot be passed on", "names its containers itself"),
        (["--gpus", "all"], "`--gpus` cannot be passed on", "build-images.md"),
        (["-v"], "`-v` has no value", "build-images.md"),
        (["-v", "relative"], "`--volume relative` is not of the form SOURCE:TARGET[:MODE]", "build-images.md"),
        (["--cpus", "many"], "`--cpus many` is no number", "build-images.md"),
        (["--add-host", "nothing"], "`--add-host nothing` lacks `:`", "build-images.md"),
        (["--env-file", "no.env"], "`--env-file no.env` cannot be read: No such file or directory", "build-images.md"),
    ],
)
def test_what_cannot_is_refused(written: list[str], message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as failure:
        run_options(written, ROOT, {})
    (finding,) = failure.value.findings
    assert finding.code.id == "SLS0536"
    assert finding.message.startswith(f"dockerRunCmdExtraArgs: {message}")
    assert hint in str(finding.hint)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as failure:
        image_options(["--secret", "id=x", "-t", "mine", "--ssh=default", "--no-cache"], [], {})
    messages = [finding.message for finding in failure.value.findings]
    assert messages == [
        f"dockerBuildCmdExtraArgs: `{name}` cannot be passed on to the Docker daemon"
        for name in ("--secret", "-t", "--ssh=default")
    ]
    assert "classic builder" in str(failure.value.findings[0].hint)
