"""Requirements files are read as pip reads them."""

from __future__ import annotations

import codecs
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import Location, dist_name
from slspack.resolve.files import ServiceFiles
from slspack.resolve.lines import logical_lines
from slspack.resolve.requirement_line import LineError, parse_requirement
from slspack.resolve.requirements_file import read_requirements
from slspack.resolve.written import Origin, Written, WrittenRequirement
from slspack.tree import ServiceTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

A = "a" * 64
B = "b" * 64
AT = Location("requirements.txt", 1, 1)


def read(folder: Path, environment: dict[str, str] | None = None, **contents: str | bytes) -> Written:
    for name, content in contents.items():
        path = folder / PurePosixPath(name.replace("__", "/").replace("_txt", ".txt"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_requirements(["requirements.txt"], ServiceFiles(ServiceTree(folder)), environment or {})


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("requests", "requests"),
        ("Requests_OAuth.Lib", "requests-oauth-lib"),
        ("requests==2.8.1", "requests==2.8.1"),
        ("requests == 2.8.1", "requests==2.8.1"),
        ("requests>=2,<3", "requests<3,>=2"),
        ("requests (>=2,<3)", "requests<3,>=2"),
        ("requests~=2.8.1", "requests~=2.8.1"),
        ("requests!=2.8.1,>=2", "requests!=2.8.1,>=2"),
        ("requests===2.8.1", "requests===2.8.1"),
        ("requests==2.*", "requests==2.*"),
        ("requests[socks]", "requests[socks]"),
        ("requests[Use_Chardet,socks]>=2", "requests[socks,use-chardet]>=2"),
        ("requests [security] >= 2.8.1, == 2.8.* ; python_version < '2.7'",
         'requests[security]==2.8.*,>=2.8.1 ; python_version < "2.7"'),
        ("requests;python_version<'3'", 'requests ; python_version < "3"'),
        ("a ; (os_name=='nt' or os_name=='posix') and python_version>'3'",
         'a ; (os_name == "nt" or os_name == "posix") and python_version > "3"'),
        ("a @ https://index.example/a-1.0-py3-none-any.whl", "a @ https://index.example/a-1.0-py3-none-any.whl"),
        ("a[x]@https://index.example/a-1.0-py3-none-any.whl", "a[x] @ https://index.example/a-1.0-py3-none-any.whl"),
        ("a @ file:///srv/a-1.0-py3-none-any.whl", "a @ file:///srv/a-1.0-py3-none-any.whl"),
        ("https://index.example/A_b-1.0-py3-none-any.whl", "a-b @ https://index.example/A_b-1.0-py3-none-any.whl"),
        ("https://index.example/a-1.0%2Bcpu-py3-none-any.whl",
         "a @ https://index.example/a-1.0%2Bcpu-py3-none-any.whl"),
        ("https://index.example/a-1.0-py3-none-any.whl ; os_name == 'nt'",
         'a @ https://index.example/a-1.0-py3-none-any.whl ; os_name == "nt"'),
        ("./wheels/a-1.0-py3-none-any.whl", "a @ wheels/a-1.0-py3-none-any.whl"),
        ("wheels/a-1.0-py3-none-any.whl", "a @ wheels/a-1.0-py3-none-any.whl"),
        ("a-1.0-py3-none-any.whl", "a @ a-1.0-py3-none-any.whl"),
        ("./wheels/a-1.0-py3-none-any.whl[x,y]", "a[x,y] @ wheels/a-1.0-py3-none-any.whl"),
        ("../a-1.0-py3-none-any.whl", "a @ ../a-1.0-py3-none-any.whl"),
        ("a @ ./wheels/a-1.0-py3-none-any.whl", "a @ wheels/a-1.0-py3-none-any.whl"),
        ("a @ file:wheels/a-1.0-py3-none-any.whl", "a @ wheels/a-1.0-py3-none-any.whl"),
        (f"a==1 --hash=sha256:{A}", "a==1"),
        ("a==1 # why", "a==1"),
        ("a==1 --config-settings=editable_mode=compat", "a==1"),
    ],
)  # fmt: skip
def test_a_requirement(tmp_path: Path, line: str, text: str) -> None:
    (one,) = read(tmp_path, requirements_txt=line).requirements
    assert one.text == text


@pytest.mark.parametrize(
    ("line", "reference", "name"),
    [
        ("-e .", ".", ""),
        ("-e./lib", "lib", ""),
        ("--editable=git+https://git.example/x.git@main#egg=My_Lib",
         "git+https://git.example/x.git@main", "my-lib"),
        (".", ".", ""),
        ("./lib", "lib", ""),
        ("libs/common", "libs/common", ""),
        ("/srv/lib", "/srv/lib", ""),
        ("git+https://git.example/x.git", "git+https://git.example/x.git", ""),
        ("git+ssh://git@git.example/x.git#egg=x", "git+ssh://git@git.example/x.git", "x"),
        ("x @ git+https://token:secret@git.example/x.git@v1", "git+https://git.example/x.git@v1", "x"),
        ("https://index.example/x-1.0.tar.gz", "https://index.example/x-1.0.tar.gz", ""),
        ("x @ https://index.example/x-1.0.tar.gz", "https://index.example/x-1.0.tar.gz", "x"),
        ("./x-1.0.zip", "x-1.0.zip", ""),
        ("x-1.0.tar.gz", "x-1.0.tar.gz", ""),
        ("file:///srv/lib", "file:///srv/lib", ""),
        ("file:lib#subdirectory=inner&egg=x", "lib#subdirectory=inner", "x"),
        ("git+https://git.example/x@v1#egg=x&subdirectory=py", "git+https://git.example/x@v1#subdirectory=py", "x"),
    ],
)  # fmt: skip
def test_what_would_have_to_be_built(tmp_path: Path, line: str, reference: str, name: str) -> None:
    (one,) = read(tmp_path, requirements_txt=line).requirements
    assert (one.origin, one.reference, one.name) == (Origin.SOURCE, reference, name)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("a\nb", [("a", 1, 1), ("b", 2, 1)]),
        ("\n\n  a  \n", [("a", 3, 3)]),
        ("# all\na # b\n  # c\n", [("a", 2, 1)]),
        ("a#b", [("a#b", 1, 1)]),
        ("a \\\n  ==1", [("a   ==1", 1, 1)]),
        ("a \\\n# no\nb", [("a", 1, 1), ("b", 3, 1)]),
        ("a \\\n  # no\nb", [("a", 1, 1), ("b", 3, 1)]),
        ("# a \\\nb", [("b", 2, 1)]),
        ("a==1 \\\n    --hash=x \\\n    --hash=y\nb", [("a==1     --hash=x     --hash=y", 1, 1), ("b", 4, 1)]),
        ("a\\", [("a", 1, 1)]),
        ("a\r\nb\r\n", [("a", 1, 1), ("b", 2, 1)]),
        ("\ta", [("a", 1, 2)]),
        ("${NAME}==1", [("value==1", 1, 1)]),
        ("${UNSET} ${EMPTY} $NAME ${name}", [("${UNSET} ${EMPTY} $NAME ${name}", 1, 1)]),
        ("a # ${NAME}", [("a", 1, 1)]),
        ("", []),
    ],
)  # fmt: skip
def test_logical_lines(content: str, lines: list[tuple[str, int, int]]) -> None:
    found = logical_lines(content, {"NAME": "value", "EMPTY": ""})
    assert [(line.text, line.line, line.column) for line in found] == lines


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + "café==1".encode(),
        codecs.BOM_UTF16_LE + "café==1".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "café==1".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "café==1".encode("utf-32-le"),
        b"# -*- coding: latin-1 -*-\n" + "café==1".encode("latin-1"),
        b"\n# coding: latin-1\n" + "café==1".encode("latin-1"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SlspackError, match="`café==1` is not a requirement"):
        read(tmp_path, requirements_txt=content)


@pytest.mark.parametrize("content", [b"a # \xff", b"# coding: no-such\na"])
def test_a_file_that_is_not_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SlspackError, match=r"`requirements\.txt` is not text") as caught:
        read(tmp_path, requirements_txt=content)
    assert caught.value.findings[0].code is Code.REQUIREMENT_SYNTAX


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("requests=1", "`requests=1` is not a requirement", "pinned with `==`"),
        ("requests >", "`requests >` is not a requirement", None),
        ("two words", "`two words` is not a requirement", None),
        ("a ; python_verison > '3'", "is not a requirement", None),
        ("--requirment x", "unknown option `--requirment`", "`--requirement`"),
        ("--index-url", "`--index-url` needs a value", None),
        ("-x", "unknown option `-x`", None),
        ("a==1 --hash=md5:abc", "`--hash=md5:abc` is not a hash", "sha256"),
        (f"a==1 --hash=sha256:{A}0", "is not a hash", "64"),
        ("a --index-url https://index.example", "`--index-url` cannot stand after a requirement", "line of its own"),
        ("a==1 --hash='x", "the options cannot be parsed", None),
        ("b @ https://index.example/a-1.0-py3-none-any.whl", "`b` is given the wheel of `a`", "before `@`"),
        ("https://index.example/a.whl", "`a.whl` is not the name of a wheel", "NAME-VERSION-TAGS"),
        ("./a-1.0-py3-none-any.whl ; os_nam == 'x'", "is not a marker", None),
        ("-r https://index.example/r.txt", "names a file elsewhere", "copy"),
    ],
)
def test_errors_say_where_and_what(tmp_path: Path, line: str, message: str, hint: str | None) -> None:
    with pytest.raises(SlspackError) as caught:
        read(tmp_path, requirements_txt=f"# first\n\n  {line}\n")
    (finding,) = caught.value.findings
    assert (finding.code, finding.at) == (Code.REQUIREMENT_SYNTAX, Location("requirements.txt", 3, 3))
    assert message in finding.message
    assert not finding.message.endswith(".")
    assert hint is None or hint in (finding.hint or "")


def test_all_errors_of_all_files_at_once(tmp_path: Path) -> None:
    with pytest.raises(SlspackError) as caught:
        read(tmp_path, requirements_txt="a=1\n-r more.txt\n-r none.txt\nb=2", more_txt="c=3")
    places = [(finding.code.id, str(finding.at)) for finding in caught.value.findings]
    assert places == [
        ("SLS0201", "requirements.txt:1:1"),
        ("SLS0201", "more.txt:1:1"),
        ("SLS0202", "requirements.txt:3:1"),
        ("SLS0201", "requirements.txt:4:1"),
    ]


def test_files_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    written = read(
        tmp_path, requirements_txt="-r deep/one.txt\nz", deep__two_txt="b",
        deep__one_txt="-rtwo.txt\n-c ../limits.txt\na",
        limits_txt="-r deep/two.txt\nc<1",
    )  # fmt: skip
    assert [one.text for one in written.requirements] == ["b", "a", "z"]
    assert [one.text for one in written.constraints] == ["b", "c<1"]
    assert written.sources == ("requirements.txt", "deep/one.txt", "deep/two.txt", "limits.txt")


def test_files_that_name_each_other_are_read_once(tmp_path: Path) -> None:
    written = read(tmp_path, requirements_txt="-r b.txt\na", b_txt="-r requirements.txt\n-r b.txt\nb")
    assert [one.text for one in written.requirements] == ["b", "a"]


def test_a_file_above_the_service_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "common.txt").write_text("a")
    (tmp_path / "service").mkdir()
    written = read(tmp_path / "service", requirements_txt="-r ../common.txt")
    assert written.requirements[0].location == Location("../common.txt", 1, 1)


def test_a_missing_file_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SlspackError) as caught:
        read(tmp_path, requirements_txt="-c constraint.txt", constraints_txt="")
    (finding,) = caught.value.findings
    assert finding.message == "there is no file `constraint.txt`"
    assert finding.hint == "did you mean `constraints.txt`?"


def test_index_options(tmp_path: Path) -> None:
    options = read(
        tmp_path,
        {"TOKEN": "s3cret"},
        requirements_txt="""
            -i https://u:${TOKEN}@index.example/simple
            --extra-index-url=https://one.index.example --extra-index-url https://two.index.example
            -f wheels --find-links https://index.example/links
            --trusted-host index.example:8080
            --pre --prefer-binary
            --only-binary=:all: --no-binary :none: --use-feature=fast-deps
            --require-hashes
        """,
    ).options
    assert options.index_url == "https://u:s3cret@index.example/simple"
    assert options.extra_index_urls == ("https://one.index.example", "https://two.index.example")
    assert options.find_links == ("wheels", "https://index.example/links")
    assert options.trusted_hosts == ("index.example:8080",)
    assert (options.prereleases, options.require_hashes, options.no_index) == (True, True, False)
    assert "s3cret" not in repr(options)
    assert read(tmp_path, requirements_txt="--no-index").options.no_index


def test_wishes_for_sources(tmp_path: Path) -> None:
    text = "--no-binary psycopg2\n--no-binary A_b,:all:\npsycopg2"
    assert read(tmp_path, requirements_txt=text).options.no_binary == ("psycopg2", "a-b", ":all:")
    assert read(tmp_path, requirements_txt=f"--no-binary :none:\n{text}\n--no-binary :none:").options.no_binary == ()


def test_hashes_from_options_and_fragments(tmp_path: Path) -> None:
    written = read(
        tmp_path,
        requirements_txt=f"""
            a==1 \\
                --hash=sha256:{A} \\
                --hash sha256:{B.upper()}
            b @ https://index.example/b-1.0-py3-none-any.whl#sha256={A}
            https://index.example/c-1.0-py3-none-any.whl#egg=c&sha256={B}
        """,
    )
    assert [one.hashes for one in written.requirements] == [
        {f"sha256:{A}", f"sha256:{B}"}, {f"sha256:{A}"}, {f"sha256:{B}"},
    ]  # fmt: skip


def test_credentials_in_an_address_are_kept_apart(tmp_path: Path) -> None:
    (one,) = read(tmp_path, requirements_txt="https://me:s3cret@index.example/a-1.0-py3-none-any.whl").requirements
    assert one.reference == "https://index.example/a-1.0-py3-none-any.whl"
    assert "s3cret" not in repr(one)
    assert one.login is not None
    assert (one.login.user, one.login.password) == ("me", "s3cret")


_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
_VERSIONS = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}((a|b|rc)[0-9])?", fullmatch=True)
_SPECIFIERS = st.lists(st.tuples(st.sampled_from(["==", ">=", "<", "!=", "<=", ">"]), _VERSIONS), max_size=3)
_MARKERS = st.sampled_from(
    ["", "python_version < '3.9'", "os_name == 'nt' and extra != 'x'", "sys_platform != 'win32'"]
)


@st.composite
def requirements(draw: st.DrawFn) -> WrittenRequirement:
    extras = draw(st.lists(_NAMES, max_size=2))
    specifier = ",".join(operator + version for operator, version in draw(_SPECIFIERS))
    marker = draw(_MARKERS)
    bracketed = f"[{','.join(extras)}]" if extras else ""
    text = f"{draw(_NAMES)}{bracketed}{specifier}{f' ; {marker}' if marker else ''}"
    return parse_requirement(text, AT)


@settings(max_examples=200)
@given(requirements())
def test_what_is_rendered_reads_the_same(requirement: WrittenRequirement) -> None:
    assert parse_requirement(requirement.text, AT) == requirement
    assert dist_name(requirement.name) == requirement.name


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    for line in logical_lines(text, {}):
        try:
            parse_requirement(line.text, AT)
        except LineError as error:
            assert str(error)  # noqa: PT017
