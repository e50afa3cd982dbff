"""Why something is in a function, or why not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slspack.model import (
    ArchivePath,
    DataFile,
    DistName,
    ImportPolicy,
    Location,
    MissingImports,
    MissingRule,
    ModuleName,
    RuntimeProvided,
)
from slspack.trace.explanation import explain
from tests.support.worlds import World, first_party, imports

if TYPE_CHECKING:
    from slspack.trace.explanation import Explanation

SPARE = {ModuleName("shop.spare"): "src/shop/spare.py"}


def asked(world: World, name: str, function: str = "f") -> Explanation:
    chosen = next(one for one in world.functions if one.name == function)
    closure = world.draw().closures[function]
    return explain(chosen, name, world.graphs[function], closure, world.lock, world.facts, SPARE.get)


def shop(policy: ImportPolicy | None = None) -> World:
    world = World().lists("sqlalchemy", "psycopg2", "flask", "unused").lists("moto", group="dev")
    world.wheel("sqlalchemy", {"sqlalchemy/__init__.py": "", "sqlalchemy/orm.py": "import psycopg2"}, ["greenlet>=1"])
    world.wheel("greenlet").wheel("psycopg2").wheel("flask", requires=["click"]).wheel("click").wheel("unused")
    modules = [
        first_party("handler"),
        first_party("shop", importer="handler", line=3),
        first_party("shop.db", importer="shop", line=2),
    ]
    external = (
        imports("sqlalchemy.orm", "Session", by="shop.db", line=1),
        imports("ujson", line=5, optional=True),
        imports("orjson", line=6),
        imports("boto3", line=7),
        imports("moto", line=8),
    )
    world.function("f", *external, modules=modules, policy=policy).function("g", imports("flask"))
    data = DataFile("shop/schema.sql", ArchivePath("shop/schema.sql"), "it stands beside shop.db, which is reached")
    world.graphs["f"] = replace(world.graphs["f"], data=(data,), stdlib=(imports("json", by="shop.db", line=4),))
    return world


CHAIN = (
    "handler.py handler is where `handler.main` begins",
    "handler.py:3:1 handler imports shop",
    "shop.py:2:1 shop imports shop.db",
    "shop/db.py:1:1 shop.db imports sqlalchemy (`from sqlalchemy.orm import Session`)",
)


class TestPresent:
    @pytest.mark.parametrize(
        ("name", "lines"),
        [
            ("shop.db", CHAIN[:3]),
            ("shop/db.py", CHAIN[:3]),
            ("handler", CHAIN[:1]),
            ("SQLAlchemy", CHAIN),
            ("greenlet", (*CHAIN, "sqlalchemy requires greenlet>=1")),
            (
                "psycopg2",
                (*CHAIN, "sqlalchemy/orm.py:1 sqlalchemy may import psycopg2 (`import psycopg2`), which is listed"),
            ),
            ("sqlalchemy.orm", (*CHAIN, "sqlalchemy holds sqlalchemy.orm")),
            ("sqlalchemy/orm.py", (*CHAIN, "sqlalchemy holds sqlalchemy/orm.py")),
            ("shop/schema.sql", ("shop/schema.sql it stands beside shop.db, which is reached",)),
            ("unused", ("requirements.txt:4 unused is listed, and kept in every function because none refers to it",)),
        ],
    )
    def test_the_chain_from_the_handler(self, name: str, lines: tuple[str, ...]) -> None:
        explanation = asked(shop(), name)
        assert explanation.lines() == lines
        assert explanation.present
        assert explanation.known

    def test_included_by_the_settings(self) -> None:
        world = shop(ImportPolicy(include_distributions=(DistName("flask"),)))
        assert asked(world, "click").lines() == (
            "serverless.yml:1 `includeDistributions` names flask",
            "flask requires click",
        )

    def test_the_handler_itself_is_in_a_distribution(self) -> None:
        world = World().lists("wrapper").wheel("wrapper")
        world.function("f", imports("wrapper", "main", by="wrapper"), handler="wrapper", modules=[])
        assert asked(world, "wrapper").lines() == ("wrapper.py:1:1 the handler `wrapper.main` is in wrapper",)


class TestAbsent:
    @pytest.mark.parametrize(
        ("name", "lines"),
        [
            ("flask", ("flask is not packaged: nothing that this function imports or needs names it",)),
            (
                "flask/__init__.py",
                (
                    "flask holds flask/__init__.py",
                    "flask is not packaged: nothing that this function imports or needs names it",
                ),
            ),
            ("click", ("click is not packaged: only `flask` requires it, and not for this function",)),
            ("shop.spare", ("src/shop/spare.py nothing that `handler.main` imports leads to it",)),
            ("shop/spare.py", ("src/shop/spare.py nothing that `handler.main` imports leads to it",)),
            (
                "json",
                (
                    *CHAIN[:3],
                    "shop/db.py:4:1 shop.db imports json (`import json`)",
                    "json is part of the standard library, which the runtime has",
                ),
            ),
            ("csv", ("csv is part of the standard library, which the runtime has",)),
            (
                "ujson",
                (
                    CHAIN[0],
                    "handler.py:5:1 handler imports ujson (`import ujson`)",
                    "nothing in the lock provides ujson; the code is prepared for that",
                ),
            ),
            (
                "orjson",
                (
                    CHAIN[0],
                    "handler.py:6:1 handler imports orjson (`import orjson`)",
                    "nothing in the lock provides orjson",
                ),
            ),
            (
                "boto3",
                (
                    CHAIN[0],
                    "handler.py:7:1 handler imports boto3 (`import boto3`)",
                    "boto3 is not listed; the runtime provides it",
                ),
            ),
            (
                "moto",
                (
                    CHAIN[0],
                    "handler.py:8:1 handler imports moto (`import moto`)",
                    "dev.txt:1 moto is listed only in the development group `dev`",
                ),
            ),
        ],
    )
    def test_the_reason(self, name: str, lines: tuple[str, ...]) -> None:
        explanation = asked(shop(), name)
        assert explanation.lines() == lines
        assert not explanation.present
        assert explanation.known

    def test_excluded_though_imported(self) -> None:
        world = shop(ImportPolicy(exclude_distributions=(DistName("sqlalchemy"), DistName("orjson"))))
        imported = (
            *CHAIN[:3],
            "shop/db.py:1:1 shop.db imports sqlalchemy.orm (`from sqlalchemy.orm import Session`)",
            "sqlalchemy is not packaged: `excludeDistributions` leaves it out",
        )
        assert asked(world, "sqlalchemy").lines() == imported
        assert asked(world, "sqlalchemy.orm").lines() == ("sqlalchemy holds sqlalchemy.orm", *imported)
        assert asked(world, "orjson").lines()[-1] == "`excludeDistributions` leaves orjson out"

    def test_left_to_the_runtime(self) -> None:
        world = World().lists("boto3").wheel("boto3")
        world.function("f", imports("boto3"), policy=ImportPolicy(runtime_provided=RuntimeProvided.EXCLUDE))
        assert asked(world, "boto3").lines()[-1] == (
            "boto3 is not packaged: the runtime provides it, and `runtimeProvided` is `exclude`"
        )

    def test_missing_by_the_users_own_rule(self) -> None:
        rule = MissingRule(ModuleName("orjson"), MissingImports.IGNORE)
        assert asked(shop(ImportPolicy(missing_rules=(rule,))), "orjson").lines()[-1] == (
            "nothing in the lock provides orjson; `missingImports` says what to make of it"
        )

    def test_unknown_names_come_with_the_nearest(self) -> None:
        explanation = asked(shop(), "sqlalchmy")
        assert explanation.lines() == (
            "nothing of that name is in the function, its source or its lock; did you mean `sqlalchemy`?",
        )
        assert not explanation.known
        assert explanation.steps[0].location is None
        assert asked(shop(), "zzzz").lines() == ("nothing of that name is in the function, its source or its lock",)


def test_a_chain_is_never_longer_than_the_distances_say() -> None:
    """A distribution that is reached two ways is explained by the nearer one."""
    world = World().lists("far", "near").wheel("far", requires=["middle"]).wheel("middle", requires=["goal"])
    world.wheel("near", requires=["goal"]).wheel("goal").function("f", imports("far"), imports("near", line=2))
    assert [step.location for step in asked(world, "goal").steps] == [
        Location("handler.py"),
        Location("handler.py", 2, 1),
        None,
    ]
