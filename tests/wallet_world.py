"""The world around wallets, small and faithful: a real kernel, two homes that speak the protocol, and a bad network.

    world = World()
    world.lose_answers = 1              # the next request happens, and its answer is lost
    world.lose_requests = 1             # the next request never arrives

Homes believe what they can check and hide nothing; a test that wants a liar bends answers (`world.bend`).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.builders import CENTRE, DOMAIN, GENESIS, GENESIS_TIME_MS, INSTITUTIONS, outcome, public_key, receipts
from tests.home_desk import Ask, HomeDesk
from tests.kernel_builders import Ledger, endorsed
from tongbao.coin import Coin, Input, Transaction
from tongbao.coin.ed25519 import verify
from tongbao.errors import NetworkError, TongbaoError
from tongbao.kernel import Status
from tongbao.protocol.message_signature import read_signature, signable
from tongbao.protocol.problem import MEDIA_TYPE, problem_of
from tongbao.protocol.registration import CoinRecord, Directory, OutcomeAnswer
from tongbao.protocol.wire import Message

CENTRE_URL = "http://centre"


@dataclass(frozen=True)
class HttpAnswer:
    """What comes back over HTTP."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class QuickClock:
    """A wall clock that goes by another one; whoever sleeps is awake at once, after `on_sleep` has had its turn."""

    def __init__(self, now_ms: Callable[[], int] = lambda: GENESIS_TIME_MS) -> None:
        self._now_ms = now_ms
        self.slept_s: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def now_ms(self) -> int:
        return self._now_ms()

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.on_sleep()


class World:
    """Ledger, centre, homes 1 and 2, and the network between them and wallets.

    Attributes:
        ledger: the kernel with its history.
        coins: every coin ever made, in order.
        asked: method and path of each request that arrived.
        sent: the body of each request that was sent, arrived or not.
        lose_requests: how many of the next requests are lost.
        lose_answers: how many of the next answers are lost.
        bend: what turns an answer into another one.
        before: called before each request that arrives.
    """

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.coins: list[CoinRecord] = []
        self.verdicts: dict[bytes, tuple[Status, bytes, int]] = {}
        self.homes = {home: HomeDesk(home, self) for home in INSTITUTIONS}
        self.asked: list[str] = []
        self.sent: list[bytes] = []
        self.lose_requests = 0
        self.lose_answers = 0
        self.bend: Callable[[str, Message], Message] = lambda _path, answer: answer
        self.before: Callable[[str], None] = lambda _path: None

    # --- the Network port ---------------------------------------------------------------------------------------------

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpAnswer:
        """Deliver a request, or lose it, or its answer."""
        del timeout_s
        self.sent.append(body)
        await asyncio.sleep(0)  # as on every network, others have their turn meanwhile
        if self.lose_requests:
            self.lose_requests -= 1
            raise NetworkError("the request was lost")
        ask = self._read(method, url, headers, body)
        self.asked.append(f"{method} {ask.path}")
        self.before(ask.path)
        try:
            message = self.bend(ask.path, self._answer(url, ask))
            answer = HttpAnswer(200, message.encode(), {"content-type": "application/json"})
        except TongbaoError as error:
            problem = problem_of(error)
            answer = HttpAnswer(problem.status, problem.encode(), {"content-type": MEDIA_TYPE})
        if self.lose_answers:
            self.lose_answers -= 1
            raise NetworkError("the answer was lost")
        return answer

    def _read(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Ask:
        request = signable(method, url, headers=headers, body=body)
        claimed = read_signature(request)
        party, _, name = claimed.key_id.partition(":")
        key = bytes.fromhex(name)
        if party == "wallet":
            key = self._home(url).customers[key].key.key
        verify(key, claimed.signature, claimed.signed)
        query = dict(part.split("=", 1) for part in request.query.split("&") if part)
        return Ask(
            method,
            request.path,
            {name: unquote(value) for name, value in query.items()},
            body,
            claimed.key_id,
            headers.get("idempotency-key", ""),
        )

    def _home(self, url: str) -> HomeDesk:
        return self.homes[int(url.removeprefix("http://home").split("/")[0])]

    def _answer(self, url: str, ask: Ask) -> Message:
        if not url.startswith(CENTRE_URL):
            return self._home(url).answer(ask)
        if ask.path == "/v1/institutions":
            keys = [public_key(CENTRE).encode(), public_key(CENTRE + 1).encode()]
            return Directory(
                institutions=[], authorities=[], receipt_keys=keys, sequence=self.sequence, time_ms=self.now_ms
            )
        return self.outcome(bytes.fromhex(ask.path.rsplit("/", 1)[1]))

    # --- the ledger ---------------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """Ledger time."""
        return self.ledger.now_ms

    @property
    def sequence(self) -> int:
        """The last batch."""
        return self.ledger.kernel.sequence

    def pass_time(self, milliseconds: int) -> None:
        """Let ledger time go on."""
        self.ledger.heartbeat(time_ms=self.now_ms + milliseconds)

    def settle(self, encoded: bytes, *, home: int, receipt_key: int = CENTRE) -> tuple[Status, bytes]:
        """Submit a transaction in a batch of its own; its status and receipt. What settled before is not submitted."""
        transaction_id = Transaction.decode(encoded).id(DOMAIN)
        known = self.verdicts.get(transaction_id)
        if known is not None:
            return known[0], known[1]
        batch = self.ledger.next_batch([endorsed(encoded, home=home)])
        applied = self.ledger.apply(batch).transactions[0]
        receipt = receipts(batch, [(applied.id, applied.status)], key=receipt_key)[0].encode()
        if applied.status is Status.SETTLED:
            self.verdicts[transaction_id] = applied.status, receipt, self.sequence
            self._record(applied.id, applied.created, set(applied.spent))
        return applied.status, receipt

    def issue(self, *coins: Coin) -> bytes:
        """Make coins; the id of the transaction that did."""
        transaction = self.ledger.issue(*coins)
        transaction_id = transaction.id(DOMAIN)
        created = [
            (coin.id(DOMAIN, origin=transaction_id, index=index), index, coin) for index, coin in enumerate(coins)
        ]
        self._record(transaction_id, created, set())
        batch = self.ledger.next_batch()
        receipt = receipts(batch, [(transaction_id, Status.SETTLED)])[0].encode()
        self.verdicts[transaction_id] = Status.SETTLED, receipt, self.sequence
        return transaction_id

    def _record(self, origin: bytes, created: Sequence[tuple[bytes, int, Coin]], spent: set[bytes]) -> None:
        self.coins = [each.model_copy(update={"spent": True}) if each.coin_id in spent else each for each in self.coins]
        for coin_id, index, coin in created:
            self.coins.append(
                CoinRecord(
                    coin_id=coin_id,
                    origin=origin,
                    index=index,
                    asset=coin.asset,
                    value=coin.value,
                    home=coin.home,
                    lock_id=coin.lock_id,
                    sequence=self.sequence,
                    spent=False,
                )
            )

    def outcome(self, transaction_id: bytes) -> OutcomeAnswer:
        """The centre's signed word on a transaction."""
        known = self.verdicts.get(transaction_id)
        sequence = known[2] if known else self.sequence
        said = outcome(transaction_id, settled=known is not None, sequence=sequence, time_ms=self.now_ms)
        return OutcomeAnswer(outcome=said.encode(), receipt=known[1] if known else None)

    def settled_to(self, lock_ids: set[bytes]) -> int:
        """What all coins ever made under these locks are worth."""
        return sum(coin.value for coin in self.coins if coin.lock_id in lock_ids)

    def opening(self, coin_id: bytes) -> Input | None:
        """The coin, if it is unspent."""
        return next((each.opening() for each in self.coins if each.coin_id == coin_id and not each.spent), None)


assert GENESIS.test_network, "homes of this world write the addresses of a test network"
