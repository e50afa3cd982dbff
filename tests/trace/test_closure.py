"""The closure: what a function gets, and why."""

from __future__ import annotations

from dataclasses import replace

from slspack.codes import Code
from slspack.model import (
    Closure,
    DistName,
    ExternalImport,
    ImportPolicy,
    Location,
    MissingImports,
    MissingRule,
    ModuleName,
    ModuleOwner,
    Reason,
    ReasonKind,
    RuntimeProvided,
    Severity,
    dist_name,
)
from tests.support.worlds import World, first_party, imports


def policy(
    *, include: str = "", exclude: str = "", missing: MissingImports = MissingImports.ERROR, **rules: MissingImports
) -> ImportPolicy:
    return ImportPolicy(
        missing=missing,
        missing_rules=tuple(MissingRule(ModuleName(name), choice) for name, choice in rules.items()),
        include_distributions=tuple(dist_name(name) for name in include.split()),
        exclude_distributions=tuple(dist_name(name) for name in exclude.split()),
    )


def codes(closure: Closure) -> list[Code]:
    return [finding.code for finding in closure.findings]


def message(closure: Closure, code: Code) -> str:
    finding = next(finding for finding in closure.findings if finding.code is code)
    return f"{finding.at}: {finding.severity.value}: {finding.message}; {finding.hint}"


def reasons(world: World, name: str) -> tuple[Reason, ...]:
    closure = world.draw().closures["f"]
    return next(member.reasons for member in closure.members if member.distribution.name == name)


def left_out(world: World, name: str) -> str:
    closure = world.draw().closures["f"]
    return next(one.reason for one in closure.left_out if one.distribution.name == name)


def shop() -> World:
    """SQLAlchemy with greenlet, boto3 with its own, flask; all used somewhere."""
    world = World().lists("sqlalchemy", "boto3", "flask")
    world.wheel("sqlalchemy", requires=['greenlet>=1; platform_machine == "x86_64"', 'colorama; os_name == "nt"'])
    world.wheel("greenlet").wheel("boto3", requires=["botocore"]).wheel("botocore", requires=["urllib3"])
    return world.wheel("urllib3").wheel("flask")


class TestRequirements:
    def test_only_what_imports_and_requirements_lead_to_goes_in(self) -> None:
        world = shop().function("f", imports("sqlalchemy.orm", "Session", by="shop.db", line=7))
        world.function("g", imports("flask"), imports("boto3"))
        assert world.members() == {"sqlalchemy", "greenlet"}
        assert world.members("g") == {"flask", "boto3", "botocore", "urllib3"}
        assert codes(world.draw().closures["f"]) == []
        assert world.draw().findings == ()

    def test_reasons_name_the_import_and_the_requirement(self) -> None:
        world = shop().function("f", imports("sqlalchemy.orm", "Session", by="shop.db", line=7))
        assert reasons(world, "sqlalchemy") == (
            Reason(ReasonKind.IMPORT, "shop.db", "from sqlalchemy.orm import Session", Location("shop/db.py", 7, 1)),
        )
        assert reasons(world, "greenlet") == (Reason(ReasonKind.REQUIRES, "sqlalchemy", "greenlet>=1"),)

    def test_the_shortest_chain_comes_first(self) -> None:
        world = World().lists("a", "z").wheel("a", requires=["b"]).wheel("b", requires=["c"]).wheel("c")
        world.wheel("z", requires=["c"])
        world.function("f", imports("a"), imports("z", by="shop"))
        assert [reason.source for reason in reasons(world, "c")] == ["b", "z"]
        world.graphs.clear()
        world.functions.clear()
        world.function("f", imports("a", by="shop"), imports("z"))
        assert [reason.source for reason in reasons(world, "c")] == ["z", "b"]

    def test_extras_are_propagated(self) -> None:
        world = World().lists("app[all]")
        world.wheel(
            "app",
            requires=['app[web,Data_Base]; extra == "all"', 'web; extra == "web"', 'db[fast]; extra == "data-base"'],
        )
        world.wheel("web").wheel("db", requires=['speed; extra == "fast"', 'slow; extra == "slow"'])
        world.wheel("speed").wheel("slow").function("f", imports("app"))
        assert world.members() == {"app", "web", "db", "speed"}

    def test_listed_extras_hold_however_the_distribution_is_reached(self) -> None:
        world = World().lists("front", "server[fast]").wheel("front", requires=["server"])
        world.wheel("server", requires=['loop ; extra == "fast"']).wheel("loop").function("f", imports("front"))
        assert world.members() == {"front", "server", "loop"}

    def test_circles_end(self) -> None:
        world = World().lists("a").wheel("a", requires=["b"]).wheel("b", requires=["a"]).function("f", imports("a"))
        assert world.members() == {"a", "b"}

    def test_requirements_by_address_with_markers(self) -> None:
        world = World().lists("a").wheel("a", requires=["b @ https://index.example/b;x.whl ; python_version > '3.5'"])
        world.wheel("b").function("f", imports("a"))
        assert world.members() == {"a", "b"}

    def test_a_requirement_that_the_lock_does_not_hold(self) -> None:
        world = World().lists("a").wheel("a", requires=["absent>=2", 'never; os_name == "nt"', "urllib3"])
        world.function("f", imports("a"))
        closure = world.draw().closures["f"]
        assert codes(closure) == [Code.MISSING_DEPENDENCY]
        assert message(closure, Code.MISSING_DEPENDENCY) == (
            "requirements.txt:1: error: `a` requires `absent>=2`, which the lock does not hold; "
            "lock it too, or name `absent` in `excludeDistributions` if nothing uses it"
        )
        world.function("g", imports("a"), policy=policy(exclude="absent"))
        assert codes(world.draw().closures["g"]) == []


class TestMissing:
    def test_an_import_that_nothing_provides(self) -> None:
        world = shop().function("f", imports("flsk", line=3), imports("shapely.geometry", by="shop.geo", line=4))
        closure = world.draw().closures["f"]
        first, second = (finding for finding in closure.findings if finding.code is Code.NOT_LISTED)
        assert (first.message, str(first.at), first.severity, first.function) == (
            "`handler` imports `flsk`, which no requirement provides",
            "handler.py:3:1",
            Severity.ERROR,
            "f",
        )
        assert first.hint == "did you mean `flask`? otherwise list what provides it"
        assert second.hint == "list the distribution that provides it (`shapely`?) among the requirements"

    def test_a_known_other_name_is_hinted_at(self) -> None:
        closure = World().function("f", imports("cv2")).draw().closures["f"]
        assert "(`opencv-python-headless`?)" in message(closure, Code.NOT_LISTED)

    def test_a_module_that_stands_beside_the_importer(self) -> None:
        own = ExternalImport(
            ModuleName("helper"),
            ("x",),
            False,
            ModuleName("tools.get-user.app"),
            Location("tools/get-user/app.py", 1, 1),
            beside="tools/get-user/helper.py",
        )
        closure = World().function("f", own).draw().closures["f"]
        assert message(closure, Code.NOT_LISTED) == (
            "tools/get-user/app.py:1:1: error: `tools.get-user.app` imports `helper`, which no requirement provides; "
            "`tools/get-user/helper.py` stands beside it, where Python does not look: write "
            "`from .helper import …`, or add `tools/get-user` to the `source-roots`"
        )

    def test_a_module_that_a_plugin_would_write(self) -> None:
        closure = World().function("f", imports("unzip_requirements")).draw().closures["f"]
        assert "`zip: true`" in message(closure, Code.NOT_LISTED)

    def test_a_guarded_import_may_be_missing(self) -> None:
        world = shop().function("f", imports("ujson", optional=True))
        assert codes(world.draw().closures["f"]) == []

    def test_a_guarded_import_counts_when_the_lock_has_it(self) -> None:
        world = shop().function("f", imports("greenlet", optional=True), imports("flask"))
        assert {"greenlet", "flask"} <= world.members()
        assert Code.ONLY_TRANSITIVE not in codes(world.draw().closures["f"])

    def test_settings_decide_by_name_and_for_all(self) -> None:
        external = (imports("alpha.beta"), imports("gamma"))
        world = World().function("f", *external, policy=policy(alpha=MissingImports.IGNORE, gamma=MissingImports.WARN))
        world.function("g", *external, policy=policy(missing=MissingImports.IGNORE, alpha=MissingImports.WARN))
        closures = world.draw().closures
        found = {
            name: [(one.severity, one.message.split("`")[3]) for one in closure.findings]
            for name, closure in closures.items()
        }
        assert found == {"f": [(Severity.WARNING, "gamma")], "g": [(Severity.WARNING, "alpha.beta")]}

    def test_a_layer_may_provide_it(self) -> None:
        closure = World().function("f", imports("pandas"), opaque_layers=True).draw().closures["f"]
        assert message(closure, Code.LAYER_MAY_PROVIDE) == (
            "handler.py:1:1: warning: `handler` imports `pandas`, which no requirement provides; one of the function's "
            "layers may; if a layer has it, say so: `missingImports: {pandas: ignore}`"
        )

    def test_a_development_requirement_is_an_error_until_moved_or_excluded(self) -> None:
        world = World().lists("PyYAML", group="dev").function("f", imports("yaml"), opaque_layers=True)
        world.function("g", imports("yaml"), policy=policy(exclude="pyyaml"))
        closures = world.draw().closures
        assert message(closures["f"], Code.DEVELOPMENT_ONLY) == (
            "handler.py:1:1: error: `handler` imports `yaml`, but `pyyaml` is listed only in the development group "
            "`dev` (dev.txt:1); move `pyyaml` to the run-time requirements, or name it in `excludeDistributions`"
        )
        assert codes(closures["g"]) == []

    def test_a_name_in_a_namespace_must_be_a_module(self) -> None:
        world = World().lists("google-auth").wheel("google-auth", {"google/auth/__init__.py": ""})
        world.function("f", imports("google", "auth", "cloud"))
        assert world.members() == {"google-auth"}
        assert "imports `google.cloud`" in message(world.draw().closures["f"], Code.NOT_LISTED)


class TestOwners:
    def test_used_only_through_another_distributions_dependency(self) -> None:
        closure = shop().function("f", imports("greenlet", line=2), imports("flask")).draw().closures["f"]
        assert message(closure, Code.ONLY_TRANSITIVE) == (
            "handler.py:2:1: warning: `handler` imports `greenlet` of `greenlet`, which is in the lock only because "
            "`sqlalchemy` requires it; list `greenlet` among the requirements, so that it stays when the others change"
        )

    def test_what_a_listed_extra_requires_was_asked_for(self) -> None:
        world = World().lists("driver[pool]").wheel("driver", requires=['driver-pool; extra == "pool"', "wire"])
        world.wheel("driver-pool").wheel("wire").function("f", imports("driver"), imports("driver_pool"))
        world.function("g", imports("wire"))
        closures = world.draw().closures
        assert (codes(closures["f"]), codes(closures["g"])) == ([], [Code.ONLY_TRANSITIVE])

    def test_only_the_namespace_is_named(self) -> None:
        world = World().lists("google-auth").wheel("google-auth", {"google/auth/__init__.py": ""})
        world.wheel("protobuf", {"google/protobuf/__init__.py": ""}).function("f", imports("google"))
        assert world.members() == {"google-auth"}

    def _two(self, listed: str, first: str = "1", second: str = "2") -> World:
        world = World().lists(*listed.split())
        return world.wheel("cv-full", {"cv/__init__.py": first}).wheel("cv-small", {"cv/__init__.py": second})

    def test_the_listed_one_of_several(self) -> None:
        assert self._two("cv-small").function("f", imports("cv")).members() == {"cv-small"}

    def test_several_with_equal_content_are_one(self) -> None:
        world = self._two("cv-small cv-full", "same", "same").function("f", imports("cv"))
        assert world.draw().closures["f"].findings == ()
        assert "cv-full" in world.members()

    def test_several_are_an_error_that_names_them_and_the_setting(self) -> None:
        world = self._two("cv-small cv-full").function("f", imports("cv", line=9))
        assert message(world.draw().closures["f"], Code.AMBIGUOUS_OWNER) == (
            "handler.py:9:1: error: `handler` imports `cv`, which `cv-full` and `cv-small` provide with different "
            "contents; choose one: `modules: {cv: cv-full}`"
        )

    def test_the_setting_decides(self) -> None:
        chosen = ImportPolicy(owners=(ModuleOwner(ModuleName("cv"), DistName("cv-small")),))
        world = self._two("cv-small cv-full").function("f", imports("cv.core"), policy=chosen)
        world.function("g", imports("cv"), policy=policy(exclude="cv-small"))
        assert (world.members(), world.members("g")) == ({"cv-small"}, {"cv-full"})
        assert codes(world.draw().closures["f"]) == []

    def test_a_parent_package_in_another_listed_distribution_comes_along(self) -> None:
        world = World().lists("core", "plugin").wheel("core", {"core/__init__.py": ""})
        world.wheel("plugin", {"core/plugins/extra.py": ""}).function("f", imports("core.plugins.extra"))
        world.function("g", imports("core"))
        assert (world.members(), world.members("g")) == ({"core", "plugin"}, {"core"})

    def test_a_module_that_hides_a_distribution(self) -> None:
        world = World().lists("pyyaml").wheel("pyyaml", {"yaml/__init__.py": ""}).wheel("other", {"handler.py": ""})
        world.function("f", modules=[first_party("handler"), first_party("yaml", importer="handler")])
        assert message(world.draw().closures["f"], Code.SHADOWS_DISTRIBUTION) == (
            "yaml.py: warning: `yaml.py` hides the module `yaml` of `pyyaml`; rename the service's own module, or "
            "leave the distribution out with `excludeDistributions`"
        )
        assert codes(world.draw().closures["f"]) == [Code.SHADOWS_DISTRIBUTION]

    def test_a_first_party_portion_of_a_namespace_hides_nothing(self) -> None:
        world = World().lists("acme-core").wheel("acme-core", {"acme/core.py": ""})
        world.function(
            "f", imports("acme.core"), modules=[first_party("handler"), first_party("acme.own", importer="handler")]
        )
        assert world.draw().closures["f"].findings == ()

    def test_a_handler_in_a_distribution(self) -> None:
        world = World().lists("datadog-lambda").wheel("datadog-lambda", {"datadog_lambda/handler.py": ""})
        outside = imports("datadog_lambda.handler", "handler", by="datadog_lambda.handler")
        world.function("f", outside, handler="datadog_lambda.handler", modules=[first_party("app")])
        world.function(
            "g", outside, handler="datadog_lambda.handler", modules=[], policy=policy(exclude="datadog-lambda")
        )
        assert [reason.kind for reason in reasons(world, "datadog-lambda")] == [ReasonKind.HANDLER]


class TestPlacing:
    def _world(self) -> World:
        world = World().lists("flask", "gunicorn").wheel("flask").wheel("gunicorn", requires=["packaging"])
        return world.wheel("packaging").function("f", imports("flask"))

    def test_a_listed_distribution_that_nothing_uses_is_kept_everywhere_with_one_warning(self) -> None:
        world = self._world().function("g")
        drawn = world.draw()
        assert {name: {str(m.distribution.name) for m in one.members} for name, one in drawn.closures.items()} == {
            "f": {"flask", "gunicorn", "packaging"},
            "g": {"gunicorn", "packaging"},
        }
        (warning,) = drawn.findings
        assert (warning.code, warning.severity, str(warning.at)) == (
            Code.NOT_USED,
            Severity.WARNING,
            "requirements.txt:2",
        )
        assert (
            warning.message == "`gunicorn` is listed, but nothing imports or requires it: it is kept in every function"
        )
        assert warning.hint == (
            "place it with `includeDistributions: [gunicorn]` on the functions that need it, or leave it out with "
            "`excludeDistributions: [gunicorn]`"
        )
        assert [reason.kind for reason in reasons(world, "gunicorn")] == [ReasonKind.UNREFERENCED]

    def test_naming_it_for_one_function_places_it(self) -> None:
        world = self._world().function("g", policy=policy(include="gunicorn"))
        assert (world.members(), world.members("g")) == ({"flask"}, {"gunicorn", "packaging"})
        assert world.draw().findings == ()
        assert left_out(world, "gunicorn") == "`includeDistributions` places it in `g`, and nothing here imports it"

    def test_excluded_by_all_it_is_not_spoken_of(self) -> None:
        world = World().lists("gunicorn").wheel("gunicorn").function("f", policy=policy(exclude="gunicorn"))
        assert world.draw().findings == ()
        assert left_out(world, "gunicorn") == "`excludeDistributions` leaves it out"

    def test_of_spare_ones_the_outermost_is_named(self) -> None:
        world = World().lists("inner", "outer", "ring-a", "ring-b").wheel("outer", requires=["inner"]).wheel("inner")
        world.wheel("ring-a", requires=["ring-b"]).wheel("ring-b", requires=["ring-a"]).function("f")
        assert world.members() == {"inner", "outer", "ring-a", "ring-b"}
        assert [finding.message.split("`")[1] for finding in world.draw().findings] == ["outer", "ring-a"]

    def test_what_only_collects_others_goes_where_one_of_them_is_used(self) -> None:
        world = World().lists("exporters").wheel("grpc-exporter").wheel("http-exporter")
        world.wheel("exporters", {"exporters/version.py": "VERSION = 1"}, ["grpc-exporter", "http-exporter"])
        world.function("f", imports("grpc_exporter")).function("g")
        assert world.members() == {"exporters", "grpc-exporter", "http-exporter"}
        assert world.members("g") == set()
        drawn = world.draw()
        assert (drawn.findings, drawn.closures["f"].findings) == ((), ())
        assert [reason.kind for reason in reasons(world, "exporters")] == [ReasonKind.COLLECTION]

    def test_a_collection_of_which_nothing_is_used_is_a_spare_requirement(self) -> None:
        world = World().lists("exporters").wheel("exporters", {}, ["grpc-exporter"]).wheel("grpc-exporter")
        world.function("f")
        assert world.members() == {"exporters", "grpc-exporter"}
        assert [finding.code for finding in world.draw().findings] == [Code.NOT_USED]

    def test_stubs_have_nothing_to_import(self) -> None:
        world = (
            World().lists("types-requests").wheel("types-requests", {"requests-stubs/__init__.pyi": ""}).function("f")
        )
        assert world.members() == set()
        assert world.draw().findings == ()
        assert left_out(world, "types-requests") == "it holds only type stubs, which nothing imports at run time"

    def test_excluding_takes_what_only_it_needed(self) -> None:
        world = World().lists("web", "db").wheel("web", requires=["shared", "own"]).wheel("db", requires=["shared"])
        world.wheel("shared").wheel("own").function("f", imports("web"), imports("db"), policy=policy(exclude="web"))
        assert world.members() == {"db", "shared"}
        assert codes(world.draw().closures["f"]) == []
        assert left_out(world, "own") == "only `web` requires it, and not for this function"

    def test_names_that_the_lock_does_not_hold(self) -> None:
        world = World().lists("flask").wheel("flask")
        world.function("f", imports("flask"), policy=policy(include="flsk", exclude="boto3 docutils"))
        found = [(one.code, one.severity, one.message, one.hint) for one in world.draw().findings]
        assert found == [
            (
                Code.UNKNOWN_DISTRIBUTION,
                Severity.WARNING,
                "`excludeDistributions` names `docutils`, which is not in the lock",
                None,
            ),
            (
                Code.UNKNOWN_DISTRIBUTION,
                Severity.ERROR,
                "`includeDistributions` names `flsk`, which is not in the lock",
                "did you mean `flask`?",
            ),
        ]


class TestTimeZones:
    """`zoneinfo` takes its data from `tzdata` where the system has none, as in Lambda."""

    def _world(self, source: str = "") -> World:
        world = World().lists("tzdata", "calendar-tools").wheel("tzdata")
        return world.wheel("calendar-tools", {"calendar_tools.py": source})

    def test_data_goes_with_the_module_of_the_standard_library(self) -> None:
        world = self._world().function("f").function("g", imports("calendar_tools"))
        world.graphs["f"] = replace(world.graphs["f"], stdlib=(imports("zoneinfo", "ZoneInfo", line=3),))
        assert (world.members(), world.members("g")) == ({"tzdata"}, {"calendar-tools"})
        assert world.draw().findings == ()
        assert reasons(world, "tzdata") == (
            Reason(ReasonKind.IMPORT, "handler", "import tzdata", Location("handler.py", 3, 1)),
        )

    def test_data_goes_with_a_wheel_that_imports_it(self) -> None:
        world = self._world("from zoneinfo import ZoneInfo").function("f", imports("calendar_tools")).function("g")
        assert (world.members(), world.members("g")) == ({"calendar-tools", "tzdata"}, set())

    def test_nobody_has_to_list_it(self) -> None:
        world = World().function("f")
        world.graphs["f"] = replace(world.graphs["f"], stdlib=(imports("zoneinfo"),))
        assert world.draw().closures["f"].findings == ()


class TestRuntimeProvided:
    EXCLUDE = ImportPolicy(runtime_provided=RuntimeProvided.EXCLUDE)

    def test_packaged_when_listed(self) -> None:
        assert shop().function("f", imports("boto3")).function(
            "g", imports("flask"), imports("sqlalchemy")
        ).members() == {
            "boto3",
            "botocore",
            "urllib3",
        }

    def test_not_missing_when_not_listed(self) -> None:
        world = World().function("f", imports("boto3.dynamodb.conditions", "Key"), imports("dateutil.parser"))
        assert world.draw().closures["f"].findings == ()

    def test_its_parts_may_be_imported_without_listing_each(self) -> None:
        world = shop().function("f", imports("botocore.exceptions", "ClientError"), imports("boto3"))
        assert codes(world.draw().closures["f"]) == []

    def test_left_out_when_asked_for(self) -> None:
        world = shop().function("f", imports("boto3"), imports("botocore"), imports("flask"), imports("sqlalchemy"))
        world.functions[0] = type(world.functions[0])(
            "f", world.functions[0].handler, world.functions[0].target, policy=self.EXCLUDE
        )
        assert world.members() == {"flask", "sqlalchemy", "greenlet"}
        assert world.draw().findings == ()
        assert left_out(world, "boto3") == "the runtime provides it, and `runtimeProvided` is `exclude`"

    def test_what_a_packaged_distribution_requires_stays(self) -> None:
        world = World().lists("boto3", "requests").wheel("boto3", requires=["urllib3", "jmespath"]).wheel("jmespath")
        world.wheel("requests", requires=["urllib3"]).wheel("urllib3")
        world.function("f", imports("boto3"), imports("requests"), policy=self.EXCLUDE)
        assert world.members() == {"requests", "urllib3"}
