"""Poetry's constraints on versions and on Python, as PEP 440 specifiers and PEP 508 markers."""

from __future__ import annotations

import re

_AND = r"(?<=[\w*])\s*[,\s]\s*(?=[\w<>=!~^*])"
_PART = r"^(?P<operator>\^|~=|~|===|==|=|!=|>=|<=|>|<)?\s*v?(?P<version>[0-9a-zA-Z.!+*_-]+)$"
_RELEASE = r"^(?P<epoch>\d+!)?(?P<release>\d+(?:\.\d+)*)"


def specifiers(constraint: str) -> tuple[str, ...]:
    """A constraint as specifiers of which one must hold; an empty one allows any version.

    `^` allows what does not change the first part that is not zero, `~` what does not change the second; a bare
    version is that version alone. Raises ValueError for what is no constraint.
    """
    return tuple(",".join(filter(None, map(_specifier, _parts(one)))) for one in re.split(r"\s*\|\|?\s*", constraint))


def python_marker(constraint: str) -> str:
    """A constraint on Python as a marker; empty for any Python. Raises ValueError."""
    alternatives = []
    for one in specifiers(constraint):
        clauses = [_python_clause(part) for part in one.split(",") if part]
        if not clauses:
            return ""
        alternatives.append(" and ".join(clauses))
    return alternatives[0] if len(alternatives) == 1 else " or ".join(f"({one})" for one in alternatives)


def platform_marker(constraint: str) -> str:
    """Poetry's `platform`, which is a constraint on `sys.platform`, as a marker."""
    alternatives = []
    for one in re.split(r"\s*\|\|?\s*", constraint.strip()):
        negated, name = one.startswith("!="), one.lstrip("!=").strip()
        alternatives.append(f"sys_platform {'!=' if negated else '=='} '{name}'")
    return " or ".join(alternatives)


def joined(*markers: str) -> str:
    """The marker that holds where all of them do."""
    clauses = [marker for marker in markers if marker]
    return clauses[0] if len(clauses) == 1 else " and ".join(f"({one})" for one in clauses)


def _parts(constraint: str) -> list[str]:
    text = re.sub(r"([<>=!~^])\s+", r"\1", constraint.strip().rstrip(","))
    return [part for part in re.split(_AND, text) if part]


def _specifier(part: str) -> str:
    if re.fullmatch(r"(==)?[xX*](\.[xX*])*", part):
        return ""
    match = re.match(_PART, part)
    release = re.match(_RELEASE, match["version"]) if match else None
    if match is None or release is None:
        raise ValueError(f"`{part}` is not a constraint on versions")
    operator, version = match["operator"] or "==", match["version"]
    numbers = [int(number) for number in release["release"].split(".")]
    epoch = release["epoch"] or ""
    if operator == "^":
        return f">={version},<{epoch}{_dotted(_next_breaking(numbers))}"
    if operator == "~":
        return f">={version},<{epoch}{_dotted(_raised(numbers, min(1, len(numbers) - 1)))}"
    version = re.sub(r"\.[xX]$", ".*", version)
    return f"{'==' if operator == '=' else operator}{version}"


def _next_breaking(numbers: list[int]) -> list[int]:
    place = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
    return _raised(numbers, place)


def _raised(numbers: list[int], place: int) -> list[int]:
    return [*numbers[:place], numbers[place] + 1]


def _dotted(numbers: list[int]) -> str:
    return ".".join(map(str, numbers))


def _python_clause(part: str) -> str:
    """`python_version` knows two numbers: `<=3.11` then means any 3.11."""
    match = re.match(r"^([<>=!~]+)(.*)$", part)
    operator, version = (match[1], match[2]) if match else ("==", part)
    bare = version.removesuffix(".*")
    if bare.count(".") == 1:
        if operator == "~=":
            return f"python_version >= '{bare}' and python_version < '{int(bare.split('.')[0]) + 1}'"
        return f"python_version {operator} '{bare}'"
    return f"python_full_version {operator} '{version}'"
