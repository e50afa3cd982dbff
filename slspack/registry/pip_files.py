"""pip's settings: its configuration files and `PIP_*` variables, found and joined in pip's own order."""

from __future__ import annotations

import os
import sys
from configparser import Error as ParserError
from configparser import RawConfigParser
from pathlib import Path
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Of pip's commands, those whose sections say how distributions are fetched; the later one wins, over [global].
_SECTIONS = ("global", "download", "install")


def pip_settings(environment: Mapping[str, str], files: Sequence[Path]) -> dict[str, str]:
    """Each option's value, named as in pip's files (`index-url`): later files win, then sections, then variables.

    An empty value counts as not given, as for pip. Raises SLS0509 for a file that cannot be read.
    """
    by_section: dict[str, dict[str, str]] = {}
    for path in files:
        for section, options in _read(path).items():
            by_section.setdefault(section, {}).update(options)
    settings: dict[str, str] = {}
    for section in _SECTIONS:
        settings.update({name: value for name, value in by_section.get(section, {}).items() if value.strip()})
    for name, value in environment.items():
        if name.upper().startswith("PIP_") and value.strip():
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def pip_files(environment: Mapping[str, str], platform: str = sys.platform, prefix: str = sys.prefix) -> list[Path]:
    """Where pip looks for its files on a platform: global, the user's, the interpreter's, `PIP_CONFIG_FILE`.

    `PIP_CONFIG_FILE` replaces the user's files where it names one that exists; the null device there means no files.
    """
    name = "pip.ini" if platform == "win32" else "pip.conf"
    chosen = environment.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    files = _global_files(environment, platform, name)
    if not (chosen and Path(chosen).exists()):
        files += _user_files(environment, platform, name)
    files.append(Path(prefix) / name)
    if chosen:
        files.append(Path(chosen))
    return files


def _global_files(environment: Mapping[str, str], platform: str, name: str) -> list[Path]:
    if platform == "win32":
        return [Path(environment.get("PROGRAMDATA") or "C:/ProgramData") / "pip" / name]
    if platform == "darwin":
        return [Path("/Library/Application Support/pip") / name]
    folders = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    return [*(Path(folder) / "pip" / name for folder in folders if folder), Path("/etc") / name]


def _user_files(environment: Mapping[str, str], platform: str, name: str) -> list[Path]:
    home = home_folder(environment, platform)
    if platform == "win32":
        roaming = environment.get("APPDATA")
        return [home / "pip" / name, (Path(roaming) if roaming else home / "AppData/Roaming") / "pip" / name]
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip"
    if platform == "darwin":
        application = home / "Library/Application Support/pip"
        settings = application if application.is_dir() else home / ".config/pip"
    return [home / ".pip" / name, settings / name]


def home_folder(environment: Mapping[str, str], platform: str) -> Path:
    """The user's home folder on a platform."""
    named = environment.get("USERPROFILE" if platform == "win32" else "HOME")
    return Path(named) if named else Path.home()


def _read(path: Path) -> dict[str, dict[str, str]]:
    parser = RawConfigParser()
    try:
        parser.read_string(path.read_text("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError):
        return {}
    except (ParserError, UnicodeDecodeError) as error:
        # What the parser says may quote a line that holds a password.
        line = f", line {error.lineno}" if hasattr(error, "lineno") else ""
        raise ConfigError.of(
            Code.PIP_CONFIG,
            f"pip's configuration file `{path}` cannot be parsed{line}",
            hint="`pip config debug` lists the files that pip reads; PIP_CONFIG_FILE can name another one",
        ) from None
    # pip takes `_` for `-` in names.
    return {
        section: {name.replace("_", "-"): value for name, value in parser.items(section)}
        for section in parser.sections()
    }
