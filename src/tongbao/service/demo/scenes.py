"""The scenes of the demonstration, in order: each does one thing with money and says what came of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from tongbao.coin import CURRENCY, Body, Coin, Kind, Lock, PublicKey, Receipt, Submission, Transaction, spend_digest
from tongbao.errors import NetworkError, PeerError
from tongbao.kernel import Status
from tongbao.protocol.order import OrderState
from tongbao.protocol.registration import LedgerStatus, SubmissionAnswer, SubmissionRequest
from tongbao.protocol.wallet import Deposit, DepositRequest
from tongbao.service.demo.cast import Cast
from tongbao.service.key_file import read_key
from tongbao.service.sandbox import issue, redeem
from tongbao.wallets import Wallet, WalletPayment
from tongbao.wallets.keys import LockKey, LockSource

__all__ = ["SCENES", "Scene", "yuan"]

Scene = Callable[[Cast], Awaitable[str]]

ISSUED_FEN = {1: 50_000_000, 2: 20_000_000}
ALICE_DEPOSIT_FEN, ALICE_EXCHANGE_FEN = 100_000, 60_000
BOB_DEPOSIT_FEN, BOB_EXCHANGE_FEN = 20_000, 5_000
PURCHASE_FEN, REFUND_FEN, GIFT_FEN, REDEEMED_FEN = 12_800, 2_800, 8_800, 1_000_000
SEEN_WITHIN_S = 10.0
LOCKS_SEARCHED = 1024


def yuan(fen: int) -> str:
    """An amount for people; whole yuan without decimals."""
    return f"¥{fen / 100:,.2f}" if fen % 100 else f"¥{fen // 100:,}"


def _keep(cast: Cast, name: str, receipt: bytes | None) -> None:
    """Remember the receipt of what has settled."""
    if receipt is None:
        raise PeerError(f"the {name} has no receipt")
    cast.receipts[name] = receipt


def _kept(cast: Cast, name: str, payment: WalletPayment) -> str:
    """Remember the payment's receipt; say its id and the ledger time at which it settled."""
    _keep(cast, name, payment.receipt)
    settled = time.strftime("%H:%M:%S", time.gmtime(payment.time_ms / 1000))
    return f"transaction {payment.transaction_id.hex()[:16]}…, settled {settled} UTC"


async def issuance(cast: Cast) -> str:
    """Two of three officers approve money for both institutions."""
    told = []
    for home, amount_fen in ISSUED_FEN.items():
        operation = await issue(cast.connections, home, amount_fen)
        _keep(cast, f"issuance to home {home}", operation.receipt)
        title = cast.connections.data.institution(home).title
        told.append(f"{yuan(amount_fen)} to {title} (proposal {operation.proposal_id[:12]})")
    return "; ".join([*told, "each approved by 2 of 3 officers"])


async def wallets(cast: Cast) -> str:
    """Everybody opens a wallet; keys never leave it."""
    await cast.open()
    return f"Alice {cast.alice.address}; the Tea House {cast.shop.address}; Bob {cast.bob.address}"


async def exchange(cast: Cast) -> str:
    """Deposits at the bank become coins in the wallet, 1:1."""
    told = []
    for name, wallet, deposit_fen, exchange_fen in (
        ("Alice", cast.alice, ALICE_DEPOSIT_FEN, ALICE_EXCHANGE_FEN),
        ("Bob", cast.bob, BOB_DEPOSIT_FEN, BOB_EXCHANGE_FEN),
    ):
        request = DepositRequest(wallet_id=wallet.wallet_id, amount_fen=deposit_fen)
        teller = cast.connections.as_teller(wallet.address.home)
        await teller.post("/v1/deposits", request, Deposit, idempotency_key=cast.connections.new_key())
        made = await wallet.exchange(exchange_fen)
        _keep(cast, f"exchange of {name}", made.receipt)
        account = await wallet.account()
        told.append(f"{name} {yuan(exchange_fen)} of {yuan(deposit_fen)}, wallet now {yuan(account.balance_fen)}")
    return "; ".join(told)


async def purchase(cast: Cast) -> str:
    """Alice pays the shop's order."""
    order = await cast.shop.sales.create_order(PURCHASE_FEN, "tea-1", description="Longjing, 100 g")
    seen = await cast.alice.order(order.link)
    payment = await cast.alice.pay_order(seen)
    cast.purchase, cast.order_id = payment, order.order_id
    await _until_paid(cast.shop, order.order_id)
    return f"{yuan(PURCHASE_FEN)} from Alice to the Tea House by {order.link}; {_kept(cast, 'purchase', payment)}"


async def _until_paid(shop: Wallet, order_id: str) -> None:
    deadline_s = time.monotonic() + SEEN_WITHIN_S
    while (await shop.sales.order(order_id)).state is not OrderState.PAID:
        if time.monotonic() > deadline_s:
            raise NetworkError(f"the shop has not seen its order paid within {SEEN_WITHIN_S:.0f} s")
        await asyncio.sleep(0.05)


async def refund(cast: Cast) -> str:
    """The shop returns a part."""
    await cast.shop.sync()
    payment = await cast.shop.refund(cast.order_id, REFUND_FEN)
    order = await cast.shop.sales.order(cast.order_id)
    return (
        f"{yuan(REFUND_FEN)} back to Alice, {yuan(order.refunded_fen)} of {yuan(order.amount_fen)} refunded; "
        f"{_kept(cast, 'refund', payment)}"
    )


async def across_institutions(cast: Cast) -> str:
    """Alice at the first institution pays Bob at the second, who accepts through his home."""
    payment = await cast.alice.pay_person(str(cast.bob.address), GIFT_FEN)
    deadline_s = time.monotonic() + SEEN_WITHIN_S
    while not await cast.bob.sync():
        if time.monotonic() > deadline_s:
            raise NetworkError(f"Bob has not seen the coin within {SEEN_WITHIN_S:.0f} s")
        await asyncio.sleep(0.05)
    balance_fen = (await cast.bob.account()).balance_fen
    told = _kept(cast, "payment across institutions", payment)
    return f"{yuan(GIFT_FEN)} from Alice (First Bank) to Bob (Second Bank), who now has {yuan(balance_fen)}; {told}"


async def double_spend(cast: Cast) -> str:
    """The coins that paid for the tea are spent again, with Alice's own key and her bank's endorsement."""
    if cast.purchase is None:
        raise PeerError("nothing was bought that could be spent twice")
    connections = cast.connections
    domain = cast.alice.keys.domain
    first = Transaction.decode(cast.purchase.transaction)
    ledger = await connections.registration().get("/v1/status", LedgerStatus)
    value = sum(spent.coin.value for spent in first.body.inputs)
    again = Body(
        kind=Kind.TRANSFER,
        expiry_ms=ledger.time_ms + 60_000,
        reference=connections.entropy.bytes(32),
        inputs=first.body.inputs,
        outputs=(Coin(CURRENCY, value, cast.alice.address.home, first.body.outputs[-1].lock_id),),
    )
    digest = spend_digest(again.transaction_id(domain), domain)
    witnesses = tuple(_key_of(cast.alice, witness.lock).witness(digest) for witness in first.witnesses)
    status, receipt = await _submit_as_first_bank(cast, Transaction(again, witnesses))
    if status != Status.INPUT_NOT_UNSPENT.name:
        raise PeerError(f"the second spending was answered {status}")
    cast.receipts["double spend refused"] = receipt
    return f"{yuan(value)} spent again, signed by Alice and endorsed by her bank: refused with {status}"


def _key_of(wallet: Wallet, lock: Lock) -> LockKey:
    """The key of one of the wallet's first locks; the wallet itself would never sign twice."""
    for index in range(LOCKS_SEARCHED):
        owned = wallet.keys.lock_key(LockSource(index))
        if owned.lock == lock:
            return owned
    raise PeerError("the coin is not under one of the wallet's first locks")


async def _submit_as_first_bank(cast: Cast, transaction: Transaction) -> tuple[str, bytes]:
    connections = cast.connections
    endorser = read_key(connections.data.root / "institution-1" / "endorser.key")
    submission = Submission.sign(
        cast.alice.keys.domain,
        (transaction.encode(),),
        home=1,
        key=PublicKey.ed25519(endorser.public_key),
        sign=endorser.sign,
    )
    centre = connections.client(connections.data.network.registration.url, key_id="home:1", key=endorser)
    request = SubmissionRequest(submission=submission.encode())
    answer = await centre.post("/v1/submissions", request, SubmissionAnswer, idempotency_key=connections.new_key())
    return answer.verdicts[0].status, answer.verdicts[0].receipt


async def redemption(cast: Cast) -> str:
    """The second institution gives money back to the central bank."""
    operation = await redeem(cast.connections, 2, REDEEMED_FEN)
    _keep(cast, "redemption", operation.receipt)
    return f"{yuan(REDEEMED_FEN)} from Second Bank's vault ended (proposal {operation.proposal_id[:12]})"


async def receipts(cast: Cast) -> str:
    """Every receipt is verified with nothing but genesis."""
    genesis = cast.connections.data.genesis()
    domain = genesis.domain()
    for encoded in cast.receipts.values():
        Receipt.decode(encoded).verify(domain, keys=genesis.receipt_keys)
    return f"{len(cast.receipts)} receipts verified offline against the key in genesis: {', '.join(cast.receipts)}"


SCENES: Mapping[str, Scene] = {
    "issuance": issuance,
    "wallets": wallets,
    "exchange": exchange,
    "purchase": purchase,
    "refund": refund,
    "across_institutions": across_institutions,
    "double_spend": double_spend,
    "redemption": redemption,
    "receipts": receipts,
}
"""Every scene by the name that it has in the JSON answer, in order."""
