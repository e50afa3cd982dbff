"""The edit of a `serverless.yml`: whatever its style, only what is to go goes."""

from __future__ import annotations

import pytest

from slspack.errors import ConfigError
from slspack.migrating.serverless_edit import edited

CASES = {
    "block, the last entry": (
        "custom:\n  pythonRequirements:\n    slim: true\n    pythonBin: python3  # own\n  # next\n  stage: dev\n",
        "custom:\n  pythonRequirements:\n    slim: true\n  # next\n  stage: dev\n",
    ),
    "block, all entries": (
        "custom:\n  pythonRequirements:\n    pythonBin: python3\n  stage: dev\nfunctions: {}\n",
        "custom:\n  stage: dev\nfunctions: {}\n",
    ),
    "block, all of custom, which is the file's end": (
        "service: a\ncustom:\n  pythonRequirements:\n    pythonBin: python3",
        "service: a\n",
    ),
    "flow, the first": (
        "custom: {pythonRequirements: {pythonBin: python3, slim: true}}\n",
        "custom: {pythonRequirements: {slim: true}}\n",
    ),
    "flow, the last two": (
        "custom: {pythonRequirements: {slim: true, pythonBin: python3, cleanupZipHelper: false}}\n",
        "custom: {pythonRequirements: {slim: true}}\n",
    ),
    "flow, around one": (
        "custom: {pythonRequirements: {cleanupZipHelper: false, slim: true, pythonBin: python3}}\n",
        "custom: {pythonRequirements: {slim: true}}\n",
    ),
    "JSON": (
        '{"custom": {"stage": "dev", "pythonRequirements": {"pythonBin": "python3"}},\n "service": "a"}\n',
        '{"custom": {"stage": "dev"},\n "service": "a"}\n',
    ),
    "line ends of Windows": (
        "custom:\r\n  pythonRequirements:\r\n    pythonBin: python3\r\n    slim: true\r\n",
        "custom:\r\n  pythonRequirements:\r\n    slim: true\r\n",
    ),
    "a text of several lines": (
        "custom:\n  pythonRequirements:\n    pythonBin: >-\n      python\n      3\n\n    # kept\n    slim: true\n",
        "custom:\n  pythonRequirements:\n\n    # kept\n    slim: true\n",
    ),
    "plugins in quotes": (
        "plugins: ['serverless-python-requirements', other]\n",
        "plugins: ['serverless-slspack', other]\n",
    ),
    "both plugins": (
        "plugins:\n  - serverless-python-requirements\n  - serverless-slspack\n",
        "plugins:\n  - serverless-slspack\n",
    ),
    "plugins of a folder": (
        "plugins:\n  localPath: ./own\n  modules: [a, serverless-python-requirements]\n",
        "plugins:\n  localPath: ./own\n  modules: [a, serverless-slspack]\n",
    ),
    "nothing of ours": (
        "# a\nservice: a\ncustom: ${file(custom.yml)}\n",
        "# a\nservice: a\ncustom: ${file(custom.yml)}\n",
    ),
    "an empty file": ("", ""),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_an_edit(before: str, after: str) -> None:
    assert edited(before, "serverless.yml", {"pythonBin", "cleanupZipHelper"}) == after


@pytest.mark.parametrize(
    "text",
    [
        "custom:\n  pythonRequirements:\n    slim: true\n    pythonBin: &python python3\nfunctions: {a: *python}\n",
        "bin: &python python3\ncustom:\n  pythonRequirements:\n    slim: true\n    pythonBin: *python\n",
        "custom:\n  pythonRequirements: &options\n    slim: true\n    pythonBin: a\nother: *options\n",
    ],
    ids=["an anchor in it", "an alias", "an anchor around it"],
)
def test_what_is_entangled_is_left_for_people(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        edited(text, "serverless.yml", {"pythonBin"})
    (finding,) = caught.value.findings
    assert finding.message == "`serverless.yml` cannot be edited without changing more of it"
    assert finding.hint == "edit it by hand: list `serverless-slspack` in `plugins`, and take out `pythonBin`"
