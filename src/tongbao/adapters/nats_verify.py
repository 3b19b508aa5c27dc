"""Reading a whole journal on NATS to see whether it is what was written; nothing is changed."""

from collections.abc import Callable

from tongbao.adapters.nats_journal import NatsJournal
from tongbao.adapters.nats_place import NatsPlace
from tongbao.centres.registration.journal import Finding, JournalDamageError, JournalReport
from tongbao.errors import TongbaoError

__all__ = ["verify_nats_journal"]

_CURE = "Compare the servers' copies and restore the one that is right, as docs/operations/cluster.md says"


async def verify_nats_journal(
    place: NatsPlace, *, network_id: bytes, check: Callable[[int, bytes], None] | None = None
) -> JournalReport:
    """Read every record from the stream's leader and report the first damage; `check` is as for files.

    Raises:
        ConfigurationError: the servers do not answer, or hold no journal of the network.
        NetworkError: too few servers answer.
    """
    records, payload_bytes, damage = 0, 0, None
    try:
        # Whoever only reads needs no name.
        journal = await NatsJournal.open(place, network_id=network_id, entropy=bytes, make=False)
    except JournalDamageError as error:
        return _report(network_id, 0, 0, error.finding)
    try:
        async for sequence, record in journal.read(0):
            if check is not None:
                _check(place, check, sequence, record)
            records, payload_bytes = records + 1, payload_bytes + len(record)
    except JournalDamageError as error:
        damage = error.finding
    finally:
        await journal.close()
    return _report(network_id, records, payload_bytes, damage)


def _check(place: NatsPlace, check: Callable[[int, bytes], None], sequence: int, record: bytes) -> None:
    try:
        check(sequence, record)
    except TongbaoError as error:
        reason = f"the record is whole, but {error}"
        raise JournalDamageError(Finding(f"{place} record {sequence}", 0, reason, _CURE)) from error


def _report(network_id: bytes, records: int, payload_bytes: int, damage: Finding | None) -> JournalReport:
    return JournalReport(
        network_id=network_id,
        segments=0,
        records=records,
        payload_bytes=payload_bytes,
        in_use=False,
        torn_tail=None,
        damage=damage,
    )
