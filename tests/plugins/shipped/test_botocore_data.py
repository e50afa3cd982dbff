"""`botocore-data` on whole services, with a small botocore that reads its models as the real one does."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.lambda_host import HandlerError, invoke
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.bench import Result

KNOWN = ("dynamodb", "ec2", "s3", "sagemaker-runtime", "signin", "sqs", "sso", "sso-oidc", "sts")
ALWAYS = {"signin", "sso", "sso-oidc", "sts"}
BOTO3 = """\
import pathlib
import botocore

def client(service_name):
    return (pathlib.Path(botocore.__file__).parent / "data" / service_name / "2020-01-01/service-2.json").read_text()

class Session:
    client = staticmethod(client)
"""
HANDLER = """\
import boto3

def handler(event, context):
    return boto3.client("s3")
"""
OPEN = """\
import boto3

def handler(event, context):
    return boto3.client(event["service"])
"""
WITH_PLUGIN = "runtime: python3.13\nplugins: [botocore-data]\nfunctions:\n  f:\n    handler: app.handler\n"
OPTIONS = WITH_PLUGIN.replace("[botocore-data]", "[{use: botocore-data, options: {services: %s}}]")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service that the plugin is named in, and an index with wheels of boto3 and botocore."""
    with package_index(tmp_path / "index") as index:
        models = {f"botocore/data/{name}/2020-01-01/service-2.json": f'"{name}"' for name in KNOWN}
        everybody = {f"botocore/data/{name}.json": "{}" for name in ("endpoints", "partitions", "_retry")}
        make_wheel(index.folder, "botocore", files={"botocore/__init__.py": "", **models, **everybody})
        resources = {f"boto3/data/{name}/2020-01-01/resources-1.json": "{}" for name in ("ec2", "s3")}
        make_wheel(index.folder, "boto3", files={"boto3/__init__.py": BOTO3, **resources}, requires=["botocore"])
        bench = Bench(tmp_path / "service", tmp_path / "store", index)
        bench.write({"slspack.yml": WITH_PLUGIN, "requirements.txt": "boto3\n", "app.py": HANDLER})
        yield bench


def services_in(bench: Bench, folder: str = "botocore/data", name: str = "f") -> set[str]:
    """The services whose models are in the artifact."""
    parts = [one.removeprefix(f"{folder}/").split("/") for one in bench.names_in(name) if one.startswith(f"{folder}/")]
    return {part[0] for part in parts if len(part) > 1}


def warnings_of(result: Result) -> list[tuple[object, ...]]:
    """What the plugin said, with its places."""
    found = [one for one in result.manifest["warnings"] if one["code"] == "SLS0807"]
    return [(one["file"], one["line"], one["message"]) for one in found]


def test_only_what_is_named_stays_and_the_handler_works(bench: Bench) -> None:
    manifest = bench.build()
    assert services_in(bench) == {"s3"} | ALWAYS
    assert services_in(bench, "boto3/data") == {"s3"}
    everybodys = {f"botocore/data/{name}.json" for name in ("endpoints", "partitions", "_retry")}
    assert everybodys <= set(bench.names_in("f"))
    assert manifest["warnings"] == []
    models, resources, records = len(KNOWN) - 5, 1, 2
    assert manifest["functions"]["f"]["excluded"]["files"] == models + resources + records
    assert invoke(bench.artifact("f"), "app.handler", {}, Path(sys.executable)) == '"s3"'


def test_without_the_plugin_everything_is_there(bench: Bench) -> None:
    bench.write({"slspack.yml": WITH_PLUGIN.replace("plugins: [botocore-data]\n", "")})
    bench.build()
    assert services_in(bench) == set(KNOWN)


def test_a_call_that_is_added_to_a_module_brings_its_model(bench: Bench) -> None:
    bench.write({"app.py": "import other\nhandler = other.handler\n", "other.py": HANDLER})
    bench.build()
    assert services_in(bench) == {"s3"} | ALWAYS
    bench.write({"other.py": HANDLER.replace('"s3"', '"sqs"')})
    bench.build()
    assert services_in(bench) == {"sqs"} | ALWAYS
    updated = bench.artifact("f").read_bytes()
    assert bench.build()["functions"]["f"]["cached"]
    shutil.rmtree(bench.root / ".slspack")
    bench.build()
    assert bench.artifact("f").read_bytes() == updated


def test_a_name_at_run_time_keeps_everything_and_is_warned_of_in_every_build(bench: Bench) -> None:
    bench.write({"app.py": OPEN})
    first, second = bench.slspack("build", "--json"), bench.slspack("build", "--json")
    assert services_in(bench) == set(KNOWN)
    message = (
        'the models of all AWS services are packaged: which one `boto3.client(event["service"])` means shows only at '
        "run time"
    )
    assert warnings_of(first) == warnings_of(second) == [("app.py", 4, message)]
    shown = bench.slspack("build").err
    assert "app.py:4:12" in shown
    assert "name the services that it may be in the option `services` of the plugin `botocore-data`" in shown
    bench.write({"app.py": HANDLER})
    assert warnings_of(bench.slspack("build", "--json")) == []
    assert services_in(bench) == {"s3"} | ALWAYS


def test_the_option_says_what_a_name_at_run_time_may_be(bench: Bench) -> None:
    bench.write({"app.py": OPEN, "slspack.yml": OPTIONS % "[sqs, runtime.sagemaker]"})
    assert bench.build()["warnings"] == []
    assert services_in(bench) == {"sqs", "sagemaker-runtime"} | ALWAYS
    assert invoke(bench.artifact("f"), "app.handler", {"service": "sqs"}, Path(sys.executable)) == '"sqs"'
    with pytest.raises(HandlerError, match="ec2"):
        invoke(bench.artifact("f"), "app.handler", {"service": "ec2"}, Path(sys.executable))


def test_an_unknown_service_in_the_option_is_an_error(bench: Bench) -> None:
    bench.write({"slspack.yml": OPTIONS % "[dynamodbb]"})
    result = bench.slspack("build")
    assert result.status == 2
    assert "`services` of the plugin `botocore-data` has `dynamodbb`, which botocore does not know" in result.err
    assert "did you mean `dynamodb`?" in result.err


def test_distributions_of_the_function_name_services_too(bench: Bench) -> None:
    assert bench.index
    source = (
        "from boto3 import Session\ndef load(session=None):\n    return (session or Session()).client('dynamodb')\n"
    )
    make_wheel(bench.index.folder, "loader", files={"loader/__init__.py": source}, requires=["boto3"])
    unused = "import boto3\nboto3.client('ec2')\n"
    make_wheel(bench.index.folder, "unused", files={"unused/__init__.py": unused}, requires=["boto3"])
    functions = "  g:\n    handler: g.handler\n"
    bench.write(
        {
            "slspack.yml": WITH_PLUGIN + functions,
            "requirements.txt": "boto3\nloader\nunused\n",
            "app.py": "import loader\ndef handler(event, context):\n    return loader.load()\n",
            "g.py": "import unused\ndef handler(event, context):\n    return 1\n",
        }
    )
    bench.build()
    assert services_in(bench) == {"dynamodb"} | ALWAYS
    assert services_in(bench, name="g") == {"ec2"} | ALWAYS
    assert invoke(bench.artifact("f"), "app.handler", {}, Path(sys.executable)) == '"dynamodb"'


def test_a_distribution_that_names_a_service_at_run_time_is_named(bench: Bench) -> None:
    assert bench.index
    source = "import boto3\nclass Loader:\n    def load(self, name):\n        return boto3.client(name)\n"
    make_wheel(bench.index.folder, "loader", files={"loader/__init__.py": source}, requires=["boto3"])
    bench.write({"requirements.txt": "boto3\nloader\n", "app.py": "import loader\n" + HANDLER})
    [(file, line, message)] = warnings_of(bench.slspack("build", "--json"))
    assert (file, line) == ("loader/__init__.py", 4)
    assert "which one `boto3.client(name)` in `loader` means" in str(message)
    assert services_in(bench) == set(KNOWN)


def test_sources_that_a_pattern_adds_count(bench: Bench) -> None:
    bench.write(
        {
            "slspack.yml": WITH_PLUGIN + "    patterns: ['jobs/**']\n",
            "jobs/one.py": "import boto3\ndef run():\n    return boto3.client('ec2')\n",
        }
    )
    bench.build()
    assert services_in(bench) == {"ec2", "s3"} | ALWAYS


def test_functions_of_one_artifact_have_the_services_of_all(bench: Bench) -> None:
    config = WITH_PLUGIN.replace("functions:", "service: shop\nindividually: false\nfunctions:")
    bench.write({"slspack.yml": config + "  g:\n    handler: g.handler\n", "g.py": HANDLER.replace("s3", "sqs")})
    bench.build()
    assert services_in(bench, name="shop") == {"s3", "sqs"} | ALWAYS


def test_a_location_is_a_path_of_the_service_and_not_of_the_artifact(bench: Bench) -> None:
    bench.write({"slspack.yml": WITH_PLUGIN.replace("plugins", "sourceRoots: [src]\nplugins"), "src/app.py": OPEN})
    (bench.root / "app.py").unlink()
    assert [one[:2] for one in warnings_of(bench.slspack("build", "--json"))] == [("src/app.py", 4)]


def test_a_layer_has_the_services_of_all_its_users(bench: Bench) -> None:
    config = WITH_PLUGIN + "  g:\n    handler: g.handler\nlayers:\n  sdk: {distributions: [boto3]}\n"
    bench.write({"slspack.yml": config, "g.py": "import other\nhandler = other.handler\n", "other.py": HANDLER})
    bench.build()
    assert services_in(bench) == set()
    assert services_in(bench, "python/botocore/data", "layers/sdk") == {"s3"} | ALWAYS
    bench.write({"other.py": HANDLER.replace("s3", "ec2")})
    bench.build()
    assert services_in(bench, "python/botocore/data", "layers/sdk") == {"ec2", "s3"} | ALWAYS
    assert services_in(bench, "python/boto3/data", "layers/sdk") == {"ec2", "s3"}
    bench.write({"other.py": OPEN})
    assert [one[:2] for one in warnings_of(bench.slspack("build", "--json"))] == [("other.py", 4)]
    assert services_in(bench, "python/botocore/data", "layers/sdk") == set(KNOWN)


def test_explain_says_that_a_model_is_left_out(bench: Bench) -> None:
    kept = bench.slspack("explain", "f", "botocore/data/s3/2020-01-01/service-2.json")
    assert kept.out.endswith("botocore holds botocore/data/s3/2020-01-01/service-2.json\n")
    pruned = bench.slspack("explain", "f", "botocore/data/ec2/2020-01-01/service-2.json")
    assert pruned.out.endswith("a plugin leaves it out; `slspack plugins` lists them\n")
