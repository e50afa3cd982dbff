"""Which files that are not modules go in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.tracing import function, trace, write_tree

if TYPE_CHECKING:
    from pathlib import Path

HANDLER = "\ndef handler(event, context): ...\n"


def data(root: Path, files: dict[str, str], source_roots: tuple[str, ...] = (".",)) -> list[str]:
    graph = trace(root, files, function("app.handler", source_roots=source_roots))
    return [file.archive for file in graph.data]


def test_data_beside_reached_modules_goes_in(tmp_path: Path) -> None:
    files = {
        "app.py": "import shop.orders.models\n" + HANDLER,
        "shop/__init__.py": "",
        "shop/schema.json": "",
        "shop/templates/mail.html": "",
        "shop/templates/deep/part.html": "",
        "shop/orders/models.py": "",
        "shop/orders/query.sql": "",
        "shop/unreached/__init__.py": "",
        "shop/unreached/big.bin": "",
        "shop/assets/readme.txt": "",
        "shop/assets/code/x.py": "",
        "shop/assets/code/x.txt": "",
        "other/y.json": "",
    }
    assert data(tmp_path, files) == [
        "shop/assets/readme.txt",
        "shop/orders/query.sql",
        "shop/schema.json",
        "shop/templates/deep/part.html",
        "shop/templates/mail.html",
    ]


def test_what_is_never_data(tmp_path: Path) -> None:
    files = {
        "app.py": "import shop\n" + HANDLER,
        "shop/__init__.py": "",
        "shop/data.json": "",
        "shop/libfast.so": "",
        "shop/core.cpython-313-x86_64-linux-gnu.so": "",
        "shop/core.abi3.so": "",
        "shop/core.pyd": "",
        "shop/__pycache__/x.pyc": "",
        "shop/tests/expected.json": "",
        "shop/.env": "",
        "shop/server.key": "",
        "shop/py.typed": "",
        "shop/__init__.pyi": "",
        "shop/README.md": "",
        "shop/requirements.txt": "",
        "shop/page/README.md": "",
    }
    assert data(tmp_path, files) == ["shop/data.json", "shop/libfast.so", "shop/page/README.md"]


def test_a_projects_own_file_goes_in_where_a_string_names_it(tmp_path: Path) -> None:
    files = {
        "app.py": "import shop\nopen('package.json')\n" + HANDLER,
        "package.json": "",
        "serverless.yml": "",
        "shop/__init__.py": "README = Path(__file__).with_name('README.md')\n",
        "shop/README.md": "",
    }
    assert data(tmp_path, files) == ["package.json", "shop/README.md"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("open('config.json')", ["config.json"]),
        ("open(f'{ROOT}/config.json')", ["config.json"]),
        ("open('/var/task/data/prices.csv')", ["data/prices.csv"]),
        ("open('data/prices.csv')", ["data/prices.csv"]),
        ("open(f'data/{name}.csv')", ["data/more/x.csv", "data/prices.csv"]),
        ("ROOT / 'data' / 'prices.csv'", ["data/more/x.csv", "data/prices.csv"]),
        ("open('data/more/' + name)", ["data/more/x.csv"]),
        ("open('settings/app.json')", ["settings/app.json"]),
        ("open('nothing.json'), 'shop.txt/x'", []),
        ("open('tests/expected.json')", []),
        ("open('server.pem')", []),
        ("run('tool.py')", []),
    ],
)
def test_at_a_source_root_only_what_strings_name_goes_in(tmp_path: Path, expression: str, expected: list[str]) -> None:
    files = {
        "app.py": expression + HANDLER,
        "config.json": "",
        "unnamed.json": "",
        "data/prices.csv": "",
        "data/more/x.csv": "",
        "settings/app.json": "",
        "settings/base.json": "",
        "settings/loader.py": "",
        "tests/expected.json": "",
        "server.pem": "",
        "tool.py": "",
    }
    assert data(tmp_path, files) == expected


def test_names_are_looked_up_below_every_source_root(tmp_path: Path) -> None:
    files = {"src/app.py": "open('data/a.txt'), 'lib'" + HANDLER, "lib/data/a.txt": "", "src/lib/b.txt": ""}
    assert data(tmp_path, files, source_roots=("src", "lib")) == ["data/a.txt", "lib/b.txt"]


def test_a_source_root_inside_another_is_not_its_data(tmp_path: Path) -> None:
    files = {"app.py": "X = 'src'\nimport shop\n" + HANDLER, "src/shop.py": "", "src/notes.txt": ""}
    assert data(tmp_path, files, source_roots=(".", "src")) == []


@pytest.mark.parametrize(
    ("imported", "expected"),
    [("flask", ["static/app.css", "templates/index.html"]), ("requests", [])],
)
def test_folders_that_template_libraries_read(tmp_path: Path, imported: str, expected: list[str]) -> None:
    files = {"app.py": f"import {imported}\n" + HANDLER, "templates/index.html": "", "static/app.css": ""}
    assert data(tmp_path, files) == expected


def test_every_file_has_a_reason(tmp_path: Path) -> None:
    files = {
        "app.py": "import shop, jinja2\nopen('config.json')\n" + HANDLER,
        "config.json": "",
        "shop/__init__.py": "",
        "shop/a.sql": "",
        "templates/b.html": "",
    }
    graph = trace(tmp_path, files, function("app.handler"))
    assert {file.archive: file.reason for file in graph.data} == {
        "config.json": "named `config.json` in `app.py`",
        "shop/a.sql": "in `shop`, the folder of a reached module",
        "templates/b.html": "in `templates`, which `jinja2` reads by default",
    }


def test_a_folder_linked_into_itself_is_looked_at_once(tmp_path: Path) -> None:
    write_tree(tmp_path, {"shop/files/a.txt": ""})
    (tmp_path / "shop/files/again").symlink_to(tmp_path / "shop/files", target_is_directory=True)
    assert data(tmp_path, {"app.py": "import shop\n" + HANDLER, "shop/__init__.py": ""}) == ["shop/files/a.txt"]


def test_a_compiled_module_is_not_its_own_data(tmp_path: Path) -> None:
    files = {"app.py": "import shop.core\n" + HANDLER, "shop/__init__.py": "", "shop/core.so": ""}
    assert data(tmp_path, files) == []
