"""The log beside supply statements: where it is looked for, whom it is believed, and what is waited for."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.published_logs import KEYS, HastyClock, MemoryCopy, checkpoint, entries_of, files_of, publish_log
from tests.supply_history import LOG_KEY, SupplyHistory
from tongbao.errors import ConfigurationError
from tongbao.evidence.signing import SignatureKind, SigningKey
from tongbao.evidence.supply_chain import SupplyFault
from tongbao.service.supply_log import ROUNDS_MAX, check_log, check_log_at, log_beside


@pytest.fixture
def history() -> SupplyHistory:
    """Two issues with a statement behind each."""
    history = SupplyHistory()
    for value in (500, 300):
        history.issue(value)
        history.state()
    return history


class Quiet(SimpleHTTPRequestHandler):
    """A file server that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base class
        """Nothing."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where a web server serves the directory."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


async def test_a_log_is_read_from_a_directory_and_over_http_alike(
    tmp_path: Path, url: str, history: SupplyHistory
) -> None:
    publish_log(tmp_path / "log", history.ledger, history.statements)

    found = [
        await check_log_at(place, history.statements, KEYS, insist=True)
        for place in (log_beside(str(tmp_path / "log/supply")), log_beside(url), f"{url}/log/")
    ]

    assert found[0] is not None
    assert (found[0].size, found[0].places, found[0].findings) == (4, {1: 1, 2: 3}, [])
    assert found[1:] == found[:1] * 2


async def test_where_no_log_stands_there_is_none_unless_it_was_named(
    tmp_path: Path, url: str, history: SupplyHistory
) -> None:
    for place in (str(tmp_path), url):
        assert await check_log_at(place, history.statements, KEYS, insist=False) is None
        with pytest.raises(ConfigurationError, match="holds no checkpoint"):
            await check_log_at(place, history.statements, KEYS, insist=True)


async def test_a_checkpoint_that_another_key_signed_is_not_the_logs(history: SupplyHistory) -> None:
    files = files_of(entries_of(history.ledger, history.statements))
    stranger = SigningKey(LOG_KEY.name, SignatureKind.ED25519, b"s" * 32)
    files["checkpoint"] = checkpoint(4, bytes(32), key=stranger)

    found = await check_log(MemoryCopy(files), history.statements, KEYS, clock=HastyClock())

    assert (found.size, [each.fault for each in found.findings]) == (None, [SupplyFault.LOG])


async def test_a_checkpoint_of_another_log_under_a_known_key_is_refused(history: SupplyHistory) -> None:
    other = SigningKey("tongbao.example/other", SignatureKind.ED25519, bytes(32))
    text = files_of(entries_of(history.ledger, history.statements))
    text["checkpoint"] = checkpoint(4, bytes(32), key=other)

    found = await check_log(MemoryCopy(text), history.statements, [other.verifier_key], clock=HastyClock())

    assert found.size is None
    assert "another log" in found.findings[0].detail


async def test_tiles_that_do_not_lead_to_the_signed_root_are_found(history: SupplyHistory) -> None:
    files = files_of(entries_of(history.ledger, history.statements))
    files["checkpoint"] = checkpoint(4, bytes(32))

    found = await check_log(MemoryCopy(files), history.statements, KEYS, clock=HastyClock())

    assert (found.size, [each.fault for each in found.findings]) == (4, [SupplyFault.LOG])


async def test_the_newest_statement_is_waited_for_until_the_log_has_taken_it_in(history: SupplyHistory) -> None:
    files = files_of(entries_of(history.ledger, history.statements[:1]))
    later = files_of(entries_of(history.ledger, history.statements))
    clock = HastyClock(meanwhile=lambda: files.update(later))

    found = await check_log(MemoryCopy(files), history.statements, KEYS, clock=clock)

    assert (found.findings, found.size, clock.waits) == ([], 4, 1)


async def test_the_newest_statement_is_not_waited_for_for_ever(history: SupplyHistory) -> None:
    clock = HastyClock()
    files = files_of(entries_of(history.ledger, history.statements[:1]))

    found = await check_log(MemoryCopy(files), history.statements, KEYS, clock=clock)

    assert [(each.fault, each.number) for each in found.findings] == [(SupplyFault.UNLOGGED, 2)]
    assert clock.waits == ROUNDS_MAX


async def test_an_older_statement_is_not_waited_for(history: SupplyHistory) -> None:
    clock = HastyClock()
    files = files_of(entries_of(history.ledger, history.statements[1:]))

    found = await check_log(MemoryCopy(files), history.statements, KEYS, clock=clock)

    assert [(each.fault, each.number) for each in found.findings] == [(SupplyFault.UNLOGGED, 1)]
    assert clock.waits == 0
