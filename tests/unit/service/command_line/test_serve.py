"""`tongbao up` before anything runs: what it is told must fit what is there, and nothing is made in vain."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tongbao.service.configuration import ClockChoice
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret

WORLD_FAILED = 4


@pytest.fixture
def blocked_port() -> Iterator[int]:
    """A port that somebody else listens on, so that a network which is made on it is made and does not run."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port: int = taken.getsockname()[1]
        yield port


@pytest.mark.parametrize("place", [0, 3])
def test_the_ports_of_a_new_network_begin_with_the_given_one_and_must_be_free(
    tmp_path: Path, blocked_port: int, place: int
) -> None:
    ended = tongbao("up", "--data", tmp_path / "data", "--port", blocked_port - place, "--json")

    assert ended.exit_code == WORLD_FAILED
    assert f"port {blocked_port} of 127.0.0.1 is in use" in json_of(ended)["message"]
    assert not (tmp_path / "data").exists(), "the same command may be given with another port"


def test_a_network_keeps_its_ports_and_other_ones_are_refused(tmp_path: Path, blocked_port: int) -> None:
    ports = [blocked_port + place for place in range(4)]
    plan = NetworkPlan(
        name="Test",
        institutions=("First Bank", "Second Bank"),
        test_network=True,
        time_ms=1_000,
        quota_fen=1,
        ports=ports,
        clock=ClockChoice.WALL,
        secret=seeded_secret("up"),
    )
    DataDirectory.make(tmp_path / "data", plan)

    other = tongbao("up", "--data", tmp_path / "data", "--port", blocked_port + 1, "--json")
    same = tongbao("up", "--data", tmp_path / "data", "--port", blocked_port, "--json")

    assert other.exit_code == WORLD_FAILED
    assert f"has the ports {', '.join(map(str, ports))} and keeps them: leave --port out" in json_of(other)["message"]
    assert f"port {blocked_port} of 127.0.0.1 is in use" in json_of(same)["message"], "its own port is no other one"


def test_a_foreign_directory_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("chapter 1", encoding="utf-8")

    ended = tongbao("up", "--data", tmp_path, "--json")

    assert ended.exit_code == WORLD_FAILED
    assert "is not empty and holds no network" in json.loads(ended.stdout)["message"]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_without_its_kernel_no_network_is_made(tmp_path: Path) -> None:
    ended = tongbao("up", "--data", tmp_path / "data", "--json", TONGBAO_KERNEL="fast")

    assert ended.exit_code == WORLD_FAILED
    assert not (tmp_path / "data").exists()
