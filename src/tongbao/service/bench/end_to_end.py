"""A registration centre as a process of its own, and clients on the same cores that send it submissions."""

import multiprocessing
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.file_journal import FileJournal
from tongbao.coin import PublicKey
from tongbao.errors import InvariantError
from tongbao.kernel import Kernel
from tongbao.service.bench.client import Errand, meet_at, run_errand
from tongbao.service.bench.measurement import Measurement, cpu_seconds_of
from tongbao.service.bench.preparing import Report
from tongbao.service.bench.stages import preload
from tongbao.service.bench.workload import Handed, Workload
from tongbao.service.key_file import write_key
from tongbao.service.processes import RoleProcess, free_ports

__all__ = ["Load", "running_centre", "send"]

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How submissions are sent.

    Attributes:
        clients: processes.
        connections: of each process.
        per_second: submissions a second, of all clients together, in an open loop; None for as fast as possible.
    """

    clients: int
    connections: int
    per_second: float | None = None


@asynccontextmanager
async def running_centre(
    kernel_class: type[Kernel],
    workload: Workload,
    directory: Path,
    *,
    spendable: int,
    report: Report,
    keeps_log: bool = True,
) -> AsyncIterator[RoleProcess]:
    """A centre with so many thousands of coins, on a journal in the directory; stopped at the end."""
    genesis = workload.genesis()
    await _write_journal(kernel_class, workload, directory / "journal", spendable=spendable, report=report)
    (directory / "genesis.bin").write_bytes(genesis.encode())
    write_key(directory / "receipt.key", workload.digest("receipts"))
    port = free_ports(1)[0]
    config = directory / "config.toml"
    config.write_text(
        "\n".join(
            [
                'role = "registration"',
                f'listen = {{ host = "{HOST}", port = {port} }}',
                'genesis = "genesis.bin"',
                'journal = "journal"',
                'index = "sqlite:///index.sqlite"',
                'receipt_key = "receipt.key"',
                f"keeps_log = {str(keeps_log).lower()}",
                'clock = "heartbeat"',  # so that what was signed on another day has not expired
                "rate_limits = { home = { per_s = 1000000, burst = 100000000 } }",
            ]
        )
        + "\n",
        encoding="utf-8",
    )
    centre = await RoleProcess.start(
        "registration",
        config=config,
        url=f"http://{HOST}:{port}",
        log=directory / "registration.log",
        environment={"TONGBAO_KERNEL": kernel_class.name},
    )
    try:
        await centre.wait_ready()
        yield centre
    finally:
        await centre.stop()


async def _write_journal(
    kernel_class: type[Kernel], workload: Workload, directory: Path, *, spendable: int, report: Report
) -> None:
    disk, kernel = FileDisk(), kernel_class(workload.genesis())
    network_id = kernel.domain.network_id
    journal = await FileJournal.open(disk, str(directory), network_id=network_id, entropy=SystemEntropy().bytes)
    try:
        await journal.append(0, [kernel.genesis.encode()])
        for sequence, batch in enumerate(preload(kernel, workload, spendable=spendable, fillers=0, report=report), 1):
            await journal.append(sequence, [batch])
    finally:
        await journal.close()
        disk.close()


def send(centre: RoleProcess, workload: Workload, submissions: Sequence[Handed], load: Load) -> Measurement:
    """Send everything and wait for the last answer; the processor time is the centre's alone.

    Raises:
        InvariantError: a transaction did not settle.
    """
    clients = min(load.clients, len(submissions))
    errands = [
        Errand(
            host=HOST,
            port=int(centre.url.rpartition(":")[2]),
            domain=workload.genesis().domain(),
            endorser=workload.digest("endorser"),
            receipt_key=PublicKey.ed25519(workload.key("receipts").public_key),
            submissions=submissions[number::clients],
            connections=load.connections,
            per_second=None if load.per_second is None else load.per_second / clients,
        )
        for number in range(clients)
    ]
    cpu_s = cpu_seconds_of(centre.process.pid)
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(clients, context, meet_at, (context.Barrier(clients),)) as pool:
        told = list(pool.map(run_errand, errands))
    refused = sum(each.refused for each in told)
    if refused:
        raise InvariantError(f"{refused} of the bench's own transactions were refused")
    return Measurement(
        sum(len(each.ids) for each in submissions),
        max(each.ended_s for each in told) - min(each.began_s for each in told),
        cpu_seconds_of(centre.process.pid) - cpu_s,
        [latency for each in told for latency in each.latencies_s],
    )
