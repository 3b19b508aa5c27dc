"""Real servers of NATS on this machine, with ports and stores of their own, for tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tongbao.adapters.nats_client import nkey_of
from tongbao.adapters.nats_configuration import ServerPlan, server_configuration
from tongbao.adapters.nats_place import NatsPlace
from tongbao.coin.ed25519 import SigningKey

HOST = "127.0.0.1"
WRITER = SigningKey(bytes([1]) * 32)
READER = SigningKey(bytes([2]) * 32)
OPERATOR = SigningKey(bytes([3]) * 32)
"""May do everything with the streams, as whoever has the servers' machines."""
START_S_MAX = 20.0


def server_program() -> str:
    """The program `nats-server` of the extra; the test skips where it is not installed."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        pytest.skip("nats-server is not installed: pip install 'tongbao[cluster]'")
    pytest.importorskip("nats", reason="nats-py is not installed: pip install 'tongbao[cluster]'")
    return found


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at just now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind((HOST, 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for(host: str, port: int, log: Path) -> None:
    """Until the server takes connections; where it does not, its log says why."""
    until_s = time.monotonic() + START_S_MAX
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until_s, log.read_text()[-2000:] if log.exists() else "no log"
            time.sleep(0.02)
        else:
            return


@dataclass
class Server:
    """One server; it may be started again and again on the same store."""

    program: str
    plan: ServerPlan
    edit: Callable[[str], str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def configuration(self) -> Path:
        return self.plan.store.with_suffix(".conf")

    def start(self) -> None:
        self.plan.store.mkdir(parents=True, exist_ok=True)
        written = server_configuration(self.plan).replace(
            "users: [", f"users: [ {{ nkey: {nkey_of(OPERATOR.public_key)} }}"
        )
        self.configuration.write_text(self.edit(written), encoding="utf-8")
        log = self.plan.store.with_suffix(".log")
        self.process = subprocess.Popen([self.program, "-c", str(self.configuration), "-l", str(log)])

    def wait(self) -> None:
        """Until it takes connections."""
        host, _, port = self.plan.listen.rpartition(":")
        wait_for(host, int(port), self.plan.store.with_suffix(".log"))

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End it as a loss of the machine does."""
        if self.process is not None:
            self.send(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End it in good order."""
        if self.process is not None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None


@dataclass
class Cluster:
    """Servers that keep journals together."""

    servers: list[Server]

    @property
    def place(self) -> NatsPlace:
        return NatsPlace(servers=tuple(each.plan.listen for each in self.servers), key=WRITER)

    def place_as(self, key: SigningKey) -> NatsPlace:
        return replace(self.place, key=key)

    @property
    def url(self) -> str:
        return str(self.place)

    def start(self) -> None:
        for each in self.servers:
            if each.process is None:
                each.start()
        for each in self.servers:
            each.wait()

    def stop(self) -> None:
        for each in self.servers:
            each.stop()


@contextmanager
def running_cluster(
    directory: Path,
    count: int,
    *,
    edit: Callable[[str], str] = str,
    writers: Sequence[bytes] = (WRITER.public_key,),
) -> Iterator[Cluster]:
    """Servers with stores below the directory; `edit` may spoil their configuration."""
    program, ports = server_program(), free_ports(2 * count)
    listens = [f"{HOST}:{port}" for port in ports[:count]]
    routes = [f"{HOST}:{port}" for port in ports[count:]]
    servers = [
        Server(
            program,
            ServerPlan(
                name=f"n{place + 1}",
                listen=listens[place],
                route=routes[place],
                routes=[] if count == 1 else [each for each in routes if each != routes[place]],
                store=directory / f"n{place + 1}",
                writers=writers,
                readers=[READER.public_key],
            ),
            edit,
        )
        for place in range(count)
    ]
    cluster = Cluster(servers)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
