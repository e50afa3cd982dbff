"""`vendor` and `noDeploy`, as users of serverless-python-requirements have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.bench import Bench

SERVERLESS = """
service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true}
custom:
  pythonRequirements:
    vendor: libraries
    noDeploy: ['sdk[crt]>=1', Boto_Tools]
functions:
  api: {handler: app.handler}
  other: {handler: app.handler, vendor: others}
"""
APP = "import fast.core\nimport used\nimport sdk\n\n\ndef handler(event, context): ...\n"


@pytest.fixture
def shop(bench: Bench) -> Bench:
    assert bench.index
    for name, requires in {"used": [], "sdk": ["sdk-core"], "sdk-core": [], "boto-tools": []}.items():
        make_wheel(bench.index.folder, name, requires=requires)
    bench.write(
        {
            "serverless.yml": SERVERLESS,
            "requirements.txt": "used\nsdk\nboto-tools\n",
            "app.py": APP,
            "libraries/fast/__init__.py": "import nowhere\n",
            "libraries/fast/core.cpython-313-x86_64-linux-gnu.so": "",
            "libraries/fast/tests/data.json": "{}",
            "libraries/fast-1.0.dist-info/METADATA": "Name: fast\n",
            "libraries/fast/__pycache__/core.cpython-313.pyc": "",
            "others/fast/__init__.py": "",
            "others/fast/core.py": "",
        }
    )
    return bench


def _names(shop: Bench, function: str) -> set[str]:
    return {name for name in shop.names_in(function) if ".dist-info/" not in name or name.startswith("fast")}


def test_a_vendor_folder_goes_in_whole_and_answers_imports(shop: Bench) -> None:
    shop.build()
    assert _names(shop, "api") == {
        "app.py",
        "fast-1.0.dist-info/METADATA",
        "fast/__init__.py",
        "fast/core.cpython-313-x86_64-linux-gnu.so",
        "fast/tests/data.json",
        "used/__init__.py",
    }


def test_a_functions_own_vendor_folder_replaces_the_services(shop: Bench) -> None:
    shop.build()
    assert _names(shop, "other") == {"app.py", "fast/__init__.py", "fast/core.py", "used/__init__.py"}


def test_what_is_not_to_be_deployed_takes_along_what_only_it_needs(shop: Bench) -> None:
    record = shop.build()["functions"]["api"]
    assert [one["name"] for one in record["distributions"]] == ["used"]


def test_a_changed_vendored_file_is_noticed(shop: Bench) -> None:
    shop.build()
    shop.write({"libraries/fast/__init__.py": "import nowhere  # still\n"})
    records = shop.build()["functions"]
    assert {name: record["cached"] for name, record in records.items()} == {"api": False, "other": True}
    shop.write({"libraries/new.py": ""})
    assert not shop.build()["functions"]["api"]["cached"]
    assert "new.py" in shop.names_in("api")


def test_a_folder_that_is_not_there_is_an_error(shop: Bench) -> None:
    shop.write({"serverless.yml": SERVERLESS.replace("vendor: libraries", "vendor: librairies")})
    said = shop.slspack("build")
    assert said.status == 2
    assert "error[SLS0104]: `custom.pythonRequirements.vendor`: there is no folder `librairies`" in said.err
    assert "serverless.yml:7:13" in said.err
