"""The rules of the house that a machine can see: who imports whom, sizes, SQL, clocks, routes."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import TestCase

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "peertube"
LONGEST_MODULE = 400

PURE_PACKAGES = {"model", "policy", "signatures"}
PURE_MODULES = {
    "pods": {"envelope", "encryption", "messages", "counts", "items", "urls", "election", "score"},
    "delivery": {"lanes", "health"},
    "torrents": {"metainfo", "magnet", "demand", "seeder_messages"},
    "tracker": {
        *(
            "announce",
            "candidates",
            "connection_id",
            "http_codec",
            "limits",
            "process_messages",
            "swarm",
            "udp_batch",
            "udp_codec",
        ),
        *("udp_exchange", "webtorrent", "websocket_codec"),
    },
    "media": {"probe", "ladder", "commands", "hls"},
    "jobs": {"states"},
}
EDGES = {
    "http", "api", "pages", "pods", "delivery", "torrents", "tracker", "media", "jobs", "shared", "files", "mail",
}  # fmt: skip
THIRD_PARTY = {"attr", "attrs", "cryptography", "bencodepy", "ffmpeg", "msgspec", "idna", "pydantic"}
IMPURE_STANDARD = {
    "asyncio", "ftplib", "glob", "http", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "shutil",
    "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time",
    "urllib.request",
}  # fmt: skip
HARMLESS = (sys.stdlib_module_names - IMPURE_STANDARD) | THIRD_PARTY
SQL = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+table\s)", re.I | re.S
)


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    """Every module of the package: its dotted name below ``peertube``, its path, its syntax tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "node_modules" in path.parts:
            continue
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        yield name, path, ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Dotted names that a module imports, and the column where it does so (0: at module level)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.col_offset
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.col_offset
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.col_offset


def is_pure(name: str) -> bool:
    """Whether a module (dotted, below ``peertube``) is one of the pure ones."""
    package, _, module = name.partition(".")
    return package in PURE_PACKAGES or module.partition(".")[0] in PURE_MODULES.get(package, set())


def ours(imported: str) -> str | None:
    """The dotted name below ``peertube`` of an import of ours."""
    return imported.removeprefix("peertube.") if imported.startswith("peertube.") else None


def known(imported: str, names: set[str]) -> str:
    """The module that an import names: ``model.videos`` for ``model.videos.Video``."""
    while imported not in names and "." in imported:
        imported = imported.rpartition(".")[0]
    return imported


class ImportTests(TestCase):
    """The table of who may import whom."""

    def setUp(self) -> None:
        self.modules = list(modules())
        self.names = {name for name, _, _ in self.modules}

    def test_pure_modules_stay_pure(self) -> None:
        """What decides is testable without a reactor, a clock or a disk."""
        wrong = []
        for name, _, tree in self.modules:
            if not is_pure(name):
                continue
            for imported, _ in imports(tree):
                inside = ours(imported)
                top = imported.partition(".")[0]
                if inside is not None:
                    target = known(inside, self.names)
                    if not (is_pure(target) or target == "errors" or target.partition(".")[0] in PURE_MODULES):
                        wrong.append(f"{name} imports {imported}")
                elif imported in IMPURE_STANDARD or top not in HARMLESS:
                    wrong.append(f"{name} imports {imported}")
        self.assertEqual(wrong, [])

    def test_storage_imports_no_edge_and_no_use_case(self) -> None:
        """SQL knows nothing of what it is used for."""
        wrong = [
            f"{name} imports {imported}"
            for name, _, tree in self.modules
            if name.startswith("storage")
            for imported, _ in imports(tree)
            if (inside := ours(imported)) is not None
            and not (inside.startswith(("storage", "errors", "failpoints")) or is_pure(known(inside, self.names)))
            and inside.partition(".")[0] not in {"model", "policy"}
        ]
        self.assertEqual(wrong, [])

    def test_use_cases_import_no_edge(self) -> None:
        """What the node can do does not depend on how it is asked."""
        wrong = []
        for name, _, tree in self.modules:
            if not name.startswith("usecases"):
                continue
            for imported, _ in imports(tree):
                inside = ours(imported)
                if inside is None:
                    if imported.startswith("twisted") and not imported.startswith("twisted.logger"):
                        wrong.append(f"{name} imports {imported}")
                    continue
                target = known(inside, self.names)
                top = target.partition(".")[0]
                package_of_pure = target in PURE_MODULES or top in {"model", "policy"}
                if not (
                    is_pure(target)
                    or package_of_pure
                    or top in {"usecases", "storage", "errors", "config", "failpoints"}
                ):
                    wrong.append(f"{name} imports {imported}")
                if top == "config" and target not in {"config", "config.schema", "config.current"}:
                    wrong.append(f"{name} imports {imported}")
        self.assertEqual(wrong, [])

    def test_edges_import_neither_storage_nor_each_other(self) -> None:
        """Edges move bytes; they meet in `node`."""
        wrong = []
        for name, _, tree in self.modules:
            package = name.partition(".")[0]
            if package not in EDGES or is_pure(name):
                continue
            for imported, _ in imports(tree):
                inside = ours(imported)
                if inside is None:
                    continue
                target = known(inside, self.names)
                top = target.partition(".")[0]
                foreign = top in EDGES - {package, "http"} and not is_pure(target) and target != top
                if foreign or top == "storage":
                    wrong.append(f"{name} imports {imported}")
        self.assertEqual(wrong, [])

    def test_no_module_imports_the_reactor_when_it_is_loaded(self) -> None:
        """The reactor is an argument."""
        wrong = [
            name
            for name, _, tree in self.modules
            for imported, column in imports(tree)
            if column == 0 and imported == "twisted.internet.reactor"
        ]
        self.assertEqual(wrong, [])


class SizeTests(TestCase):
    """A module holds one idea."""

    def test_no_module_is_longer_than_it_may_be(self) -> None:
        """Also tests."""
        long = {
            str(path.relative_to(ROOT)): lines
            for folder in (PACKAGE, ROOT / "tests", ROOT / "benchmarks")
            for path in folder.rglob("*.py")
            if "node_modules" not in path.parts and (lines := len(path.read_text().splitlines())) > LONGEST_MODULE
        }
        self.assertEqual(long, {})


class SqlTests(TestCase):
    """SQL lives in storage, as constants."""

    def test_only_storage_holds_sql(self) -> None:
        """One place to look for a query."""
        wrong = [
            f"{name}:{node.lineno}"
            for name, _, tree in modules()
            if not name.startswith("storage")
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
        ]
        self.assertEqual(wrong, [])

    def test_queries_are_constants(self) -> None:
        """No text of a query is put together from values: that is how injection begins."""
        wrong = []
        for name, _, tree in modules():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Query":
                    texts = [*node.args, *(keyword.value for keyword in node.keywords)]
                    if not all(isinstance(text, ast.Constant) for text in texts) and name != "storage.query":
                        wrong.append(f"{name}:{node.lineno}")
                if isinstance(node, ast.JoinedStr):
                    constant = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
                    if SQL.match(constant):
                        wrong.append(f"{name}:{node.lineno}")
        self.assertEqual(wrong, [])


class RouteTests(TestCase):
    """Every route says what it is for and who may call it."""

    def test_routes_declare_their_access_and_are_documented(self) -> None:
        """A route without a stated access would be open by accident."""
        wrong = []
        for name, _, tree in modules():
            documented = {
                node.name: ast.get_docstring(node)
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            for node in ast.walk(tree):
                if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Route", "SinkRoute"}):
                    continue
                if name.startswith("http"):
                    continue
                given = {keyword.arg for keyword in node.keywords}
                positional = list(node.args)
                if "access" not in given and len(positional) < 3:
                    wrong.append(f"{name}:{node.lineno} has no access")
                for value in [*positional, *(keyword.value for keyword in node.keywords)]:
                    if isinstance(value, ast.Attribute) and getattr(value.value, "id", "") == "self":
                        handler = value.attr
                        if handler in documented and not documented[handler]:
                            wrong.append(f"{name}:{node.lineno} {handler} has no docstring")
        self.assertEqual(wrong, [])
