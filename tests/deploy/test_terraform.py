"""`slspack hook terraform`: the protocol of the data source `external`, and the module that uses it."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import hcl2
import pytest

from slspack.deploy.terraform import read_query
from slspack.errors import ConfigError
from tests.support.bench import REPOSITORY, Bench, Result
from tests.support.example_services import copy_example
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

HANDLER = "def handler(event, context): ...\n"
MODULE = REPOSITORY / "deploy/terraform"
EXAMPLE = REPOSITORY / "examples/terraform-invoices/infrastructure"


@pytest.fixture
def service(bench: Bench) -> Bench:
    functions = "  a: a.handler\n  b: {handler: b.handler, architecture: arm64}\n"
    bench.write({"slspack.yml": f"runtime: python3.13\nfunctions:\n{functions}", "a.py": HANDLER, "b.py": HANDLER})
    return bench


def ask(service: Bench, query: object, folder: Path | None = None) -> Result:
    """Run the hook as Terraform does, in a folder beside the service."""
    working = folder or service.root.parent
    done = subprocess.run(
        [sys.executable, "-m", "slspack", "hook", "terraform"],
        cwd=working,
        env=service.variables | {"PYTHONPATH": str(REPOSITORY)},
        input=query if isinstance(query, str) else json.dumps(query),
        capture_output=True,
        text=True,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def digest(path: Path) -> str:
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def test_all_functions_are_answered_as_one_flat_object_of_strings(service: Bench) -> None:
    result = ask(service, {"folder": "service"})
    assert result.status == 0, result.err
    assert json.loads(result.out) == {
        "a.filename": "service/.slspack/dist/a.zip",
        "a.source_code_hash": digest(service.artifact("a")),
        "a.handler": "a.handler",
        "a.runtime": "python3.13",
        "a.architecture": "x86_64",
        "b.filename": "service/.slspack/dist/b.zip",
        "b.source_code_hash": digest(service.artifact("b")),
        "b.handler": "b.handler",
        "b.runtime": "python3.13",
        "b.architecture": "arm64",
        "functions": "a,b",
    }
    assert ask(service, {"folder": "service"}).out == result.out


def test_one_function_is_answered_without_its_name(service: Bench) -> None:
    result = ask(service, {"folder": "service", "function": "b", "out": "elsewhere", "config": "", "stage": ""})
    assert result.status == 0, result.err
    answer = json.loads(result.out)
    assert answer["filename"] == "elsewhere/b.zip"
    assert answer["source_code_hash"] == digest(service.root.parent / "elsewhere/b.zip")


def test_functions_are_whole_whatever_layers_there_are(bench: Bench, tmp_path: Path) -> None:
    with package_index(tmp_path / "index") as index:
        make_wheel(index.folder, "flasky", files={"flasky/__init__.py": ""})
        service = Bench(bench.root, bench.store, index)
        service.write({"slspack.yml": "runtime: python3.13\nlayer: true\nfunctions: {a: a.handler}\n"})
        service.write({"a.py": f"import flasky\n{HANDLER}", "requirements.txt": "flasky\n"})
        assert service.build()["functions"]["a"]["layers"] == ["pythonRequirements"]
        assert ask(service, {"folder": "service"}).status == 0
        assert "flasky/__init__.py" in service.names_in("a")
        assert service.build()["functions"]["a"]["layers"] == ["pythonRequirements"]
        assert "flasky/__init__.py" not in service.names_in("a")


def test_params_and_stage_reach_the_configuration(service: Bench) -> None:
    provider, functions = "{name: aws, runtime: '${param:version}'}", "{a: {handler: '${sls:stage}.handler'}}"
    service.write({"serverless.yml": f"service: s\nprovider: {provider}\nfunctions: {functions}\n"})
    query = {"folder": "service", "params": '{"version": "python3.12"}', "stage": "b"}
    answer = json.loads(ask(service, query).out)
    assert (answer["a.runtime"], answer["a.handler"]) == ("python3.12", "b.handler")


def test_a_build_that_fails_is_one_error_and_leaves_the_artifacts(service: Bench) -> None:
    assert ask(service, {"folder": "service"}).status == 0
    before = service.artifact("a").read_bytes()
    service.write({"a.py": f"import nowhere\n{HANDLER}"})
    result = ask(service, {"folder": "service"})
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("error[SLS0401]: ")
    assert service.artifact("a").read_bytes() == before


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{", "the query on standard input is not JSON: "),
        ("[]", "the query on standard input is not an object of strings"),
        ('{"folder": 1}', "the query on standard input is not an object of strings"),
        ('{"functions": "a"}', "the query has `functions`, which `slspack hook terraform` does not know"),
        ('{"params": "a=b"}', "`params` in the query is not a JSON object: write `params = jsonencode({…})`"),
    ],
)
def test_a_query_that_cannot_be_read_is_told(query: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_query(query)
    (finding,) = caught.value.findings
    assert finding.code.id == "SLS0131"
    assert finding.message.startswith(message)
    assert finding.hint == "it takes `config`, `folder`, `function`, `out`, `params` and `stage`"


def test_the_module_asks_and_reads_what_the_hook_knows(service: Bench) -> None:
    """Terraform itself would have to fetch its providers; what can be held without it is that names agree."""
    main = hcl2.loads((MODULE / "main.tf").read_text("utf-8"))
    (data,) = main["data"]
    (build,) = (inner for kind in data.values() for inner in kind.values())
    query = {str(name).strip('"'): "" for name in build["query"] if not str(name).startswith("__")}
    assert set(query) == {"folder", "config", "stage", "params"}
    assert read_query(json.dumps(query)).function is None
    outputs = (MODULE / "outputs.tf").read_text("utf-8")
    keys = {key.partition(".")[2] for key in json.loads(ask(service, {"folder": "service"}).out) if "." in key}
    for key in keys:
        assert f"{key} " in outputs
        assert f'local.result["${{name}}.{key}"]' in outputs


@pytest.mark.parametrize("path", sorted([*MODULE.glob("*.tf"), *EXAMPLE.glob("*.tf")]), ids=lambda path: path.name)
def test_every_file_is_hcl(path: Path) -> None:
    assert hcl2.loads(path.read_text("utf-8"))


def test_the_example_builds(service: Bench, tmp_path: Path) -> None:
    root = copy_example("terraform-invoices", tmp_path / "invoices")
    answer = json.loads(ask(service, {"folder": ".."}, root / "infrastructure").out)
    assert answer["total.filename"] == "../.slspack/dist/total.zip"
    assert answer["functions"] == "total,check"
