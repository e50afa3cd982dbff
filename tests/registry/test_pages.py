"""Pages of an index: JSON (PEP 691) and HTML (PEP 503), with what other PEPs added."""

from __future__ import annotations

import json

import pytest

from slspack.registry.credentials import Login
from slspack.registry.pages import IndexFile, NotAPage, files_of_version, parse_filename, parse_page

JSON = "application/vnd.pypi.simple.v1+json"
URL = "https://index.example/simple/alpha/"
SHA = "ab" * 32


def page(*files: dict[str, object], version: str = "1.3") -> bytes:
    return json.dumps({"meta": {"api-version": version}, "name": "alpha", "files": files}).encode()


def test_json_with_everything() -> None:
    body = page(
        {
            "filename": "alpha-1.0-py3-none-any.whl",
            "url": "../../files/alpha-1.0-py3-none-any.whl",
            "hashes": {"sha256": SHA.upper(), "md5": "00"},
            "size": 12,
            "requires-python": ">=3.8",
            "yanked": "broken",
            "core-metadata": {"sha256": SHA},
        },
        {"filename": "alpha-1.0.tar.gz", "url": "https://f.example/alpha-1.0.tar.gz", "hashes": {}, "yanked": True},
        {"filename": "alpha-1.0.exe", "url": "alpha-1.0.exe", "hashes": {}},
    )
    assert parse_page(f"{JSON}; charset=utf-8", body, URL).files == (
        IndexFile(
            "alpha-1.0-py3-none-any.whl",
            "https://index.example/files/alpha-1.0-py3-none-any.whl",
            SHA,  # type: ignore[arg-type]
            12,
            ">=3.8",
            "broken",
            SHA,  # type: ignore[arg-type]
        ),
        IndexFile("alpha-1.0.tar.gz", "https://f.example/alpha-1.0.tar.gz", None, yanked=""),
    )


def test_html_with_everything() -> None:
    body = f"""<!DOCTYPE html><html><head><base href="https://files.example/d/"></head><body>
      <A HREF="alpha-1.0%2Blocal-py3-none-any.whl#sha256={SHA}" data-requires-python="&gt;=3.8&#44;&lt;4"
         data-yanked data-dist-info-metadata="sha256={SHA}">alpha</A>
      <a href="alpha-1.0.zip#md5=00&amp;egg=alpha" data-yanked="bad">x</a> <a name="none">y</a> <a href="../">up</a>
    """.encode()
    wheel, sdist = parse_page("text/html", body, URL).files
    assert wheel.filename == "alpha-1.0+local-py3-none-any.whl"
    assert wheel.url == "https://files.example/d/alpha-1.0%2Blocal-py3-none-any.whl"
    assert (wheel.sha256, wheel.metadata_sha256, wheel.requires_python, wheel.yanked) == (SHA, SHA, ">=3.8,<4", "")
    assert (sdist.filename, sdist.sha256, sdist.yanked, sdist.is_wheel) == ("alpha-1.0.zip", None, "bad", False)


def test_a_login_in_a_files_address_is_kept_apart() -> None:
    body = b'<a href="https://ann:hunter2@files.example/alpha-1.0-py3-none-any.whl">a</a>'
    found = parse_page("text/html", body, URL)
    assert found.files[0].url == "https://files.example/alpha-1.0-py3-none-any.whl"
    assert found.logins == (("https://files.example/alpha-1.0-py3-none-any.whl", Login("ann", "hunter2")),)
    assert "hunter2" not in repr(found)


def test_links_that_lead_nowhere_or_to_this_machine_are_left_out() -> None:
    name = "alpha-1.0-py3-none-any.whl"
    body = page(
        {"filename": name, "url": "http://[broken", "hashes": {}},
        {"filename": name, "url": "file:///etc/alpha-1.0-py3-none-any.whl", "hashes": {}},
        {"filename": name, "url": name, "hashes": None, "size": "12", "requires-python": 3},
    )
    (file,) = parse_page(JSON, body, URL).files
    assert file == IndexFile(name, URL + name, None)
    (local,) = parse_page("text/html", f'<a href="{name}">a</a>'.encode(), "file:///wheels/index.html").files
    assert local.url == f"file:///wheels/{name}"


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("text/plain", b"", "its answer is of type `text/plain`"),
        (JSON, b"<html>", "its answer is not the JSON of a package index"),
        (JSON, b"[]", "its answer is not the JSON of a package index"),
        (JSON, b'{"meta": {"api-version": "1.0"}, "files": [1]}', "its answer is not the JSON of a package index"),
        (JSON, page(version="2.0"), "it speaks version 2.0 of the API, and slspack only 1"),
    ],
)
def test_what_is_no_page(kind: str, body: bytes, why: str) -> None:
    with pytest.raises(NotAPage) as caught:
        parse_page(kind, body, URL)
    assert str(caught.value) == why


def test_files_of_a_version_however_it_is_spelt() -> None:
    files = tuple(
        IndexFile(name, "", None) for name in ("a-1.0-py3-none-any.whl", "a-1.tar.gz", "a-1.1.zip", "a-x.zip")
    )
    assert [file.filename for file in files_of_version(files, "1.0.0")] == ["a-1.0-py3-none-any.whl", "a-1.tar.gz"]


def test_names_of_files() -> None:
    assert str(parse_filename("Foo_Bar-1.0-2-py3-none-any.whl")) == "('foo-bar', <Version('1.0')>)"
    assert str(parse_filename("foo-bar-1.0.tar.bz2")) == "('foo-bar', <Version('1.0')>)"
    assert parse_filename("foo.whl") is None
    assert parse_filename("foo-1.0.exe") is None
