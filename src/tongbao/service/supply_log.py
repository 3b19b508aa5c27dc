"""Supply statements held against the transparency log, whose files lie in a directory or behind a URL."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.journal_copy import FileMissingError, JournalCopy, copy_at
from tongbao.errors import ConfigurationError, RequestError
from tongbao.evidence import Checkpoint, SignedText, SignedTextInvalidError, VerifierKey, verify
from tongbao.evidence.proven_tiles import ProvenTiles
from tongbao.evidence.supply_chain import SupplyFault, SupplyFinding
from tongbao.evidence.supply_log import StatementsInLog
from tongbao.evidence.supply_statement import SupplyStatement
from tongbao.service.supply_evidence import is_address

__all__ = ["LoggedStatements", "check_log", "check_log_at", "log_beside"]

CHECKPOINT: Final = "checkpoint"
ROUND_S: Final = 1.0  # from one checkpoint to the next, where something happened
ROUNDS_MAX: Final = 3  # for which a statement that was just made is waited for


class Clock(Protocol):
    """What waits."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, slots=True)
class LoggedStatements:
    """What holding statements against the log came to.

    Attributes:
        size: how many entries the log has by its signed checkpoint; None where that cannot be believed.
        places: at which entry each statement stands, by its number.
        findings: what does not fit.
    """

    size: int | None
    places: dict[int, int]
    findings: list[SupplyFinding]


def log_beside(statements: str) -> str:
    """Where the log stands whose statements are at that place: above their directory, or at the same centre."""
    return f"{statements.rstrip('/')}/log" if is_address(statements) else str(Path(statements).absolute().parent)


async def check_log_at(
    place: str, statements: Sequence[SupplyStatement], keys: Sequence[VerifierKey], *, insist: bool
) -> LoggedStatements | None:
    """Whether the log in a directory or behind a URL holds the statements; None where there is none.

    Raises:
        ConfigurationError: there is none, though one must be.
        WorldError: it cannot be read.
    """
    try:
        async with copy_at(place) as files:
            return await check_log(files, statements, keys, clock=SystemClock())
    except FileMissingError:
        if insist:
            raise ConfigurationError(f"{place} holds no checkpoint: name the directory of a log, or its URL") from None
        return None


async def check_log(
    files: JournalCopy, statements: Sequence[SupplyStatement], keys: Sequence[VerifierKey], *, clock: Clock
) -> LoggedStatements:
    """Whether the log holds the statements, which were read before and ascend by number.

    A statement is published a moment before the log takes it in, so the newest one is waited for.

    Raises:
        FileMissingError: there is no checkpoint.
    """
    for _ in range(ROUNDS_MAX):
        found = await _checked(files, statements, keys)
        late = [each for each in found.findings if each.fault is SupplyFault.UNLOGGED]
        if (
            not late
            or found.findings != late
            or [each.number for each in late] != [each.number for each in statements[-1:]]
        ):
            return found
        await clock.sleep(ROUND_S)
    return await _checked(files, statements, keys)


async def _checked(
    files: JournalCopy, statements: Sequence[SupplyStatement], keys: Sequence[VerifierKey]
) -> LoggedStatements:
    async def read(name: str) -> bytes | None:
        try:
            return await files.read(name)
        except FileMissingError:
            return None

    try:
        checkpoint = _opened(await files.read(CHECKPOINT), keys)
    except RequestError as error:
        detail = f"the checkpoint is not what the log signed: {error}"
        return LoggedStatements(None, {}, [SupplyFinding(SupplyFault.LOG, 0, detail)])
    try:
        tiles = await ProvenTiles.open(read, checkpoint)
    except RequestError as error:
        return LoggedStatements(checkpoint.size, {}, [SupplyFinding(SupplyFault.LOG, 0, str(error))])
    log = StatementsInLog(tiles, statements)
    await log.check()
    return LoggedStatements(checkpoint.size, log.places, log.findings)


def _opened(content: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    signed = SignedText.decode(content)
    names = {each.key.name for each in verify(signed, keys)}
    checkpoint = Checkpoint.decode(signed.text)
    if checkpoint.origin not in names:
        raise SignedTextInvalidError("it is of another log than the key", field="origin")
    return checkpoint
