"""Rules of this repository that no other tool knows. `python tools/tidy.py` prints what breaks them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from posixpath import normpath

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = "docs/concepts/glossary.md"
STATUSES = "src/tongbao/kernel/status.py"

FUNCTION_LINES_MAX = 50  # a function that does not fit on a screen is more than one decision
FILE_LINES_MAX = 400  # a file that takes longer than a coffee to read is more than one thing

MODULES_BANNED = frozenset({"utils", "util", "common", "helpers", "helper", "manager", "misc", "base"})
# Spelled in halves, so that this file passes its own rules.
LEFTOVERS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error")) + r")\b")
REGISTRIES = re.compile(
    "|".join(
        rf"\b{name}\.{suffix}\b"
        for name, suffix in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("crates", "io"),
            ("npmjs", "(?:org|com)"),
            ("proxy.golang", "org"),
            ("repo.maven", "apache"),
            ("deb.debian", "org"),
        )
    )
)
# Cargo writes this name into its lock whichever registry it asks: it says what the checksums are of, not where from.
CARGO_LOCK_SOURCE = f'source = "registry+https://github.com/rust-lang/{"crates"}.io-index"'

ACTORS = re.compile(r"src/tongbao/(centres|institutions|wallets|witnesses|terminals|vaults)/")
# What would reach past the ports: the simulator can neither delay, fail nor kill these.
ASYNCIO_BANNED = frozenset(
    {
        "TaskGroup",
        "create_subprocess_exec",
        "create_subprocess_shell",
        "create_task",
        "ensure_future",
        "open_connection",
    }
    | {"run", "sleep", "start_server", "to_thread"}
)
# Hashed by their addresses in memory: a set of these has another order in each process, and one seed two histories.
HASHED_BY_ADDRESS = frozenset({"Task", "Future", "Event", "Queue", "Handle", "TimerHandle"})
SETS = frozenset({"set", "frozenset", "WeakSet"})
WALL_CLOCKS = frozenset({"now", "utcnow", "today"})

# Entry points, definitions of ports, and Alembic's revisions, which the tests of the database run.
TESTLESS = re.compile(r"(__init__|__main__|/ports|/migrations/.*)\.py$")
# Modules that make up one thing, which tests use only through its surface: an actor by its requests, a command by its
# command line, a simulated currency by its seeds. `make coverage` holds each line of them to account.
TESTED_TOGETHER = {
    "src/tongbao/audit/": "tests/unit/audit/",
    "src/tongbao/institutions/": "tests/unit/institutions/",
    "src/tongbao/service/": "tests/scenarios/",
    "src/tongbao/simulation/": "tests/simulation/",
    "src/tongbao/vaults/bank.py": "tests/unit/institutions/",
}
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")  # relative only: a colon makes it an address elsewhere
PATH_IN_PROSE = re.compile(r"`((?:src|tests|docs|tools|changelog\.d)/[\w./-]+)`")


@dataclass(frozen=True)
class Source:
    """A file of the repository, by its path from the root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; empty for what is not Python."""
        return ast.parse(self.text if self.path.endswith(".py") else "")

    @property
    def module(self) -> str:
        """The dotted name of a module under src/."""
        return ".".join(PurePosixPath(self.path).relative_to("src").with_suffix("").parts)

    def numbered(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
        """Line number and text of each match."""
        for number, line in enumerate(self.text.splitlines(), 1):
            yield from ((number, match.group(match.lastindex or 0)) for match in pattern.finditer(line))


def read_sources(root: Path) -> list[Source]:
    """Every file that git knows or would add; one that holds no text, such as a picture, counts as empty."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout  # noqa: S603
    sources = []
    for name in sorted(filter(None, names.split("\0"))):
        try:
            sources.append(Source(name, (root / name).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            sources.append(Source(name, ""))  # pages may show it
        except (FileNotFoundError, IsADirectoryError):
            continue  # deleted and not yet committed
    return sources


def banned_words(glossary: str) -> dict[str, str]:
    """Each banned synonym and the word to use, from the glossary's last column."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in glossary.splitlines() if line[:2] == "| "]
    return {word.strip(): row[0] for row in rows[1:] for word in row[-1].split(",") if word.strip().isalpha()}


def names_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Names that the file gives: classes, functions, parameters and annotated fields."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield node.lineno, name
            case _:
                pass


def words_of(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, each also without its plural s."""
    words = {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
    return words | {word.removesuffix("s") for word in words}


def check_words(sources: Iterable[Source]) -> Iterator[str]:
    """One word per thing: no synonym that the glossary bans, no folder or module that says nothing."""
    by_path = {source.path: source for source in sources}
    banned = banned_words(by_path[GLOSSARY].text) if GLOSSARY in by_path else {}
    for source in by_path.values():
        path = PurePosixPath(source.path)
        if source.path.endswith(".py") and MODULES_BANNED & {*path.parts[:-1], path.stem}:
            yield f"{source.path}: a folder or module is named for what it holds; this name says nothing"
        for line, name in [(1, path.stem)] * source.path.endswith(".py") + list(names_in(source.tree)):
            for word in sorted(words_of(name) & banned.keys()):
                yield f"{source.path}:{line}: {name}: the glossary's word for {word} is {banned[word]}"


def check_sizes(sources: Iterable[Source]) -> Iterator[str]:
    """Functions and Python files stay small."""
    for source in (source for source in sources if source.path.endswith(".py")):
        if (length := source.text.count("\n")) > FILE_LINES_MAX:
            yield f"{source.path}: {length} lines, at most {FILE_LINES_MAX}"
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    yield f"{source.path}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES_MAX}"


def check_text(sources: Iterable[Source]) -> Iterator[str]:
    """Nothing is left for later, and no file names a package registry's host."""
    for source in sources:
        for line, word in source.numbered(LEFTOVERS):
            yield f"{source.path}:{line}: {word} is left for later; do it or drop it"
        cargo_lock = source.path.endswith("Cargo.lock")
        text = source.text.replace(CARGO_LOCK_SOURCE, "") if cargo_lock else source.text
        for line, host in Source(source.path, text).numbered(REGISTRIES):
            yield f"{source.path}:{line}: names the host {host}; which registry is used is the user's business"


def check_pages(sources: Iterable[Source]) -> Iterator[str]:
    """A Markdown page has one title, and the files that it names or links to exist."""
    sources = list(sources)
    paths = {
        str(path) for source in sources for path in (PurePosixPath(source.path), *PurePosixPath(source.path).parents)
    }
    for source in sources:
        if not source.path.endswith(".md") or source.path.startswith("changelog.d/"):
            continue
        prose = FENCED.sub("", source.text)
        if (titles := len(re.findall(r"^# ", prose, re.MULTILINE))) != 1:
            yield f"{source.path}: has {titles} titles (`# `), must have one"
        linked = [normpath(PurePosixPath(source.path).parent / target) for target in LINK.findall(prose)]
        for path in sorted({*PATH_IN_PROSE.findall(prose), *linked}):
            if path.rstrip("/") not in paths:
                yield f"{source.path}: names {path}, which is not there"


def check_ports(sources: Iterable[Source]) -> Iterator[str]:
    """Actors reach files, tasks, threads and clocks only through their ports."""
    for source in (source for source in sources if ACTORS.match(source.path)):
        for node in ast.walk(source.tree):
            match node:
                case ast.Attribute(value=ast.Name(id="asyncio"), attr=name) if name in ASYNCIO_BANNED:
                    yield f"{source.path}:{node.lineno}: asyncio.{name} goes past the ports"
                case ast.Call(func=ast.Name(id="open")):
                    yield f"{source.path}:{node.lineno}: open() goes past the ports"
                case ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name) if name in WALL_CLOCKS:
                    yield f"{source.path}:{node.lineno}: {name}() reads the wall clock past the ports"
                case ast.Attribute(attr="run_in_executor"):
                    yield f"{source.path}:{node.lineno}: run_in_executor goes past the ports"
                case _:
                    pass


def _compared_by_address(tree: ast.Module) -> Iterator[str]:
    """Dataclasses of the file that compare, and so hash, by identity."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            given = [word for made in node.decorator_list if isinstance(made, ast.Call) for word in made.keywords]
            if any(word.arg == "eq" and ast.unparse(word.value) == "False" for word in given):
                yield node.name


def check_order(sources: Iterable[Source]) -> Iterator[str]:
    """Below the service no set holds what hashes by its address in memory; a dict keeps the order of arrival."""
    simulated = [each for each in sources if each.path.startswith("src/tongbao/") and "/service/" not in each.path]
    by_address = HASHED_BY_ADDRESS | {name for source in simulated for name in _compared_by_address(source.tree)}
    for source in simulated:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Subscript) or ast.unparse(node.value).rpartition(".")[2] not in SETS:
                continue
            for name in sorted(set(re.findall(r"\w+", ast.unparse(node.slice))) & by_address):
                yield f"{source.path}:{node.lineno}: a set of {name} has the order of memory addresses; use a dict"


def check_statuses(sources: Iterable[Source]) -> Iterator[str]:
    """A status number is permanent and belongs to one status."""
    for source in (source for source in sources if source.path == STATUSES):
        seen: dict[int, str] = {}
        for node in ast.walk(source.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.isupper():
                    numbers = [leaf.value for leaf in ast.walk(value) if isinstance(leaf, ast.Constant)]
                    if not numbers or not isinstance(numbers[0], int):
                        continue
                    if numbers[0] in seen:
                        yield f"{source.path}:{node.lineno}: {name} has the number {numbers[0]} of {seen[numbers[0]]}"
                    seen.setdefault(numbers[0], name)
                case _:
                    pass


def imported_by(tree: ast.Module) -> Iterator[str]:
    """Every dotted name that a file imports, whether module or member."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def check_tested(sources: Iterable[Source]) -> Iterator[str]:
    """Every module has a test file of its own, or some test imports it by name, or the tests of its whole are there."""
    sources = list(sources)
    tests = [source for source in sources if source.path.startswith("tests/") and source.path.endswith(".py")]
    imported = {name for test in tests for name in imported_by(test.tree)}
    mirrors = {test.path for test in tests}
    for source in sources:
        if not source.path.startswith("src/") or not source.path.endswith(".py") or TESTLESS.search(source.path):
            continue
        folder, stem = PurePosixPath(source.path).parent.relative_to("src/tongbao"), PurePosixPath(source.path).stem
        mirror = str(PurePosixPath("tests/unit") / folder / f"test_{stem.lstrip('_')}.py")
        together = [where for part, where in TESTED_TOGETHER.items() if source.path.startswith(part)]
        if any(test.startswith(where) for test in mirrors for where in together):
            continue
        if mirror not in mirrors and source.module not in imported:
            yield f"{source.path}: no test; {mirror} would be the place"


CHECKS = (check_words, check_sizes, check_text, check_pages, check_ports, check_order, check_statuses, check_tested)


def main() -> int:
    """Print each finding as `path:line: message`; exit with 1 when there is one."""
    sources = read_sources(ROOT)
    findings = [finding for check in CHECKS for finding in check(sources)]
    for finding in findings:
        print(finding)
    print(f"tidy: {len(sources)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
