"""Each rule of the tidy program is shown one file that breaks it and one that does not."""

import pytest

from tools import tidy
from tools.tidy import Source

GLOSSARY = Source(
    tidy.GLOSSARY,
    "# Glossary\n\n| term | 中文 | meaning | never |\n| --- | --- | --- | --- |\n| coin | 币 | money | token, utxo |\n",
)


def test_this_repository_is_tidy() -> None:
    sources = tidy.read_sources(tidy.ROOT)

    findings = [finding for check in tidy.CHECKS for finding in check(sources)]

    assert findings == []


def test_the_glossary_in_force_bans_the_words_that_were_ever_confused() -> None:
    glossary = (tidy.ROOT / tidy.GLOSSARY).read_text(encoding="utf-8")

    banned = tidy.banned_words(glossary)

    assert {"token", "note", "utxo"} == {word for word, term in banned.items() if term == "coin"}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("class TokenStore: ...", "token"),
        ("def get_tokens(): ...", "token"),
        ("async def spend(utxo: int): ...", "utxo"),
        ("class Coin:\n    utxo_id: bytes", "utxo"),
    ],
)
def test_a_banned_synonym_in_a_name_is_found(name: str, word: str) -> None:
    findings = list(tidy.check_words([GLOSSARY, Source("src/tongbao/coin/coin.py", name)]))

    assert len(findings) == 1
    assert f"the glossary's word for {word} is coin" in findings[0]


def test_a_word_that_merely_contains_a_banned_one_is_let_be() -> None:
    source = Source("src/tongbao/coin/coin.py", "def tokenise(notebook: bytes): ...")

    assert list(tidy.check_words([GLOSSARY, source])) == []


@pytest.mark.parametrize("path", ["src/tongbao/utils.py", "src/tongbao/common/money.py", "tests/helpers.py"])
def test_a_module_named_for_nothing_is_found(path: str) -> None:
    assert len(list(tidy.check_words([Source(path, "")]))) == 1


@pytest.mark.parametrize(("lines", "findings"), [(tidy.FUNCTION_LINES_MAX, 0), (tidy.FUNCTION_LINES_MAX + 1, 1)])
def test_a_function_fails_at_one_line_too_many(lines: int, findings: int) -> None:
    source = Source("src/tongbao/x.py", "def long():\n" + "    1\n" * (lines - 1))

    assert len(list(tidy.check_sizes([source]))) == findings


@pytest.mark.parametrize(("lines", "findings"), [(tidy.FILE_LINES_MAX, 0), (tidy.FILE_LINES_MAX + 1, 1)])
def test_a_file_fails_at_one_line_too_many(lines: int, findings: int) -> None:
    source = Source("src/tongbao/x.py", "1\n" * lines)

    assert len(list(tidy.check_sizes([source]))) == findings


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error"])
def test_what_is_left_for_later_is_found(word: str) -> None:
    source = Source("src/tongbao/x.py", f"pass\n# {word}: later\n")

    assert [finding.split(":")[1] for finding in tidy.check_text([source])] == ["2"]


@pytest.mark.parametrize("host", ["py" + "pi.org", "files.python" + "hosted.org", "registry.npm" + "js.org"])
def test_the_host_of_a_package_registry_is_found(host: str) -> None:
    source = Source("Makefile", f"install:\n\tpip install --index-url https://{host}/simple tongbao\n")

    assert len(list(tidy.check_text([source]))) == 1


@pytest.mark.parametrize(
    ("path", "line", "findings"),
    [
        ("Cargo.lock", tidy.CARGO_LOCK_SOURCE, 0),
        ("crates/fuzz/Cargo.lock", tidy.CARGO_LOCK_SOURCE, 0),
        ("Cargo.lock", 'source = "registry+https://index.crates' + '.io/"', 1),
        ("docs/page.md", tidy.CARGO_LOCK_SOURCE, 1),
    ],
)
def test_the_lock_of_cargo_may_name_the_registry_that_it_always_names(path: str, line: str, findings: int) -> None:
    source = Source(path, f"[[package]]\n{line}\n")

    assert len(list(tidy.check_text([source]))) == findings


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("# One\n\n```sh\n# a comment\n```\n", 0),
        ("No title\n", 1),
        ("# One\n\n# Two\n", 1),
        ("# One\n\nSee `src/tongbao/x.py` and [it](../src/tongbao/x.py#L1).\n", 0),
        ("# One\n\nSee `src/tongbao/gone.py`.\n", 1),
        ("# One\n\nSee [it](../src/tongbao/gone.py).\n", 1),
    ],
)
def test_a_page_has_one_title_and_names_only_files_that_exist(text: str, findings: int) -> None:
    page, module = Source("docs/page.md", text), Source("src/tongbao/x.py", "")

    assert len(list(tidy.check_pages([page, module]))) == findings


@pytest.mark.parametrize(
    "line",
    [
        "asyncio.sleep(1)",
        "asyncio.create_task(pay())",
        "open('journal')",
        "datetime.now(UTC)",
        "loop.run_in_executor(None, judge)",
    ],
)
def test_an_actor_that_goes_past_its_ports_is_found_and_an_adapter_is_let_be(line: str) -> None:
    actor, adapter = Source("src/tongbao/wallets/wallet.py", line), Source("src/tongbao/adapters/clock.py", line)

    findings = list(tidy.check_ports([actor, adapter]))

    assert len(findings) == 1
    assert findings[0].startswith(actor.path)


WAITING = "@dataclass(eq=False, slots=True)\nclass Waiting:\n    answer: int\n"


@pytest.mark.parametrize(
    ("line", "findings"),
    [
        ("tasks: set[asyncio.Task[None]] = set()", 1),
        ("def wake(events: frozenset[Event]) -> None: ...", 1),
        ("tasks: WeakSet[Task] | None", 1),
        ("waiting: set[Waiting]", 1),
        ("coins: set[bytes]", 0),
        ("tasks: dict[asyncio.Task[None], None] = {}", 0),
        ("waiting: list[Waiting]", 0),
    ],
)
def test_a_set_whose_order_is_that_of_addresses_is_found_below_the_service(line: str, findings: int) -> None:
    actor, waiting = Source("src/tongbao/wallets/wallet.py", line), Source("src/tongbao/wallets/waiting.py", WAITING)
    served = Source("src/tongbao/service/running.py", line)

    assert len(list(tidy.check_order([actor, waiting, served]))) == findings


def test_a_status_number_used_twice_is_found() -> None:
    source = Source(tidy.STATUSES, "class Status(IntEnum):\n    SETTLED = 0\n    EXPIRED = 7\n    FROZEN = 7\n")

    assert [finding.split(": ", 1)[1] for finding in tidy.check_statuses([source])] == [
        "FROZEN has the number 7 of EXPIRED"
    ]


@pytest.mark.parametrize(
    ("test", "findings"),
    [
        (Source("tests/unit/coin/test_lock.py", ""), 0),
        (Source("tests/laws/test_conservation.py", "from tongbao.coin.lock import Lock"), 0),
        (Source("tests/laws/test_conservation.py", "from tongbao.coin import lock"), 0),
        (Source("tests/laws/test_conservation.py", "from tongbao.coin import Lock"), 1),
        (Source("tests/unit/coin/test_locks.py", ""), 1),
    ],
)
def test_a_module_needs_its_own_test_file_or_a_test_that_imports_it(test: Source, findings: int) -> None:
    module = Source("src/tongbao/coin/lock.py", "")

    assert len(list(tidy.check_tested([module, test]))) == findings
