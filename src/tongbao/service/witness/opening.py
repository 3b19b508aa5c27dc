"""A witness opened from its settings: its key, the logs that it knows, its directory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.witness_files import WitnessFiles
from tongbao.errors import ConfigurationError, RequestError
from tongbao.evidence import Policy, SignatureKind, SigningKey, VerifierKey
from tongbao.service.configuration import WitnessConfiguration, WitnessSettings
from tongbao.service.key_file import read_key
from tongbao.witnesses.log_witness import LogWitness
from tongbao.witnesses.metrics import WitnessMetrics
from tongbao.witnesses.ports import History

__all__ = ["known_logs", "opened_witness", "read_policy"]


def read_policy(path: Path) -> Policy:
    """The policy in the file.

    Raises:
        ConfigurationError: it cannot be read, or is none.
    """
    try:
        return Policy.decode(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"cannot read the policy {path}: {error.strerror}") from None
    except RequestError as error:
        raise ConfigurationError(f"{path} is no policy of logs and witnesses: {error}") from None


def known_logs(path: Path) -> list[VerifierKey]:
    """The keys of the logs that the policy names; raises `ConfigurationError` where it names none."""
    keys = [log.key for log in read_policy(path).logs]
    if not keys:
        raise ConfigurationError(f"{path} names no log: add a line `log` with the log's verifier key")
    return keys


@asynccontextmanager
async def opened_witness(
    settings: WitnessConfiguration | WitnessSettings,
    *,
    registry: CollectorRegistry,
    history: History | None = None,
) -> AsyncIterator[LogWitness]:
    """The witness of these settings, with its directory locked; let go at the end."""
    key = read_key(settings.key)
    signing = SigningKey(settings.name, SignatureKind.COSIGNATURE_ED25519, key.secret_seed)
    logs = known_logs(settings.logs)
    disk = FileDisk()
    try:
        records = await WitnessFiles.open(disk, str(settings.directory))
        try:
            witness = LogWitness(
                [signing],
                logs,
                records=records,
                clock=SystemClock(),
                history=history,
                metrics=WitnessMetrics(registry),
            )
            await witness.open()
            yield witness
        finally:
            await records.close()
    finally:
        disk.close()
