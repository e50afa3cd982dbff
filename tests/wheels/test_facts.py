"""Facts of a wheel: its METADATA and its files, and how they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.errors import SlspackError
from slspack.model import Digest, WheelFacts, WheelMember, dist_name
from slspack.wheels import read_facts
from slspack.wheels.facts import decode_facts, encode_facts
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

SHA = Digest("0" * 64)


def test_a_wheels_facts(tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path,
        "Alpha.One",
        "1.0",
        {"alpha/__init__.py": "x = 1\n", "alpha/run.sh": "#!/bin/sh\n"},
        requires=["beta>=1", 'gamma[extra] ; python_version < "3.13"'],
        extras=["fast"],
        requires_python=">=3.8",
        executable=["alpha/run.sh"],
    )
    facts = read_facts(wheel, SHA)
    assert (facts.name, facts.version, facts.sha256) == (dist_name("alpha-one"), "1.0", SHA)
    assert facts.requires_dist == ("beta>=1", 'gamma[extra] ; python_version < "3.13"')
    assert (facts.extras, facts.requires_python) == (("fast",), ">=3.8")
    assert [member.name for member in facts.members] == sorted(member.name for member in facts.members)
    assert [member.name for member in facts.members if member.executable] == ["alpha/run.sh"]


def test_folded_fields_and_old_encodings(tmp_path: Path) -> None:
    metadata = b"Name: alpha\nVersion: 1.0\nAuthor: J\xf6rg\nRequires-Dist: beta\n  (>=1)\nRequires-Python: \n\nBody\n"
    wheel = make_wheel(tmp_path, "other", files={"alpha-1.0.dist-info/METADATA": metadata})
    with pytest.raises(SlspackError, match="it has more than one METADATA"):
        read_facts(wheel, SHA)
    facts = read_facts(with_metadata(tmp_path, metadata), SHA)
    assert (facts.requires_dist, facts.requires_python) == (("beta (>=1)",), None)


def test_wheels_without_what_a_wheel_needs(tmp_path: Path) -> None:
    with pytest.raises(SlspackError) as caught:
        read_facts(with_metadata(tmp_path, b"Name: alpha\n"), SHA, filename="alpha-1.0-py3-none-any.whl")
    assert caught.value.findings[0].message == (
        "`alpha-1.0-py3-none-any.whl` is not a valid wheel: its METADATA gives no name or no version"
    )
    with pytest.raises(SlspackError, match="it has no METADATA"):
        read_facts(with_metadata(tmp_path, None), SHA)


def with_metadata(folder: Path, metadata: bytes | None) -> Path:
    import zipfile

    path = folder / "plain.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("alpha/__init__.py", "")
        if metadata is not None:
            archive.writestr("alpha-1.0.dist-info/METADATA", metadata)
    return path


NUMBERS = st.integers(0, 1 << 40)
MEMBERS = st.builds(WheelMember, st.text(), NUMBERS, NUMBERS, NUMBERS, st.sampled_from([0, 8]), st.booleans(), NUMBERS)
FACTS = st.builds(
    WheelFacts,
    st.just(SHA),
    st.text().map(dist_name),
    st.text(),
    st.lists(st.text()).map(tuple),
    st.lists(MEMBERS, max_size=5).map(tuple),
    st.lists(st.text()).map(tuple),
    st.none() | st.text(),
)


@given(facts=FACTS)
def test_facts_are_kept_as_they_are(facts: WheelFacts) -> None:
    assert decode_facts(encode_facts(facts)) == facts


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"members": [1, 2]}', b"null"])
def test_what_are_no_facts(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of any text)
        decode_facts(content)
