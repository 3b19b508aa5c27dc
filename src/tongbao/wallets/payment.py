"""One payment, without the world: what its holder wants, whether a preparation is just that, and the signature.

A wallet signs only what it was asked to pay. Its home prepares a payment (amount, payee's lock, reference, expiry), and
every part of the preparation that could turn the money elsewhere is compared with the intent before a key is touched.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NotRequired, TypedDict, Unpack

from tongbao.coin import (
    CURRENCY,
    Acceptance,
    Authorisation,
    Body,
    Coin,
    Input,
    Kind,
    Limits,
    PublicKey,
    Transaction,
    spend_digest,
)
from tongbao.errors import BusyError, NetworkError, PeerError, RefusedError, RequestError
from tongbao.protocol.payment import Payee, Preparation
from tongbao.protocol.stock import wallet_id_of
from tongbao.vaults.purse import PurseCoin
from tongbao.wallets.keys import LockSource, WalletKeys

__all__ = [
    "InDoubtError",
    "Intent",
    "OwnCoin",
    "PaymentKind",
    "RefusedForNowError",
    "WalletPayment",
    "WalletPaymentState",
    "check_preparation",
    "in_doubt",
    "open_until_proven",
    "rebuild_payment",
    "sign_payment",
]

_PAID_OUTPUT: Final = 0
_CHANGE_OUTPUT: Final = 1
_PAYMENT_ID: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")


class PaymentKind(StrEnum):
    """Who is paid."""

    ORDER = "order"
    PERSON = "person"
    REFUND = "refund"
    DEPOSIT = "deposit"
    OWN = "own"
    """The wallet itself: coins of its own become another coin of its own."""
    POCKET = "pocket"
    """A pocket of the wallet's own, which another wallet can open, too."""


class WalletPaymentState(StrEnum):
    """How much the wallet knows of a payment that it signed."""

    SIGNED = "signed"
    """It may settle, or have settled: its coins are spent for nothing else before its expiry."""
    SETTLED = "settled"
    """Proven by a receipt."""
    NEVER = "never"
    """Proven never to settle: absent past its expiry, or a coin of it is spent by another payment that settled."""


@dataclass(frozen=True, slots=True)
class OwnCoin:
    """A coin of the wallet, and how its lock is made again."""

    held: PurseCoin
    source: LockSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the holder wants to pay.

    Attributes:
        name: what is paid, in the wallet's words; the same name is the same payment, however often it is asked for.
        kind: who is paid.
        payee: who is paid, in the protocol's words.
        amount_fen: how much, with the tip.
        payee_home: the home where the money must go.
        payee_wallet_id: the wallet to which it must go; None where only the home knows: the payer of a refunded order,
            and the home's own lock for a deposit.
        tip_fen: what of the amount comes on top of what an order asks.
        coin_ids: pay with just these coins; empty for whichever fit.
        lock_index: of the own lock that is paid; None where somebody else is.
    """

    name: str
    kind: PaymentKind
    payee: Payee
    amount_fen: int
    payee_home: int | None
    payee_wallet_id: bytes | None
    tip_fen: int = 0
    coin_ids: tuple[bytes, ...] = ()
    lock_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletPayment:
    """A payment that the wallet has signed.

    Attributes:
        number: its place among the wallet's payments, from 1.
        payment_id: its home's name for it.
        name: the intent's name.
        transaction: the signed bytes, the same in every attempt.
        coin_ids: the coins that it spends; the first is the anchor.
        change: the coin that comes back once it settles: the change, or of own coins the one that they become.
        status: the kernel status last heard, by name.
        time_ms: the ledger time at which it settled; 0 before.
    """

    number: int
    payment_id: str
    name: str
    kind: PaymentKind
    amount_fen: int
    description: str
    transaction: bytes
    transaction_id: bytes
    coin_ids: tuple[bytes, ...]
    change: OwnCoin | None
    expiry_ms: int
    state: WalletPaymentState = WalletPaymentState.SIGNED
    status: str = ""
    receipt: bytes | None = None
    time_ms: int = 0


class PaymentTold(TypedDict):
    """Fields of a `WalletPayment` that its bytes do not give."""

    number: int
    payment_id: str
    name: str
    kind: PaymentKind
    amount_fen: int
    description: str
    state: NotRequired[WalletPaymentState]
    status: NotRequired[str]
    receipt: NotRequired[bytes | None]
    time_ms: NotRequired[int]


class InDoubtError(NetworkError):
    """Signed and sent, and nobody can say yet whether it settles: asking again sends the same bytes, never others.

    Attributes:
        payment: what is in doubt.
    """

    def __init__(self, message: str, *, payment: WalletPayment) -> None:
        super().__init__(message)
        self.payment = payment


class RefusedForNowError(RefusedError):
    """Signed and sent, and a rule says no; until its expiry the same bytes may settle all the same.

    Unlike any other refusal it leaves something behind: the coins are held, and whoever has the bytes may send them.

    Attributes:
        payment: what is refused for now.
    """

    def __init__(self, reason: str, *, payment: WalletPayment, code: str) -> None:
        super().__init__(
            f"the payment of {payment.amount_fen} fen is refused for now: {reason}",
            code=code,
            cure="ask again: the same signed bytes are sent, so that it is never paid twice",
        )
        self.payment = payment


@contextmanager
def open_until_proven(payment: WalletPayment) -> Iterator[None]:
    """Let whatever goes wrong with a payment that is signed say that it may settle all the same.

    Raises:
        RefusedForNowError: a rule says no.
        InDoubtError: anything else of the network, or of what others said.
    """
    try:
        yield
    except (InDoubtError, RefusedForNowError):
        raise
    except RefusedError as error:
        raise RefusedForNowError(str(error), payment=payment, code=error.code) from error
    except (RequestError, PeerError, NetworkError, BusyError) as error:
        raise in_doubt(payment, str(error)) from error


def in_doubt(payment: WalletPayment, reason: str) -> InDoubtError:
    """What is raised where nobody can say whether the payment settles."""
    return InDoubtError(
        f"the payment of {payment.amount_fen} fen may or may not have happened ({reason}); asking again is safe",
        payment=payment,
    )


def check_preparation(
    preparation: Preparation, intent: Intent, *, anchor: bytes, home: int, keys: WalletKeys, limits: Limits
) -> None:
    """Return if paying as prepared is what the holder wants; `home` is the wallet's own.

    Raises:
        PeerError: it is not; the message says in what they differ.
    """
    if _PAYMENT_ID.fullmatch(preparation.payment_id) is None:
        raise _other("its id is none")
    if preparation.amount_fen != intent.amount_fen:
        raise _other(f"{preparation.amount_fen} fen instead of {intent.amount_fen}")
    if intent.payee_home is not None and preparation.payee_home != intent.payee_home:
        raise _other(f"to home {preparation.payee_home} instead of {intent.payee_home}")
    if intent.payee_wallet_id is not None and preparation.payee_wallet_id != intent.payee_wallet_id:
        raise _other("to another wallet")
    if not 0 < preparation.expiry_ms - preparation.time_ms <= limits.expiry_ahead_max_ms:
        raise _other(f"until {preparation.expiry_ms}, and the ledger's time is {preparation.time_ms}")
    _check_lock(preparation, intent, keys)
    if preparation.payee_home != home:
        _check_acceptance(preparation, anchor=anchor)
    elif preparation.acceptance is not None:
        raise _other("with an acceptance, which a payment within one home has not")


def _other(what: str) -> PeerError:
    return PeerError(f"the home prepares another payment than was asked for: {what}; nothing was signed")


def _check_lock(preparation: Preparation, intent: Intent, keys: WalletKeys) -> None:
    named = intent.payee.own_lock or intent.payee.pocket_id
    if named is None:
        wallet_id = preparation.payee_wallet_id or _wallet_in_proof(preparation, keys)
        preparation.proof.verify(keys.domain, wallet_id=wallet_id)
    elif preparation.proof.lock_id != named:
        raise _other("to another lock")


def _wallet_in_proof(preparation: Preparation, keys: WalletKeys) -> bytes:
    try:
        return wallet_id_of(PublicKey.decode(preparation.proof.key), keys.domain)
    except RequestError as error:
        raise _other(f"the proof of the lock has no readable key ({error})") from None


def _check_acceptance(preparation: Preparation, *, anchor: bytes) -> None:
    """See that the acceptance is for this payment; whether its signature counts, the kernel decides."""
    if preparation.acceptance is None:
        raise _other("without the other home's acceptance")
    try:
        acceptance = Acceptance.decode(preparation.acceptance)
    except RequestError as error:
        raise _other(f"the acceptance cannot be read ({error})") from None
    if acceptance.home != preparation.payee_home or acceptance.anchor != anchor:
        raise _other("the acceptance is for another one")
    if acceptance.value_max(lock_id=preparation.proof.lock_id, asset=CURRENCY) < preparation.amount_fen:
        raise _other("the acceptance is for less, or for another lock")


def sign_payment(
    preparation: Preparation,
    intent: Intent,
    coins: Sequence[OwnCoin],
    *,
    home: int,
    keys: WalletKeys,
    number: int,
    change_index: int,
) -> WalletPayment:
    """Pay as prepared with just these coins; change, if there is any, goes to lock `change_index`.

    Where the wallet pays itself, the coins are worth just what is paid, and what is paid is what comes back.
    """
    outputs = [Coin(CURRENCY, preparation.amount_fen, preparation.payee_home, preparation.proof.lock_id)]
    change_fen = sum(coin.held.value for coin in coins) - preparation.amount_fen
    change_source = LockSource(change_index)
    if change_fen:
        change_lock_id = keys.lock_key(change_source).lock.id(keys.domain)
        outputs.append(Coin(CURRENCY, change_fen, home, change_lock_id))
    acceptance = preparation.acceptance
    body = Body(
        Kind.TRANSFER,
        preparation.expiry_ms,
        preparation.reference,
        inputs=tuple([coin.held.opening for coin in coins]),
        outputs=tuple(outputs),
        authorisations=(Authorisation.of(Acceptance.decode(acceptance)),) if acceptance else (),
    )
    digest = spend_digest(body.transaction_id(keys.domain), keys.domain)
    witnesses = tuple([keys.lock_key(coin.source).witness(digest) for coin in coins])
    return rebuild_payment(
        Transaction(body, witnesses).encode(),
        body,
        keys=keys,
        change_index=change_index if change_fen else intent.lock_index,
        number=number,
        payment_id=preparation.payment_id,
        name=intent.name,
        kind=intent.kind,
        amount_fen=preparation.amount_fen,
        description=preparation.description,
    )


def rebuild_payment(
    transaction: bytes,
    body: Body,
    *,
    keys: WalletKeys,
    change_index: int | None,
    **told: Unpack[PaymentTold],
) -> WalletPayment:
    """The payment that these signed bytes are; `told` is what they do not say themselves."""
    transaction_id = body.transaction_id(keys.domain)
    change = None
    if change_index is not None:
        output = _PAID_OUTPUT if told["kind"] is PaymentKind.OWN else _CHANGE_OUTPUT
        opening = Input(transaction_id, output, body.outputs[output])
        change = OwnCoin(PurseCoin(opening.coin_id(keys.domain), opening), LockSource(change_index))
    return WalletPayment(
        transaction=transaction,
        transaction_id=transaction_id,
        coin_ids=tuple([spent.coin_id(keys.domain) for spent in body.inputs]),
        change=change,
        expiry_ms=body.expiry_ms,
        **told,
    )
