"""`tongbao supply`, with a centre that answers what a test lays ready, and with none."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.builders import ALICE, GENESIS
from tests.command_line import json_of, tongbao
from tests.desks import Desks
from tests.journals import write_journal
from tests.kernel_builders import Ledger
from tongbao.centres.registration.answers import supply_of
from tongbao.errors import BusyError
from tongbao.protocol.registration import GenesisAnswer

WRONG, FAILED = 3, 4
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def ledger() -> Ledger:
    """An issue, and a heartbeat that names its verdict."""
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    ledger.heartbeat(time_ms=ledger.now_ms + 1_000)
    return ledger


@pytest.fixture
def journal(tmp_path: Path, ledger: Ledger) -> Path:
    """The ledger's journal, and nothing else of its network."""
    directory = tmp_path / "copy" / "journal"
    asyncio.run(write_journal(directory, [GENESIS.encode(), *ledger.batches]))
    return directory


@pytest.fixture
def centre(desks: Desks, ledger: Ledger) -> str:
    """Where a centre answers the truth about the ledger."""
    desks.answers["GET", "/v1/genesis"] = GenesisAnswer(genesis=GENESIS.encode())
    desks.answers["GET", "/v1/supply"] = supply_of(ledger.kernel)
    return desks.data.network.registration.url


def test_a_journal_alone_is_enough(journal: Path, ledger: Ledger) -> None:
    ended = tongbao("supply", "--journal", journal)

    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert lines[0] == f"sample, network {ledger.domain.network_id.hex()}"
    assert [line.split() for line in lines if line.startswith(("all", "added up"))] == [
        ["all", "¥5.00", "¥0.00", "¥5.00"],
        ["added", "up", "¥5.00", "¥0.00", "¥5.00"],
    ]
    assert lines[-3:] == [
        "every signature, approval and rule was judged again; the journal names every verdict",
        f"batch 2, state digest {ledger.kernel.state_digest().hex()}",
        "the supply is exact, by the journal alone",
    ]


def test_a_directory_with_nothing_but_a_journal_is_a_data_directory_to_count(journal: Path) -> None:
    told = json_of(tongbao("supply", "--data", journal.parent, "--json"))

    assert (told["agrees"], told["centre_asked"], told["kernel"]) == (True, False, "reference")
    figures = {"issued": 500, "redeemed": 0, "outstanding": 500, "unspent": 500}
    assert told["recounted"] == {**figures, "unconfirmed": 0}
    assert {name: told[name] for name in figures} == figures


@pytest.mark.parametrize("where", ["beside the journal", "given"])
def test_the_journal_must_begin_with_the_genesis_that_is_known(journal: Path, desks: Desks, where: str) -> None:
    # The desks' network is another one than the ledger's.
    if where == "given":
        words = ["--journal", journal, "--genesis", desks.data.genesis_file]
    else:
        shutil.copy(desks.data.genesis_file, journal.parent)
        words = ["--data", journal.parent]

    ended = tongbao("supply", *words, "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (WRONG, "DamageError")
    assert "another genesis than the one given" in json_of(ended)["message"]


def test_the_centre_is_held_against_the_journal(journal: Path, centre: str) -> None:
    ended = tongbao("supply", "--data", journal.parent, "--url", centre)

    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[-1] == "the supply is exact: the centre's figures are the journal's"
    assert [line.split()[0] for line in ended.stdout.splitlines()[:5]] == ["home", "1", "2", "all", "journal"]


@pytest.mark.parametrize("lie", [{"state_digest": bytes(32)}, {"issued": 501, "unspent": 501}, {"unspent": 499}])
def test_a_centre_that_counts_otherwise_than_the_journal_is_an_alarm(
    journal: Path, centre: str, desks: Desks, ledger: Ledger, lie: dict[str, object]
) -> None:
    report = supply_of(ledger.kernel)
    if "state_digest" in lie:
        desks.answers["GET", "/v1/supply"] = report.model_copy(update=lie)
    else:
        first, *others = report.totals
        totals = [first.model_copy(update=lie), *others]
        desks.answers["GET", "/v1/supply"] = report.model_copy(update={"totals": totals})

    ended = tongbao("supply", "--data", journal.parent, "--url", centre)

    assert (ended.exit_code, ended.stdout.splitlines()[-1]) == (WRONG, "THE SUPPLY IS WRONG")


def test_of_a_centre_elsewhere_nothing_is_said_but_that_its_figures_agree(
    centre: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TONGBAO_DATA", raising=False)

    ended = tongbao("supply", "--url", centre)

    assert ended.exit_code == 0
    assert "exact" not in ended.stdout
    assert ended.stdout.splitlines()[-1] == ("the centre's figures agree with each other; nothing was counted again")


def test_a_centre_of_another_network_at_the_same_address_counts_as_none(desks: Desks, centre: str) -> None:
    asyncio.run(write_journal(desks.data.journal, [desks.data.genesis_file.read_bytes()]))

    ended = tongbao("supply", "--data", desks.root)

    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[0] == (
        f"another network's centre answers at {centre}: counted from the journal alone"
    )


def test_a_network_whose_centre_is_stopped_is_counted_from_its_journal(desks: Desks) -> None:
    asyncio.run(write_journal(desks.data.journal, [desks.data.genesis_file.read_bytes()]))
    network = desks.root / "network.json"
    network.write_text(network.read_text().replace(desks.data.network.registration.url, NOWHERE))

    ended = tongbao("supply", "--data", desks.root)

    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[0] == f"no centre answers at {NOWHERE}: counted from the journal alone"


def test_a_centre_that_was_named_must_answer(journal: Path) -> None:
    ended = tongbao("supply", "--data", journal.parent, "--url", NOWHERE, "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (FAILED, "NetworkError")


def test_a_centre_that_is_busy_is_not_passed_over(desks: Desks) -> None:
    desks.answers["GET", "/v1/genesis"] = BusyError("come again")

    ended = tongbao("supply", "--data", desks.root, "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (FAILED, "BusyError")


def test_where_there_is_no_network_one_is_told_so(tmp_path: Path) -> None:
    ended = tongbao("supply", "--data", tmp_path / "nothing", "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (FAILED, "ConfigurationError")
