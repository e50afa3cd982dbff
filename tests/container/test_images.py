"""Container images made by a real daemon, and run."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from slspack.builds.image.daemon import NotThereError, open_daemon
from slspack.builds.image.endpoint import find_endpoint
from slspack.container.image import image_archive, image_config
from slspack.container.layers import LayerFile
from slspack.keys import digest_file
from tests.support.bench import Bench
from tests.support.docker_host import base_image, docker
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from slspack.report.records import FunctionRecord, ImageRecord

pytestmark = pytest.mark.docker

BASE = "slspack-test-lambda:1"
NO_DAEMON = {"DOCKER_HOST": "unix:///nowhere.sock"}
_BOOTSTRAP = """\
import importlib, json, os, sys
root = os.environ["LAMBDA_TASK_ROOT"]
sys.path.insert(0, root)
module, _, name = sys.argv[1].rpartition(".")
print(json.dumps(getattr(importlib.import_module(module.replace("/", ".")), name)({"n": 20}, None)))
"""
_HANDLER = (
    "import helper\nimport sums\n\n\ndef handler(event, context):\n    return sums.add(event['n'], helper.MORE)\n"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What AWS's base images are to a function: a Python, a task root, and what calls the handler that CMD names."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "bootstrap.py").write_text(_BOOTSTRAP, "utf-8")
    (folder / "Dockerfile").write_text(
        f"FROM {base_image()}\nENV LAMBDA_TASK_ROOT=/var/task\nWORKDIR /var/task\nCOPY bootstrap.py /\n"
        'ENTRYPOINT ["python3.13", "/bootstrap.py"]\n',
        "utf-8",
    )
    docker("build", "--quiet", "--tag", BASE, str(folder))
    return BASE


@pytest.fixture
def bench(tmp_path: Path, base: str) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        made = Bench(tmp_path / "service", tmp_path / "store", index)
        make_wheel(
            index.folder,
            "sums",
            "1.0",
            {"sums/__init__.py": "def add(a, b):\n    return a + b\n", "sums/x.txt": "x" * 99},
        )
        made.write(
            {
                "slspack.yml": (
                    f"service: shop\nruntime: python3.13\nfunctions: {{api: app.handler}}\n"
                    f"package: {{type: image, base: '{base}'}}\n"
                ),
                "requirements.txt": "sums==1.0\n",
                "app.py": _HANDLER,
                "helper.py": "MORE = 22\n",
            }
        )
        yield made


def built(bench: Bench) -> tuple[FunctionRecord, ImageRecord]:
    record = bench.build()["functions"]["api"]
    assert record["image"]
    return record, record["image"]


def test_the_image_runs_and_an_edit_renews_the_upper_layer_alone(bench: Bench) -> None:
    record, image = built(bench)
    assert image["reference"] == "shop-api:dev"
    assert record["artifact"] == ".slspack/dist/api.image.json"
    assert json.loads((bench.root / record["artifact"]).read_bytes())["digest"] == image["digest"]
    assert docker("run", "--rm", "--network", "none", image["digest"]) == "42"
    assert docker("image", "inspect", "--format", "{{.Id}}", "shop-api:dev") == image["digest"]
    known = json.loads(docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", "shop-api:dev"))
    assert known[-2:] == [layer["digest"] for layer in image["layers"]]
    assert known[:-2] == json.loads(docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", BASE))

    bench.write({"helper.py": "MORE = 23\n"})
    _, edited = built(bench)
    assert docker("run", "--rm", "--network", "none", "shop-api:dev") == "43"
    assert edited["layers"][0] == image["layers"][0]
    assert edited["layers"][1]["digest"] != image["layers"][1]["digest"]
    assert edited["layers"][1]["bytes"] < 20_000


def test_two_builds_give_the_same_image_and_one_without_changes_needs_no_daemon(bench: Bench) -> None:
    _, image = built(bench)
    docker("rmi", "--force", "shop-api:dev")
    shutil.rmtree(bench.root / ".slspack")
    shutil.rmtree(bench.store)
    (bench.root / "helper.py").touch()
    record, again = built(bench)
    assert again == image
    assert not record["cached"]
    done = bench.slspack("build", "--json", **NO_DAEMON)
    assert done.status == 0, done.err
    assert done.manifest["functions"]["api"] == {**record, "cached": True}
    assert f"shop-api:dev  {image['digest']}" in bench.slspack("build", **NO_DAEMON).err
    (bench.root / ".slspack" / "state.db").unlink()
    bench.build()
    assert bench.slspack("build", **NO_DAEMON).status == 0


def test_settings_that_change_the_image_make_it_anew(bench: Bench) -> None:
    _, image = built(bench)
    text = (bench.root / "slspack.yml").read_text("utf-8")
    bench.write({"slspack.yml": text.replace("app.handler", "app.other"), "app.py": f"{_HANDLER}\n\nother = handler\n"})
    _, other = built(bench)
    assert other["digest"] != image["digest"]
    assert docker("image", "inspect", "--format", "{{json .Config.Cmd}}", other["digest"]) == '["app.other"]'
    bench.write({"slspack.yml": text.replace("type: image", "type: image, name: team/api")})
    assert built(bench)[1]["reference"] == "team/api:dev"


def test_no_daemon(bench: Bench) -> None:
    done = bench.slspack("build", **NO_DAEMON)
    assert done.status == 3
    assert "error[SLS0530]: no Docker daemon answers" in done.err
    assert not (bench.root / ".slspack/dist/api.image.json").exists()


def test_a_base_of_another_architecture(bench: Bench, base: str) -> None:
    text = (bench.root / "slspack.yml").read_text("utf-8")
    bench.write({"slspack.yml": f"{text}architecture: arm64\n"})
    done = bench.slspack("build")
    assert done.status == 2
    assert f"error[SLS0535]: the base `{base}` is for amd64, and `api` runs on arm64" in done.err


def test_a_base_without_an_entry_point_gets_the_client_that_is_packaged(bench: Bench) -> None:
    text = (bench.root / "slspack.yml").read_text("utf-8").replace(BASE, base_image())
    bench.write({"slspack.yml": text})
    refused = bench.slspack("build")
    assert refused.status == 1
    assert "error[SLS0715]: nothing in the image of `api` would call its handler" in refused.err
    assert "`includeDistributions: [awslambdaric]`" in refused.err
    assert bench.index
    make_wheel(
        bench.index.folder,
        "awslambdaric",
        "3.0",
        {"awslambdaric/__init__.py": "", "awslambdaric/__main__.py": _BOOTSTRAP},
    )
    bench.write(
        {
            "requirements.txt": "sums==1.0\nawslambdaric==3.0\n",
            "slspack.yml": f"{text}includeDistributions: [awslambdaric]\n",
        }
    )
    _, image = built(bench)
    assert docker("run", "--rm", "--network", "none", image["digest"]) == "42"


def test_a_daemon_that_wants_every_layer_gets_them(base: str, tmp_path: Path) -> None:
    daemon = open_daemon(find_endpoint({}))
    own = tmp_path / "code.tar"
    own.write_bytes(bytes(10240))
    layer = LayerFile(own, f"sha256:{digest_file(own)}", 10240)
    facts = daemon.base(base)
    config = image_config(facts, facts.config, [layer.digest])
    with pytest.raises(NotThereError), image_archive(config, len(facts.layers) + 1, [layer], "shop-x:dev") as archive:
        daemon.load(archive.finished())
    below = daemon.layers(base, tmp_path)
    assert [f"sha256:{digest_file(path)}" for path in below] == list(facts.layers)
    with image_archive(config, len(below), [layer], "shop-x:dev", below) as archive:
        daemon.load(archive.finished())
    assert docker("image", "inspect", "--format", "{{.Id}}", "shop-x:dev").startswith("sha256:")
