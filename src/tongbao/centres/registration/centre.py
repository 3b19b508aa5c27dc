"""The registration centre: what it answers to institutions, to the central bank, and to anybody who asks."""

import asyncio
import logging
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from tongbao.centres.registration.answers import circulation_of, directory_of, status_of
from tongbao.centres.registration.arrivals import Arrivals
from tongbao.centres.registration.coin_reading import CoinReading
from tongbao.centres.registration.judging import Judge
from tongbao.centres.registration.ledger import Ledger
from tongbao.centres.registration.log_reading import not_logged
from tongbao.centres.registration.log_running import LogRunning, open_log_beside, stated_in
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.opening import OpenedLedger, open_ledger
from tongbao.centres.registration.orderer import Orderer
from tongbao.centres.registration.pulse_reporting import PulseReporting
from tongbao.centres.registration.settings import RegistrationPorts, RegistrationSettings
from tongbao.centres.registration.snapshotting import Snapshotting
from tongbao.centres.registration.submitting import Submitting
from tongbao.centres.registration.supply import SupplyReporting
from tongbao.centres.registration.supply_answering import SupplyAnswering
from tongbao.centres.registration.supply_stating import SupplyStating
from tongbao.centres.registration.waiting import Heartbeat
from tongbao.coin import Outcome, PublicKey
from tongbao.coin.control import AuthorityKind
from tongbao.errors import BusyError, ConfigurationError, TongbaoError, WorldError
from tongbao.kernel import Kernel
from tongbao.protocol.registration import (
    Circulation,
    CoinPage,
    CoinSearch,
    Directory,
    GenesisAnswer,
    HeartbeatRequest,
    LedgerStatus,
    OutcomeAnswer,
    Pulse,
    ReceiptAnswer,
    SerialAnswer,
    SubmissionAnswer,
    SubmissionRequest,
    SupplyReport,
)

__all__ = ["RegistrationCentre", "RegistrationPorts", "RegistrationSettings"]

REACH_S_MAX = 2.0  # a batch takes milliseconds: what has not come by then is not on its way
DISK_WATCH_S = 10.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What there is once the ledger is open."""

    ledger: Ledger
    orderer: Orderer
    submitting: Submitting
    coins: CoinReading
    supply: SupplyReporting
    pulse: PulseReporting
    snapshotting: Snapshotting
    proofs: SupplyAnswering
    log: LogRunning | None


class RegistrationCentre:
    """Orders, journals and settles; the journal is its only truth.

    `start` before anything else; `failed` tells when the process must stop; `stop` at the end leaves everything to be
    opened again.
    """

    def __init__(
        self, ports: RegistrationPorts, settings: RegistrationSettings, *, registry: CollectorRegistry | None = None
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._metrics = RegistrationMetrics(registry or CollectorRegistry())
        self._arrivals = Arrivals()
        self._parts: _Parts | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: TongbaoError | None = None
        self._stopped = asyncio.Event()

    # --- its life -----------------------------------------------------------------------------------------------------

    async def start(self, opened: OpenedLedger | None = None) -> None:
        """Open the ledger, take it over with a heartbeat of one's own, and begin to order.

        `opened` is the ledger at the journal's end, where a follower has it already.

        Raises:
            ConfigurationError: it cannot work as it is configured.
            DamageError: stored bytes are not what was written.
            WorldError: the first heartbeat could not be written.
        """
        ports, settings = self._ports, self._settings
        opened = opened or await open_ledger(
            ports.journal,
            ports.snapshots,
            ports.store,
            kernel_class=settings.kernel_class,
            receipt_key=settings.receipt_key,
        )
        ledger = Ledger(opened, ports.journal, settings.receipt_key)
        ledger.demand_receipt_key()
        self._demand_clock(ledger.kernel)
        log = await open_log_beside(ledger, settings.log, ports, self._metrics)
        stating = await SupplyStating.open(ledger.kernel, stated_in(log, settings.supply), settings.receipt_key, ports)
        snapshotting = Snapshotting(ledger.kernel, ports.snapshots, ports.spawn, stating=stating, digests=ports.digests)
        orderer = Orderer(
            ledger,
            clock=ports.clock,
            follows_wall=settings.follows_wall,
            arrivals=self._arrivals,
            metrics=self._metrics,
            spawn=ports.spawn,
            when_due=snapshotting.take,
        )
        await orderer.take_over()
        supply = SupplyReporting(ledger.kernel, ports.clock)
        self._parts = _Parts(
            ledger,
            orderer,
            Submitting(
                ledger, orderer.line, Judge(settings.kernel_class, spawn=ports.spawn, clock=ports.clock), self._metrics
            ),
            CoinReading(ledger, self._arrivals),
            supply,
            PulseReporting(ledger, self._metrics.pulse, supply),
            snapshotting,
            SupplyAnswering(stating, snapshotting),
            log,
        )
        self._begin(self._parts)

    def _demand_clock(self, kernel: Kernel) -> None:
        if not self._settings.follows_wall and not kernel.genesis.test_network:
            raise ConfigurationError(
                "only on test networks may ledger time stand still: set `clock` to `wall` in the configuration"
            )

    def _begin(self, parts: _Parts) -> None:
        kernel = parts.ledger.kernel
        _log.info("the ledger is open at batch %d with the %s kernel", kernel.sequence, kernel.name)
        spawn, orderer = self._ports.spawn, parts.orderer
        if self._settings.supply is not None and self._settings.supply.every_s:
            every = parts.snapshotting.state_every(self._settings.supply.every_s, self._ports.clock)
            self._tasks.append(spawn.task(every, name="supply statements"))
        if parts.log is not None:
            self._tasks.append(spawn.task(self._keep_log(parts.log), name="transparency log"))
        self._tasks.append(spawn.task(self._order(orderer), name="orderer"))
        self._tasks.append(spawn.task(self._watch_disk(), name="disk watch"))
        if self._settings.follows_wall:
            beat = orderer.beat_when_idle(self._settings.heartbeat_s)
            self._tasks.append(spawn.task(beat, name="heartbeat"))

    async def _order(self, orderer: Orderer) -> None:
        try:
            await orderer.run()
        except TongbaoError as error:
            self._fail(error)
        finally:
            self._stopped.set()

    async def _keep_log(self, log: LogRunning) -> None:
        try:
            await log.run()
        except TongbaoError as error:
            self._fail(error)
            self._stopped.set()

    def _fail(self, error: TongbaoError) -> None:
        _log.critical("the registration centre steps down: %s", error)
        self._failure = error
        if self._parts is not None:
            self._parts.orderer.tell_all(WorldError("the registration centre has stepped down; send it again later"))
        self._arrivals.release()

    async def _watch_disk(self) -> None:
        while True:
            try:
                self._metrics.disk_free.set(await self._ports.disk.free_bytes(self._settings.directory))
            except WorldError as error:
                _log.warning("the room left on the disk is not known: %s", error)
            await self._ports.clock.sleep(DISK_WATCH_S)

    async def failed(self) -> TongbaoError | None:
        """Wait until ordering ends; return why the process must stop, or None after `stop`."""
        await self._stopped.wait()
        return self._failure

    def release(self) -> None:
        """Let everybody who waits for news of the ledger go, before the server stops answering."""
        self._arrivals.release()

    async def stop(self) -> None:
        """Finish the group at hand, tell the others to come again, and close the journal."""
        parts, self._parts = self._parts, None
        if parts is not None:
            parts.orderer.stop()
            self._arrivals.release()
            await self._stopped.wait()
            await parts.snapshotting.finish()
            if parts.log is not None:
                await parts.log.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._ports.journal.close()

    @property
    def kernel(self) -> Kernel:
        """As it is after the last batch that was applied: to be read only."""
        return self._running().ledger.kernel

    async def demand_ready(self) -> None:
        """Raise what stands in the way of work, if anything does."""
        self._running()

    def _running(self) -> _Parts:
        if self._failure is not None:
            raise WorldError("the registration centre has stepped down; its operator must start it again")
        if self._parts is None:
            raise BusyError("the registration centre is not open", retry_after_s=5)
        return self._parts

    # --- what anyone may ask ------------------------------------------------------------------------------------------

    async def reach(self, sequence: int) -> None:
        """Return once answers account for the batch; raises `BusyError` where it does not come soon."""
        ledger = self._running().ledger
        if ledger.standing.sequence < sequence:
            await self._arrivals.wait_for_sequence(sequence, timeout_s=REACH_S_MAX)
        if ledger.standing.sequence < sequence:
            raise BusyError(f"the ledger stands at batch {ledger.standing.sequence}, batch {sequence} is not yet there")

    async def status(self) -> LedgerStatus:
        """Where the ledger stands."""
        ledger = self._running().ledger
        return status_of(ledger.kernel, ledger.standing)

    async def genesis(self) -> GenesisAnswer:
        """The genesis of the network."""
        return GenesisAnswer(genesis=self._running().ledger.kernel.genesis.encode())

    async def directory(self) -> Directory:
        """Every home, the officers and the receipt keys."""
        ledger = self._running().ledger
        return directory_of(ledger.kernel.control, ledger.standing)

    async def endorser_keys(self, home: int) -> tuple[PublicKey, ...]:
        """The keys that speak for the home now, the substitute last; none where it is unknown."""
        institution = self._running().ledger.kernel.control.institutions.get(home)
        keys = () if institution is None else (institution.key, institution.substitute)
        return tuple(key for key in keys if key is not None)

    async def supply(self) -> SupplyReport:
        """Issued, redeemed and unspent per asset and home."""
        return await self._running().supply.report()

    @property
    def supply_proofs(self) -> SupplyAnswering:
        """Statements of the supply, and proofs that they count a coin."""
        return self._running().proofs

    async def circulation(self) -> Circulation:
        """Issued, redeemed and outstanding per asset."""
        return circulation_of(self._running().ledger.kernel)

    async def pulse(self) -> Pulse:
        """How much settles each second and how long it takes, with the supply as it was lately."""
        return await self._running().pulse.report()

    async def go_on(self, sequence: int, *, wait_s: float) -> bool:
        """Return once the ledger stands behind a batch, or after the time; False where nothing comes any more."""
        if self._running().ledger.standing.sequence <= sequence and not self._arrivals.released:
            await self._arrivals.wait_for_sequence(sequence + 1, timeout_s=wait_s)
        return not self._arrivals.released

    async def outcome(self, transaction_id: bytes) -> OutcomeAnswer:
        """Whether any batch settled the transaction, signed."""
        ledger = self._running().ledger
        standing = ledger.standing
        place = (await ledger.index.places([transaction_id])).get(transaction_id)
        if place is None:
            outcome = self._sign_outcome(transaction_id, settled=False, sequence=standing.sequence, at=standing.time_ms)
            return OutcomeAnswer(outcome=outcome.encode(), receipt=None)
        receipt = await ledger.book.receipt(place)
        head = receipt.signed_head.head
        outcome = self._sign_outcome(transaction_id, settled=True, sequence=head.sequence, at=head.time_ms)
        return OutcomeAnswer(outcome=outcome.encode(), receipt=receipt.encode())

    async def logged_receipt(self, transaction_id: bytes) -> ReceiptAnswer:
        """The receipt of a settled transaction, with the proof that the transparency log holds it."""
        parts = self._running()
        place = (await parts.ledger.index.places([transaction_id])).get(transaction_id)
        if place is None or parts.log is None:
            raise not_logged(transaction_id)
        receipt = await parts.ledger.book.receipt(place)
        return ReceiptAnswer(receipt=(await parts.log.reading.proven(receipt, place)).encode())

    @property
    def log(self) -> LogRunning | None:
        """The transparency log, where one is kept."""
        return self._running().log

    def _sign_outcome(self, transaction_id: bytes, *, settled: bool, sequence: int, at: int) -> Outcome:
        domain, key = self._running().ledger.kernel.domain, self._settings.receipt_key
        terms = (domain.network_id, transaction_id, settled, sequence, at, PublicKey.ed25519(key.public_key))
        return Outcome(*terms, key.sign(Outcome(*terms, b"").signing_digest(domain)))

    # --- what homes and the central bank may --------------------------------------------------------------------------

    async def submit(self, request: SubmissionRequest, *, caller: int) -> SubmissionAnswer:
        """Settle a submission that its home, the caller, has signed."""
        submitting = self._running().submitting
        return await submitting.answer(await submitting.submit(request.submission, caller=caller))

    async def submit_encoded(self, submission: bytes, *, caller: int) -> bytes:
        """The same in bytes: the answer is one encoded `Verdicts`."""
        settled = await self._running().submitting.submit(submission, caller=caller)
        return settled.receipts.encode()

    async def coins(self, *, caller: int, after: str, limit: int, wait_s: float) -> CoinPage:
        """Coins made since the cursor at the homes that the caller serves; where there are none, wait for some."""
        return await self._running().coins.feed(caller, after=after, limit=limit, wait_s=wait_s)

    async def search_coins(self, search: CoinSearch, *, caller: int) -> CoinPage:
        """Coins under certain locks at the homes that the caller serves."""
        return await self._running().coins.search(caller, search)

    async def serial(self, authority: AuthorityKind, subject: bytes) -> SerialAnswer:
        """The last serial that was settled for a subject of an authority."""
        ledger = self._running().ledger
        serial = ledger.kernel.control.serials.get((authority, subject), 0)
        return SerialAnswer(serial=serial, sequence=ledger.standing.sequence, time_ms=ledger.standing.time_ms)

    async def heartbeat(self, request: HeartbeatRequest) -> LedgerStatus:
        """Let ledger time go on to the time asked for.

        Raises:
            RefusedError: the rules do not let it.
        """
        line = self._running().orderer.line
        wish = Heartbeat(request.time_ms, asyncio.get_running_loop().create_future())
        line.add(wish)
        await wish.answered
        return await self.status()
