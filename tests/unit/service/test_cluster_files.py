import re
from pathlib import Path

import pytest

from tongbao.adapters.nats_client import nkey_of
from tongbao.errors import ConfigurationError
from tongbao.service.cluster_files import ClusterRequest, write_cluster
from tongbao.service.key_file import read_key, write_key

THREE = "nats://10.0.0.1,10.0.0.2,10.0.0.3"


def request(directory: Path, servers: str = THREE) -> ClusterRequest:
    return ClusterRequest(servers=servers, directory=directory, store=Path("/var/lib/journal"))


def test_each_server_gets_a_file_that_names_the_others_and_a_sync_for_every_record(tmp_path: Path) -> None:
    written = write_cluster(request(tmp_path / "cluster"))

    assert [path.name for path in written.configurations] == ["n1.conf", "n2.conf", "n3.conf"]
    text = written.configurations[1].read_text()
    assert 'listen: "10.0.0.2:4222"' in text
    assert re.findall(r"nats-route://[^\"]+", text) == ["nats-route://10.0.0.1:6222", "nats-route://10.0.0.3:6222"]
    assert "sync_interval: always" in text
    assert 'store_dir: "/var/lib/journal/n2"' in text
    assert "tls" not in text
    assert written.journal == THREE


def test_a_key_is_made_once_and_only_its_public_half_is_told_to_the_servers(tmp_path: Path) -> None:
    written = write_cluster(request(tmp_path))

    key = read_key(written.key)
    for path in written.configurations:
        text = path.read_text()
        assert nkey_of(key.public_key) in text
        assert key.secret_seed.hex() not in text
        assert path.stat().st_mode & 0o077 == 0


def test_a_writer_and_readers_that_there_are_keep_their_keys(tmp_path: Path) -> None:
    writer, reader = write_key(tmp_path / "w.key", bytes(32)), write_key(tmp_path / "r.key", bytes([1]) * 32)
    asked = ClusterRequest(
        servers="nats://a",
        directory=tmp_path / "cluster",
        store=tmp_path,
        writer=tmp_path / "w.key",
        readers=(tmp_path / "r.key",),
        certificates=Path("/etc/journal"),
    )

    written = write_cluster(asked)

    text = written.configurations[0].read_text()
    may = {line.split("nkey: ")[1].split(",")[0]: line for line in text.splitlines() if "nkey:" in line}
    assert set(may) == {nkey_of(writer.public_key), nkey_of(reader.public_key)}
    assert "tongbao.journal.>" in may[nkey_of(writer.public_key)]
    assert "tongbao.journal.>" not in may[nkey_of(reader.public_key)]
    assert 'cert_file: "/etc/journal/n1.pem"' in text
    assert "cluster {" not in text
    assert not (tmp_path / "cluster" / "journal.key").exists()


def test_files_that_are_there_are_never_overwritten(tmp_path: Path) -> None:
    write_cluster(request(tmp_path))

    with pytest.raises(ConfigurationError, match="File exists"):
        write_cluster(request(tmp_path))


@pytest.mark.parametrize(
    ("servers", "cure"),
    [
        ("nats://a,b", "one, three or five"),
        ("nats://a:4222,a:6222,b:4222", "two servers of .* at one port"),
        ("nats://a:64000", "choose a lower one"),
    ],
)
def test_servers_that_cannot_be_are_refused_before_anything_is_written(tmp_path: Path, servers: str, cure: str) -> None:
    with pytest.raises(ConfigurationError, match=cure):
        write_cluster(request(tmp_path / "cluster", servers))

    assert not (tmp_path / "cluster").exists()
