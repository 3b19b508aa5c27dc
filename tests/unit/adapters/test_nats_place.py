import re
from pathlib import Path

import pytest

from tongbao.adapters.nats_place import NatsPlace, parse_servers
from tongbao.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("nats://a", ("a:4222",)),
        ("nats://10.0.0.1:14222", ("10.0.0.1:14222",)),
        ("nats://a,b:1,c", ("a:4222", "b:1", "c:4222")),
        ("nats://a,nats://b,nats://c", ("a:4222", "b:4222", "c:4222")),
        ("nats://[::1]:7", ("[::1]:7",)),
    ],
)
def test_servers_are_read_with_the_ports_that_nats_has(text: str, servers: tuple[str, ...]) -> None:
    assert parse_servers(text) == servers


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "names 0 servers"),
        ("data/journal", "names 0 servers"),
        ("nats://a,b", "one, three or five different servers"),
        ("nats://a,b,a", "one, three or five different servers"),
        ("nats://a,b,c,d", "names 4 servers"),
        ("nats://", "'' in 'nats://' is no server: write host:port"),
        ("nats://a,,c", "'' in"),
        ("nats://user:secret@a", "is no server"),
        ("nats://a:0", "is no server"),
        ("nats://a:70000", "is no server"),
        ("nats://a:1/path", "is no server"),
    ],
)
def test_what_names_no_servers_of_a_journal_is_refused_with_the_cure(text: str, cure: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(cure)):
        parse_servers(text)


@pytest.mark.parametrize(("count", "majority"), [(1, 1), (3, 2), (5, 3)])
def test_most_of_the_servers_must_be_at_work(count: int, majority: int) -> None:
    place = NatsPlace(servers=tuple(f"n{number}:4222" for number in range(count)))

    assert place.majority == majority
    assert str(place) == "nats://" + ",".join(place.servers)


def test_authorities_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    place = NatsPlace(servers=("a:4222",), authorities=tmp_path / "none.pem")

    with pytest.raises(ConfigurationError, match=r"none\.pem holds no certificates"):
        place.tls()
    assert NatsPlace(servers=("a:4222",)).tls() is None
