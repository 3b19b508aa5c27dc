"""What newcomers say to the sandbox of a test network: as a teller, a treasurer, an officer or a shopper.

| request | by | answer |
|---|---|---|
| `GET  /sandbox` | anyone | `SandboxView` |
| `POST /sandbox/cash` | anyone | `CashPaid` |
| `POST /sandbox/issuance` | anyone | `SandboxProposal` |
| `GET  /sandbox/proposals` | anyone | `SandboxProposals` |
| `GET  /sandbox/proposals/{proposal_id}` | anyone | `SandboxProposal` |
| `POST /sandbox/proposals/{proposal_id}/approvals` | anyone | `SandboxProposal` |
| `POST /sandbox/mall/checkouts` | anyone | `Checkout` |
| `POST /sandbox/mall/refunds` | whoever knows the id | `Refund` |

Only the front of a test network that `tongbao up` has made answers here; anywhere else these requests are refused with
`NO_SANDBOX`. The money is nobody's, so nobody signs: whoever reaches the front may play every role.
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from tongbao.protocol.checkout import CheckoutUrl
from tongbao.protocol.issuance import ProposalState
from tongbao.protocol.wire import Fen, Hash, Home, LedgerTime, Message, WalletId

__all__ = [
    "BASKET_MAX",
    "CashPaid",
    "CashRequest",
    "MallBasket",
    "MallGood",
    "MallLanguage",
    "MallReturn",
    "SandboxApproval",
    "SandboxInstitution",
    "SandboxIssuance",
    "SandboxLimits",
    "SandboxMall",
    "SandboxProposal",
    "SandboxProposals",
    "SandboxState",
    "SandboxView",
]

BASKET_MAX: Final = 20
"""Goods of one purchase: what fits on one screen."""

OFFICERS_MAX: Final = 16


class SandboxState(StrEnum):
    """How far the sandbox is."""

    PREPARING = "preparing"
    """Money is being issued into the vaults, or the mall opened; asking again in a second shows more."""
    READY = "ready"
    WAITING = "waiting"
    """Something stands in the way, which `reason` tells; it is tried again by itself."""


class SandboxInstitution(Message):
    """An institution of the sandbox; `filled` says that its vault has money for newcomers."""

    home: Home
    title: str
    filled: bool


class MallGood(Message):
    """Something that the mall sells."""

    good: str
    price_fen: Fen
    name: str
    name_zh: str


class SandboxMall(Message):
    """The example mall: a merchant's wallet like any other, with a key on this machine."""

    home: Home
    wallet_id: WalletId
    address: str
    name: str
    goods: list[MallGood]


class SandboxLimits(Message):
    """How much of the sandbox one may have, and of what is left today by UTC for all together."""

    cash_fen_max: Fen
    cash_wallet_day_fen_max: Fen
    cash_day_fen_left: int
    issuance_fen_max: Fen
    issuance_day_left: int


class SandboxView(Message):
    """What there is; the mall is null until it is open."""

    network: str
    preparation: SandboxState
    reason: str
    institutions: list[SandboxInstitution]
    mall: SandboxMall | None
    officers: int
    officers_needed: int
    limits: SandboxLimits


class CashRequest(Message):
    """Let the sandbox's teller take cash from nowhere for the deposit beside a wallet."""

    wallet_id: WalletId
    home: Home
    amount_fen: Fen


class CashPaid(Message):
    """The deposit after it, and what the wallet may still be given today by UTC."""

    wallet_id: WalletId
    home: Home
    deposit_fen: int
    left_today_fen: int


class SandboxIssuance(Message):
    """Ask, as an institution's treasurer, for money in its vault."""

    home: Home
    amount_fen: Fen


class SandboxApproval(Message):
    """Approve as one of the officers of issuance, numbered from 1."""

    officer: Annotated[int, Field(ge=1, le=OFFICERS_MAX, strict=True)]


class SandboxProposal(Message):
    """An issuance as an officer sees it before he signs.

    `description` are the words of what `transaction_id` stands for, and `words_hold` says that an officer's program has
    read the transaction itself and found just these words in it. `approved_by` are officers who approved through the
    sandbox since it was started; `approvals` counts all.
    """

    proposal_id: str
    home: Home
    value_fen: int
    description: str
    words_hold: bool
    state: ProposalState
    transaction_id: Hash
    approvals: int
    approved_by: list[int]
    threshold: int
    expiry_ms: LedgerTime


class SandboxProposals(Message):
    """Issuances that wait for officers, newest first."""

    proposals: list[SandboxProposal]


class MallLanguage(StrEnum):
    """In which language the mall writes what was bought onto the order."""

    ENGLISH = "en"
    CHINESE = "zh-CN"


class MallBasket(Message):
    """Buy these goods, each as often as it is named; then be sent back to one of the pages."""

    language: MallLanguage = MallLanguage.ENGLISH
    goods: Annotated[list[Annotated[str, Field(pattern=r"^[a-z-]{1,32}$")]], Field(min_length=1, max_length=BASKET_MAX)]
    success_url: CheckoutUrl
    cancel_url: CheckoutUrl


class MallReturn(Message):
    """Bring back what was bought: the mall offers all that is left of the payment as a refund."""

    order_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
