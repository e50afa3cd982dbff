"""The options of serverless-python-requirements: each works, is idle or is refused, and the guide says which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from slspack.config import load_service
from slspack.config.inherited import FUNCTION_OPTIONS, OPTIONS, Fate
from slspack.errors import ConfigError
from slspack.options import LoadOptions
from tests.support.bench import write_files
from tests.support.markdown import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Service

GUIDE = REPOSITORY / "docs/guides/migrating.md"


def load(root: Path, options: str) -> Service:
    text = (
        "service: shop\nprovider: {name: aws, runtime: python3.13}\n"
        f"custom:\n  pythonRequirements: {{{options}}}\nfunctions:\n  api: {{handler: app.handler}}\n"
    )
    write_files(root, {"serverless.yml": text, "app.py": "", "requirements.txt": ""})
    return load_service(root, LoadOptions())


def told(service: Service) -> list[str]:
    return [
        f"{each.severity.value}[{each.code.id}] {each.at}: {each.message} ({each.hint})" for each in service.findings
    ]


def refusal(root: Path, options: str) -> list[tuple[str, str, str | None]]:
    with pytest.raises(ConfigError) as caught:
        load(root, options)
    return [(each.code.id, each.message, each.hint) for each in caught.value.findings]


def test_the_guide_s_table_is_the_code_s() -> None:
    page = GUIDE.read_text("utf-8")
    rows = re.findall(r"^\| `([A-Za-z]+)` \| (works|not needed|refused) \| (.*) \|$", page, re.MULTILINE)
    assert rows == [(each.name, each.fate.value, each.meaning) for each in (*OPTIONS, *FUNCTION_OPTIONS)]


def test_a_key_that_is_no_option_is_a_warning_with_the_nearest_name(tmp_path: Path) -> None:
    assert told(load(tmp_path, "dockerisePip: true, module: api")) == [
        (
            "warning[SLS0118] serverless.yml:4:24: `custom.pythonRequirements.dockerisePip` is not an option of "
            "serverless-python-requirements, and is not read (did you mean `dockerizePip`?)"
        ),
        (
            "warning[SLS0118] serverless.yml:4:44: `custom.pythonRequirements.module` is not an option of "
            "serverless-python-requirements, and is not read (write it at the function)"
        ),
    ]


def test_idle_options_are_told_at_once_with_their_reasons(tmp_path: Path) -> None:
    assert told(load(tmp_path, "pythonBin: python3, fileName: requirements.txt, cleanupZipHelper: false")) == [
        (
            "notice[SLS0119] serverless.yml:4:24: of `custom.pythonRequirements`, nothing here needs "
            "`pythonBin` (no Python of the runtime's version is run), "
            "`cleanupZipHelper` (nothing is written among the service's files) (None)"
        ),
    ]


@pytest.mark.parametrize("option", [each for each in OPTIONS if each.fate is Fate.REFUSED], ids=lambda each: each.name)
def test_a_refused_option_says_what_to_use_instead(tmp_path: Path, option: object) -> None:
    assert option in OPTIONS
    name, harmless, instead = next((each.name, each.harmless, each.meaning) for each in OPTIONS if each == option)
    message = f"`custom.pythonRequirements.{name}` is not supported"
    assert refusal(tmp_path, f"{name}: {str(not harmless).lower()}") == [("SLS0150", message, instead)]
    assert told(load(tmp_path, f"{name}: {str(harmless).lower()}")) == []


def test_options_that_work_are_not_mentioned(tmp_path: Path) -> None:
    assert told(load(tmp_path, "useDownloadCache: true, noDeploy: [boto3], usePoetry: false, slim: true")) == []


def test_the_groups_of_a_pyproject_are_groups(tmp_path: Path) -> None:
    service = load(tmp_path, "poetryWithGroups: [web], pyprojectWithGroups: [web, jobs]")
    assert service.functions[0].requirements.groups == ("web", "jobs")


def test_the_bundlers_words_for_what_to_keep_and_to_leave_out(tmp_path: Path) -> None:
    text = (
        "runtime: python3.13\nforceInclude: [tzdata]\nforceExclude: [boto3]\n"
        "functions:\n  api: app.handler\n  jobs: {handler: app.handler, forceInclude: [boto3]}\n"
    )
    write_files(tmp_path, {"slspack.yml": text, "app.py": "", "requirements.txt": ""})
    policies = [each.policy for each in load_service(tmp_path, LoadOptions()).functions]
    assert [(each.include_distributions, each.exclude_distributions) for each in policies] == [
        (("tzdata",), ("boto3",)),
        (("boto3", "tzdata"), ()),
    ]


def test_two_spellings_of_one_setting_are_an_error(tmp_path: Path) -> None:
    text = "runtime: python3.13\nforceExclude: [a]\nexcludeDistributions: [b]\nfunctions: {api: app.handler}\n"
    write_files(tmp_path, {"slspack.yml": text, "app.py": "", "requirements.txt": ""})
    with pytest.raises(ConfigError, match="`excludeDistributions` and `forceExclude` are two spellings of one setting"):
        load_service(tmp_path, LoadOptions())


def test_what_version_4_of_the_framework_calls_groups_and_extras(tmp_path: Path) -> None:
    options = (
        "enabled: false, installer: uv, useUv: true, uvWithGroups: [web], uvWithoutGroups: [dev], uvOnlyGroups: [ci]"
    )
    service = load(tmp_path, f"{options}, uvOptionalDependencies: [fast]")
    requirements = service.functions[0].requirements
    assert (requirements.groups, requirements.without_groups) == (("web",), ("dev",))
    assert (requirements.only_groups, requirements.extras) == (("ci",), ("fast",))
    assert [each.code.id for each in service.findings] == ["SLS0119"]
