"""`tongbao audit` and `tongbao journal publish`: what they print, and with which code they end."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audited import SEGMENT, flip, lived, record_offsets, written
from tests.command_line import json_of, tongbao
from tests.published_logs import KEYS, publish_log

AGREES, WRONG_USE, DIVERGES, WORLD_FAILED = 0, 2, 3, 4


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    """A small journal."""
    return await written(tmp_path / "journal", lived())


class Quiet(SimpleHTTPRequestHandler):
    """A file server that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base class
        """Nothing."""


@pytest.fixture
def published(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A directory, and the URL at which a web server serves it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "published")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path / "published", f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_journal_that_agrees_ends_with_its_figures(journal: Path) -> None:
    ended = tongbao("audit", "--journal", journal, "--jobs", "1", "--json")

    told = json_of(ended)
    assert ended.exit_code == AGREES
    assert (told["agrees"], told["sequence"], told["file"], told["offset"], told["meaning"]) == (
        *(True, 5, None, None),
        None,
    )
    assert [(each["home"], each["issued"], each["unspent"]) for each in told["holdings"]] == [(1, 800, 800)]
    assert told["jobs"] == 1


def test_people_are_told_in_words(journal: Path) -> None:
    ended = tongbao("audit", "--journal", journal, "--jobs", "1")

    assert "5 batches with 5 transactions, of which 4 settled" in ended.stdout
    assert "issued ¥8.00, redeemed ¥0.00, unspent ¥8.00" in ended.stdout
    assert "everything agrees; state digest" in ended.stdout


def test_a_divergence_ends_with_3_and_its_place(journal: Path) -> None:
    offset = record_offsets(journal)[3]
    flip(journal / SEGMENT, offset + 50)

    ended, shown = (
        tongbao("audit", "--journal", journal, "--jobs", "1", "--json"),
        tongbao("audit", "--journal", journal, "--jobs", "1"),
    )

    told = json_of(ended)
    assert ended.exit_code == shown.exit_code == DIVERGES
    assert (told["agrees"], told["sequence"], told["file"], told["offset"]) == (False, 3, SEGMENT, offset)
    assert f"DIVERGENCE in {SEGMENT} at byte {offset}, record 3: {told['meaning']}" in shown.stdout


def test_both_codes_that_check_signatures_come_to_the_same(journal: Path) -> None:
    pytest.importorskip("tongbao._native")

    told = [
        json_of(tongbao("audit", "--journal", journal, "--jobs", "1", "--signatures", by, "--json"))
        for by in ("native", "coin")
    ]

    assert [each.pop("signatures_by") for each in told] == ["native", "coin"]
    assert told[0] | {"seconds": 0} == told[1] | {"seconds": 0}


def test_a_published_copy_is_audited_over_http(journal: Path, published: tuple[Path, str]) -> None:
    folder, url = published
    listed = tongbao("journal", "publish", journal, folder, "--json")

    ended = tongbao("audit", "--journal", url, "--jobs", "1", "--json")

    assert json_of(listed) == {"files": [SEGMENT], "listing": "journal.json"}
    assert (ended.exit_code, json_of(ended)["sequence"]) == (AGREES, 5)


def test_the_log_is_compared_where_it_is_named(journal: Path, tmp_path: Path) -> None:
    publish_log(tmp_path / "log", lived())
    keys = tmp_path / "log.vkey"
    keys.write_text("".join(f"{key.encode()}\n" for key in KEYS))
    words = ("audit", "--journal", journal, "--log", tmp_path / "log", "--log-keys", keys, "--jobs", "1", "--json")

    agreed = tongbao(*words)
    flip(tmp_path / "log/checkpoint", 3)
    forged = tongbao(*words)

    assert (agreed.exit_code, json_of(agreed)["tiles"]) == (AGREES, 2)
    assert (forged.exit_code, json_of(forged)["file"]) == (DIVERGES, "checkpoint")


@pytest.mark.parametrize("place", ["nowhere", ""], ids=["missing", "without a journal"])
def test_a_directory_without_a_journal_is_an_error_of_the_world(tmp_path: Path, place: str) -> None:
    ended = tongbao("audit", "--journal", tmp_path / place, "--jobs", "1", "--json")

    assert ended.exit_code == WORLD_FAILED


def test_a_url_where_nobody_answers_is_an_error_of_the_world() -> None:
    ended = tongbao("audit", "--journal", "http://127.0.0.1:1", "--jobs", "1", "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (WORLD_FAILED, "NetworkError")


def test_an_audit_goes_on_from_its_state(journal: Path, tmp_path: Path) -> None:
    words = ("audit", "--journal", journal, "--jobs", "1", "--state", tmp_path / "state", "--json")

    first, second = json_of(tongbao(*words)), json_of(tongbao(*words))

    assert first | {"seconds": 0} == second | {"seconds": 0}
    assert tongbao(*words, "--log", tmp_path).exit_code == WRONG_USE


@pytest.mark.parametrize("content", ["no key\n", "", "# no key\n"])
def test_keys_that_are_none_are_wrong_use(journal: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "keys").write_text(content)

    ended = tongbao("audit", "--journal", journal, "--log-keys", tmp_path / "keys")

    assert ended.exit_code == WRONG_USE
