"""Which services a program names, and where that shows only at run time."""

from __future__ import annotations

import pytest

from slspack.plugins.shipped.botocore_names import service_names

PYTHON = (3, 13)


def told(**sources: str) -> list[str]:
    """What is found in a service's own sources: names, then open places as `path:line`."""
    contents = {f"{name.replace('_in_', '/')}.py": source.encode() for name, source in sources.items()}
    found = service_names(contents, contents.keys(), PYTHON)
    return [*sorted(found.names), *(f"{one.path}:{one.line}" for one in found.open)]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import boto3\nboto3.client('s3')", ["s3"]),
        ("import boto3 as b\nb.resource(service_name='s3')", ["s3"]),
        ("from boto3 import client as make\nmake('s3', region_name='x')", ["s3"]),
        ("import boto3\nboto3.Session().client('sqs').get_waiter('x')", ["sqs"]),
        ("import aioboto3\nasync def f(session):\n    async with session.client('s3') as s3: pass", ["s3"]),
        ("def f(session):\n    return session.create_client('kms')", ["kms"]),
        ("import botocore.session\nbotocore.session.get_session().get_service_model('s3')", ["s3"]),
        ("import boto3\nNAME = 's3'\nboto3.client(NAME)", ["s3"]),
        ("import boto3\nNAME: str = 's3'\ndef f():\n    return boto3.client(NAME)", ["s3"]),
        ("import boto3\nboto3.client('s3' if x else 'ecs')", ["ecs", "s3"]),
        ("import boto3\nif x: NAME = 's3'\nelse: NAME = 'ecs'\nboto3.client(NAME)", ["ecs", "s3"]),
        ("import boto3\nfor name in ('s3', 'ecs'): boto3.client(name)", ["ecs", "s3"]),
        ("import boto3\nALL = ['s3', 'ecs']\nmade = {n: boto3.client(n) for n in ALL}", ["ecs", "s3"]),
        ("import boto3\nALL = {'s3': 1}\nfor n in ALL: boto3.client(n)", ["s3"]),
        ("import boto3\ndef make(name, **k): boto3.client(name, **k)\nmake('s3'); make(name='ecs')", ["ecs", "s3"]),
        ("import boto3\ndef make(name='s3'): return boto3.client(name)\nmake()", ["s3"]),
        ("import boto3\ndef make(*args): return boto3.client(*args)\nmake('s3', 'eu')", ["s3"]),
        ("import boto3\ndef make(*, name): return boto3.client(name)\nmake(name='s3')", ["s3"]),
        ("import boto3\ndef one(n): return boto3.client(n)\ndef two(n): return one(n)\ntwo('s3')", ["s3"]),
        ("import docker\ndocker.client(x)", []),
        ("app.test.client()", []),
    ],
)  # fmt: skip
def test_what_is_told(source: str, names: list[str]) -> None:
    assert told(app=source) == names


@pytest.mark.parametrize(
    "source",
    [
        "import boto3\nboto3.client(os.environ['NAME'])",
        "import boto3\nboto3.client(**settings)",
        "import boto3\nboto3.client(*settings)",
        "import boto3\nmake = boto3.client",
        "import boto3\nmake = boto3.Session().client",
        "import functools, boto3\nfunctools.partial(boto3.client, 's3')",
        "def f(aws, name): return aws.client(name)",
        "import boto3\nmake = lambda name: boto3.client(name)",
        "import boto3\nNAME = 's3'\nmake = lambda NAME: boto3.client(NAME)",
        "import boto3\nclass A:\n def f(self, name): return boto3.client(name)",
        "import boto3\nfor name, count in PAIRS: boto3.client(name)",
        "import boto3\nNAME = 's3'\nNAME += suffix\nboto3.client(NAME)",
        "import boto3\ndef f():\n    global NAME\n    NAME = g()\nNAME = 's3'\nboto3.client(NAME)",
        "import boto3\nNAME = NAME\nboto3.client(NAME)",
        "from boto3 import client\nmake = client",
    ],
)
def test_what_shows_only_at_run_time(source: str) -> None:
    assert [one for one in told(app=source) if one.startswith("app.py:")] != []


def test_names_are_followed_through_modules() -> None:
    assert told(
        app="from lib import make, NAME\nimport lib.more as more\nmake(NAME)\nmake(more.OTHER)",
        **{"lib/__init__": "from .impl import *\nfrom .more import NAME"},
        lib_in_impl="import boto3\ndef make(name): return boto3.client(name)",
        lib_in_more="NAME = 's3'\nOTHER = 'ecs'",
    ) == ["ecs", "s3"]


def test_a_function_that_is_given_a_name_is_open_where_that_is_not_known() -> None:
    make = "import boto3\ndef make(name):\n    return boto3.client(name)\n"
    assert told(app=make) == ["app.py:2"]  # whoever calls it, Lambda maybe
    assert told(app=make, other="from app import make\nmake(x)\nmake('s3')") == ["s3", "other.py:2"]
    assert told(app=make, other="from app import make\nlist(map(make, names))") == ["other.py:2"]


def test_of_others_sources_only_those_count_that_speak_of_boto() -> None:
    sources = {
        "redis_like.py": b"class A:\n    def f(self, name): return self.client(name)\n",
        "uses.py": b"import boto3\nclass A:\n    def f(self, name): return self.session.client(name)\n",
        "broken.py": b"import boto3\nboto3.client('s3'\n",
    }
    found = service_names(sources, (), PYTHON)
    assert [(one.path, one.line, one.column, one.text) for one in found.open] == [
        ("uses.py", 3, 31, "self.session.client(name)")
    ]


def test_syntax_of_a_newer_python_than_that_of_the_build() -> None:
    assert told(app="import boto3\ntype Name = str\nboto3.client('s3')") == ["s3"]
