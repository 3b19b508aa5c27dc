"""Making supply statements of the centre's state, and proving to holders that their coins are counted in the latest."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tongbao.centres.registration.ports import Disk, Spawn
from tongbao.centres.registration.supply_book import KeptTree, SupplyBook
from tongbao.centres.registration.supply_counting import Moment, counting_of, moment_of, secret_of, statement_of
from tongbao.coin import Input
from tongbao.coin.ed25519 import SigningKey as ReceiptKey
from tongbao.errors import BusyError, DamageError, RefusedError, RequestError, WorldError
from tongbao.evidence.coin_proof import CoinProof, PartProof
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.signing import SigningKey
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement, sign_statement
from tongbao.evidence.supply_tree import SupplyPart, block_of, parts_of, path_in_block, path_in_nodes
from tongbao.kernel import Kernel
from tongbao.kernel.snapshot import coin_rows

__all__ = ["LogOfStatements", "ProvenCoin", "SupplySettings", "SupplyStating"]

REST_S_MIN = 60.0  # a busy network has a snapshot every few seconds, and nobody reads statements that often
REST_PER_WORK = 20.0  # after a statement that took a second the next begins 20 s later: it takes 5 % of one core

_log = logging.getLogger(__name__)

LogOfStatements = Callable[[SupplyStatement], Awaitable[None]]
"""Lets the transparency log take a statement's entry in; doing it again for the latest changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplySettings:
    """How statements are made.

    Attributes:
        key: the log's, which signs them.
        public: the directory of the log, which everybody may read.
        private: where the trees lie.
        every_s: seconds after which one is made though no snapshot was due; never more often than genesis and
            `REST_S_MIN` have it where this is 0.
        log_standing: how long the log is now; None where there is no log.
        log: takes entries; None where there is no log.
    """

    key: SigningKey
    public: str
    private: str
    every_s: float = 600.0
    log_standing: Callable[[], LogStanding | None] = lambda: None
    log: LogOfStatements | None = None


@dataclass(frozen=True, slots=True)
class ProvenCoin:
    """That a coin is counted.

    Attributes:
        statement: the signed statement.
        proof: an encoded `CoinProof`.
    """

    statement: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class _Latest:
    """The newest statement with its trees; none of them where they were lost."""

    statement: SupplyStatement
    signed: bytes
    trees: dict[int, KeptTree]


class _Ports(Protocol):
    @property
    def disk(self) -> Disk: ...
    @property
    def spawn(self) -> Spawn: ...


class SupplyStating:
    """Makes statements, one at a time, and proves by the latest; `open` makes one that goes on where it was."""

    def __init__(
        self, kernel: Kernel, book: SupplyBook, settings: SupplySettings, *, receipt_key: ReceiptKey, spawn: Spawn
    ) -> None:
        self._kernel = kernel
        self._book = book
        self._settings = settings
        self._seed = kernel.domain.hash("tongbao/supply-seed/1", receipt_key.secret_seed)
        self._spawn = spawn
        self._latest: _Latest | None = None
        self._made_s = 0.0
        self._work_s = 0.0

    @staticmethod
    async def open(
        kernel: Kernel, settings: SupplySettings | None, receipt_key: ReceiptKey, ports: _Ports
    ) -> "SupplyStating | None":
        """One that goes on after the newest statement that there is; None where none are to be made.

        Raises:
            DamageError: the newest statement cannot be read.
        """
        if settings is None:
            return None
        book = SupplyBook(ports.disk, public=settings.public, private=settings.private)
        stating = SupplyStating(kernel, book, settings, receipt_key=receipt_key, spawn=ports.spawn)
        await stating._find_latest()
        return stating

    async def _find_latest(self) -> None:
        number = await self._book.open()
        if number:
            signed = await self._book.statement(number)
            statement = self._read(number, signed)
            self._latest = _Latest(statement, signed, await self._book.trees(number))
            await self._tell_log(statement)

    def _read(self, number: int, signed: bytes) -> SupplyStatement:
        """The statement that was published last; raises `DamageError` where it cannot have been made here."""
        try:
            statement = SupplyStatement.decode(SignedText.decode(signed).text)
        except RequestError as error:
            raise DamageError(f"supply statement {number} is damaged: {error}; put its file back from a copy") from None
        kernel = self._kernel
        if (statement.number, statement.network_id) != (number, kernel.domain.network_id):
            raise DamageError(f"supply statement {number} is another's: put its file back from a copy")
        if statement.sequence > kernel.sequence:
            raise DamageError(
                f"supply statement {number} is of batch {statement.sequence}, and the journal ends at "
                f"{kernel.sequence}: acknowledged payments are missing"
            )
        return statement

    @property
    def has_news(self) -> bool:
        """Whether something has happened since the last statement."""
        return self._latest is None or self._latest.statement.sequence < self._kernel.sequence

    @property
    def is_due(self) -> bool:
        """Whether something has happened since the last statement, and it is long enough ago."""
        if not self.has_news or not self._made_s:
            return self.has_news
        rested_s = asyncio.get_running_loop().time() - self._made_s
        return rested_s >= max(REST_S_MIN, self._work_s * REST_PER_WORK)

    @property
    def latest(self) -> int:
        """The number of the newest statement; 0 before the first."""
        return 0 if self._latest is None else self._latest.statement.number

    def begin(self) -> Moment:
        """Where the kernel stands now, as the snapshot that begins now will have it."""
        return moment_of(self._kernel)

    async def make(self, moment: Moment, snapshot: bytes, state_digest: bytes) -> None:
        """Count the coins of a snapshot that began at the moment, and publish the statement.

        Raises:
            WorldError: it could not be written; the next one makes up for it.
        """
        now_s = asyncio.get_running_loop().time
        started_s, number = now_s(), self.latest + 1
        assets = sorted({asset for asset, _ in moment.totals})
        secrets = {asset: secret_of(asset, self._seed, moment.domain, number) for asset in assets}
        trees = await counting_of(self._kernel, self._spawn)(coin_rows(snapshot), secrets)
        statement = statement_of(
            moment,
            trees,
            state_digest=state_digest,
            number=number,
            previous=None if self._latest is None else self._latest.statement.entry(),
            log=self._settings.log_standing(),
        )
        signed = sign_statement(statement, self._settings.key).encode()
        kept = await self._book.keep_trees(number, trees, secrets)
        await self._book.publish(statement, signed)
        self._latest = _Latest(statement, signed, kept)
        await self._tell_log(statement)
        await self._book.drop_trees_before(number)
        self._made_s, self._work_s = now_s(), now_s() - started_s
        _log.info("supply statement %d of batch %d took %.2f s", number, statement.sequence, self._work_s)

    async def _tell_log(self, statement: SupplyStatement) -> None:
        if self._settings.log is not None:
            await self._settings.log(statement)

    # --- what is asked ------------------------------------------------------------------------------------------------

    async def statements(self, *, after: int, limit: int) -> list[bytes]:
        """Signed statements in order, behind the one with that number."""
        return [await self._book.statement(number) for number in range(after + 1, min(after + limit, self.latest) + 1)]

    async def prove(self, opening: Input) -> ProvenCoin:
        """That the coin is counted in the latest statement.

        Raises:
            RefusedError: it is not.
            BusyError: there is no statement yet from which this can be told.
        """
        latest = self._latest
        tree = None if latest is None else latest.trees.get(opening.coin.asset)
        if latest is None or (tree is None and latest.statement.asset(opening.coin.asset) is not None):
            raise BusyError("there is no supply statement yet that proves coins", retry_after_s=10)
        parts = []
        if tree is not None:
            coin_id = opening.coin_id(self._kernel.domain)
            parts = [await self._find(part, tree) for part in parts_of(coin_id, opening.coin.value, tree.secret)]
        found = tuple(part for part in parts if part is not None)
        if tree is None or len(found) < len(parts):
            raise RefusedError(
                f"supply statement {latest.statement.number}, of batch {latest.statement.sequence}, does not count "
                "this coin: it was made later or spent before, or never was",
                code="COIN_NOT_COUNTED",
                field="opening",
                cure="ask again after the next statement; a coin that was there at its batch must be counted in it",
            )
        proof = CoinProof(latest.statement.number, opening, found)
        return ProvenCoin(latest.signed, proof.encode())

    async def _find(self, part: SupplyPart, tree: KeptTree) -> PartProof | None:
        leaf = part.leaf()
        block = block_of(leaf, tree.firsts)
        try:
            found = path_in_block(leaf, await self._book.block(tree, block))
        except WorldError as error:
            raise BusyError(f"the statement's tree cannot be read: {error}", retry_after_s=10) from None
        if found is None:
            return None
        path = (*found[1], *path_in_nodes(block, tree.nodes))
        return PartProof(part.salt, part.value, block * tree.block_leaves + found[0], path)
