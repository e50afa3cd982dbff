"""pip's files: where they are on each system, and which value wins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.registry.pip_files import pip_files, pip_settings


def test_files_on_linux_in_pips_order() -> None:
    found = pip_files({"HOME": "/home/ann"}, "linux", "/venv")
    assert [path.as_posix() for path in found] == [
        "/etc/xdg/pip/pip.conf",
        "/etc/pip.conf",
        "/home/ann/.pip/pip.conf",
        "/home/ann/.config/pip/pip.conf",
        "/venv/pip.conf",
    ]


def test_files_where_xdg_says() -> None:
    environment = {"HOME": "/home/ann", "XDG_CONFIG_DIRS": f"/one{os.pathsep}/two", "XDG_CONFIG_HOME": "/settings"}
    found = [path.as_posix() for path in pip_files(environment, "linux", "/venv")]
    assert found[:2] == ["/one/pip/pip.conf", "/two/pip/pip.conf"]
    assert found[4] == "/settings/pip/pip.conf"


def test_files_on_macos(tmp_path: Path) -> None:
    plain = pip_files({"HOME": str(tmp_path)}, "darwin", "/venv")
    assert plain[0] == Path("/Library/Application Support/pip/pip.conf")
    assert plain[2] == tmp_path / ".config/pip/pip.conf"
    (tmp_path / "Library/Application Support/pip").mkdir(parents=True)
    assert pip_files({"HOME": str(tmp_path)}, "darwin", "/venv")[2].parts[-4:-1] == (
        "Library",
        "Application Support",
        "pip",
    )


def test_files_on_windows() -> None:
    environment = {"USERPROFILE": "C:/Users/ann", "APPDATA": "C:/Users/ann/Roaming", "PROGRAMDATA": "D:/Data"}
    assert [path.as_posix() for path in pip_files(environment, "win32", "C:/venv")] == [
        "D:/Data/pip/pip.ini",
        "C:/Users/ann/pip/pip.ini",
        "C:/Users/ann/Roaming/pip/pip.ini",
        "C:/venv/pip.ini",
    ]


def test_pip_config_file_replaces_the_users(tmp_path: Path) -> None:
    chosen = tmp_path / "own.conf"
    environment = {"HOME": "/home/ann", "PIP_CONFIG_FILE": str(chosen)}
    assert Path("/home/ann/.pip/pip.conf") in pip_files(environment, "linux", "/venv")
    chosen.write_text("")
    found = pip_files(environment, "linux", "/venv")
    assert Path("/home/ann/.pip/pip.conf") not in found
    assert found[-1] == chosen


def test_the_null_device_means_no_files() -> None:
    assert pip_files({"HOME": "/home/ann", "PIP_CONFIG_FILE": os.devnull}, "linux", "/venv") == []


def test_later_files_then_sections_then_variables_win(tmp_path: Path) -> None:
    system, user = tmp_path / "system.conf", tmp_path / "user.conf"
    system.write_text("[global]\nindex-url = https://a.example/\ntimeout = 1\n[install]\nproxy = http://a.example\n")
    user.write_text("[global]\nindex_url = https://b.example/\nproxy = http://b.example\nretries = 7\n")
    found = pip_settings({"PIP_RETRIES": "9", "PIP_CERT": ""}, [system, tmp_path / "none.conf", user])
    assert found == {
        "index-url": "https://b.example/",  # `_` counts as `-`
        "timeout": "1",
        "proxy": "http://a.example",  # a command's section wins over [global], whichever file it is in
        "retries": "9",
    }


def test_reads_what_pip_reads(tmp_path: Path) -> None:
    """pip itself lists the same settings from the same file and variables."""
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nextra-index-url =\n    https://a.example/simple\n    https://b.example/simple\nretries = 3\n"
    )
    environment = {"PIP_CONFIG_FILE": str(file), "HOME": str(tmp_path), "PIP_TIMEOUT": "4", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    ours = pip_settings(environment, [file])
    assert "global.retries='3'" in listed
    assert ours["retries"] == "3"
    assert ":env:.timeout='4'" in listed
    assert ours["timeout"] == "4"
    assert ours["extra-index-url"].split() == ["https://a.example/simple", "https://b.example/simple"]


def test_a_broken_file_is_named_but_not_quoted(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("index-url = https://ann:hunter2@index.example/\n[global]\n")
    with pytest.raises(ConfigError) as caught:
        pip_settings({}, [file])
    (finding,) = caught.value.findings
    assert finding.code is Code.PIP_CONFIG
    assert finding.message.startswith(f"pip's configuration file `{file}` cannot be parsed, line 1")
    assert "hunter2" not in repr(caught.value)
    assert caught.value.__cause__ is None
