"""Statements, orders and keys gathered from wherever they are published, and what holding them together finds."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.network import HttpNetwork
from tongbao.coin import Genesis
from tongbao.coin.ed25519 import SECRET_SEED_BYTES, SigningKey
from tongbao.errors import ConfigurationError, DecodingError, RequestError
from tongbao.evidence.signing import VerifierKey
from tongbao.evidence.supply_chain import SupplyFault, SupplyFinding, check_growth, check_statements
from tongbao.evidence.supply_order import SupplyOrder, orders_by_batch
from tongbao.evidence.supply_statement import SupplyStatement, open_statement
from tongbao.protocol.client import SignedClient
from tongbao.protocol.issuance import SupplyOrderPage
from tongbao.protocol.registration import SupplyStatementPage
from tongbao.service.log_keys import read_vkeys

__all__ = ["SupplyEvidence", "SupplyJudgement", "anybody", "read_orders", "read_statements", "read_verifier_keys"]

STATEMENTS_MAX = 1_000_000  # one every ten minutes for nineteen years
ORDERS_FILE_VERSION = 1


@asynccontextmanager
async def anybody(url: str) -> AsyncIterator[SignedClient]:
    """A client that is nobody in particular."""
    network = HttpNetwork()
    key = SigningKey(SystemEntropy().bytes(SECRET_SEED_BYTES))
    try:
        yield SignedClient(
            network=network,
            clock=SystemClock(),
            base_url=url.rstrip("/"),
            key_id=f"key:{key.public_key.hex()}",
            sign=key.sign,
        )
    finally:
        await network.close()


def is_address(place: str) -> bool:
    """Whether a place is an address rather than a path."""
    return place.startswith(("http://", "https://"))


def read_verifier_keys(place: str) -> list[VerifierKey]:
    """Verifier keys from a file with one on each line, or the one that `place` itself is.

    Keys of a kind that signs no statements are passed over.
    """
    path = Path(place)
    keys = read_vkeys(path) if path.is_file() else [VerifierKey.decode(place)]
    plain = [key for key in keys if not key.kind.is_cosignature]
    if not plain:
        raise ConfigurationError(f"{place} holds no key that signs statements: name the log's file log.vkey")
    return plain


async def read_statements(place: str) -> list[bytes]:
    """All signed statements of a directory or of a registration centre, in the order of their numbers.

    Raises:
        ConfigurationError: there are none.
    """
    found = await _statements_of(place) if is_address(place) else _statements_in(Path(place))
    if not found:
        raise ConfigurationError(f"there are no supply statements at {place}: name their directory, or a centre's URL")
    return found


def _statements_in(directory: Path) -> list[bytes]:
    if not directory.is_dir():
        return []
    numbered = sorted((int(path.name), path) for path in directory.iterdir() if path.name.isdecimal())
    return [path.read_bytes() for _, path in numbered]


async def _statements_of(url: str) -> list[bytes]:
    found, after = list[bytes](), ""
    async with anybody(url) as client:
        while len(found) < STATEMENTS_MAX:
            page = await client.get("/v1/supply/statements", SupplyStatementPage, query={"after": after})
            found += [each.encode() for each in page.statements]
            after = page.next
            if not page.statements or len(found) >= page.latest:
                break
    return found


async def read_orders(place: str) -> list[tuple[bytes, bytes]]:
    """Transactions and receipts of all published orders, from a file or from a central bank."""
    return await _orders_of(place) if is_address(place) else _orders_in(place)


def _orders_in(place: str) -> list[tuple[bytes, bytes]]:
    try:
        listed = json.loads(Path(place).read_text(encoding="utf-8"))["orders"]
        return [(bytes.fromhex(each["transaction"]), bytes.fromhex(each["receipt"])) for each in listed]
    except OSError as error:
        raise ConfigurationError(f"cannot read the orders {place}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise DecodingError(f"{place} is no list of orders", field="orders") from None


async def _orders_of(url: str) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    after = ""
    async with anybody(url) as client:
        while True:
            page = await client.get("/v1/supply/orders", SupplyOrderPage, query={"after": after})
            found += [(each.transaction, each.receipt) for each in page.orders]
            if not page.next:
                return found
            after = page.next


def orders_file(orders: Sequence[tuple[bytes, bytes]]) -> str:
    """A file of orders, for whoever publishes them where no server runs."""
    listed = [{"transaction": transaction.hex(), "receipt": receipt.hex()} for transaction, receipt in orders]
    return json.dumps({"version": ORDERS_FILE_VERSION, "orders": listed}, indent=1) + "\n"


@dataclass(frozen=True, slots=True)
class SupplyJudgement:
    """What holding statements and orders together came to.

    Attributes:
        statements: those that could be read, by number.
        orders: how many orders hold; None where none were at hand.
        findings: what does not fit; nothing where all is well.
    """

    statements: list[SupplyStatement]
    orders: int | None
    findings: list[SupplyFinding]

    @property
    def holds(self) -> bool:
        """Whether everything fits."""
        return not self.findings


class SupplyEvidence:
    """Holds statements and orders against each other; knows nothing but the log's keys and the genesis."""

    def __init__(self, keys: Sequence[VerifierKey], genesis: Genesis | None) -> None:
        self._keys = keys
        self._genesis = genesis

    def judge(self, statements: Sequence[bytes], orders: Sequence[tuple[bytes, bytes]] | None) -> SupplyJudgement:
        """What does not fit.

        Raises:
            ConfigurationError: there are orders, and no genesis that says who may sign them.
        """
        findings: list[SupplyFinding] = []
        opened = self._open(statements, findings)
        findings += check_statements(opened)
        if orders is None:
            return SupplyJudgement(opened, None, findings)
        if self._genesis is None:
            raise ConfigurationError("orders can be checked only with the genesis: name its file")
        read: list[SupplyOrder] = []
        for place, (transaction, receipt) in enumerate(orders, 1):
            try:
                read.append(SupplyOrder.decode(transaction, receipt))
            except RequestError as error:
                findings.append(SupplyFinding(SupplyFault.ORDER, 0, f"order {place} cannot be read: {error}"))
        good, bad = orders_by_batch(read, self._genesis)
        findings += [
            SupplyFinding(SupplyFault.ORDER, 0, f"the order of batch {order.sequence} does not hold: {error}")
            for order, error in bad
        ]
        return SupplyJudgement(opened, len(good), [*findings, *check_growth(opened, good)])

    def _open(self, statements: Sequence[bytes], findings: list[SupplyFinding]) -> list[SupplyStatement]:
        """The statements that the log signed, each number once."""
        opened: dict[int, SupplyStatement] = {}
        for place, data in enumerate(statements, 1):
            try:
                statement = open_statement(data, self._keys)
            except RequestError as error:
                findings.append(SupplyFinding(SupplyFault.SIGNATURE, 0, f"statement {place} of those given: {error}"))
                continue
            other = opened.setdefault(statement.number, statement)
            if other != statement:
                detail = "the log signed two statements of this number, which say different things"
                findings.append(SupplyFinding(SupplyFault.FORK, statement.number, detail))
            if self._genesis is not None and statement.network_id != self._genesis.domain().network_id:
                findings.append(SupplyFinding(SupplyFault.NETWORK, statement.number, "it is of another network"))
        return [opened[number] for number in sorted(opened)]
