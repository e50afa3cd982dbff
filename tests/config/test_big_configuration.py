"""Thousands of lines in a hundred files: read once each, by the C parser, and errors point into the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from slspack.config import load_service
from slspack.config.documents.yaml_text import FASTEST
from slspack.errors import ConfigError
from slspack.options import LoadOptions
from tests.support.big_service import write_big_service

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.config.documents.yaml_text import Loader


def test_the_c_parser_is_used_where_there_is_one() -> None:
    assert issubclass(FASTEST, yaml.CBaseLoader) is bool(yaml.__with_libyaml__)


def test_each_file_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_big_service(tmp_path) > 7000
    parsed: list[object] = []
    compose = yaml.compose

    def counted(text: str, Loader: Loader) -> object:  # noqa: N803 (PyYAML's name)
        parsed.append(Loader)
        return compose(text, Loader=Loader)

    monkeypatch.setattr(yaml, "compose", counted)
    service = load_service(tmp_path, LoadOptions())
    assert len(service.functions) == 400
    assert parsed == [FASTEST] * 101


def test_errors_in_several_files_are_all_told_with_their_places(tmp_path: Path) -> None:
    write_big_service(tmp_path)
    for number, (right, wrong) in {7: ("handler: src", "handlr: src"), 93: ("f373.handler", "f373")}.items():
        path = tmp_path / f"functions/part{number}.yml"
        path.write_text(path.read_text("utf-8").replace(right, wrong, 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_service(tmp_path, LoadOptions())
    assert [f"{one.code.id} {one.at}" for one in caught.value.findings] == [
        "SLS0116 functions/part7.yml:1:1",
        "SLS0111 functions/part93.yml:14:12",
    ]
