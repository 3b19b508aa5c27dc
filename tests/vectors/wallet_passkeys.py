"""Locks that a passkey opens, and a key of the phrase later: the content of tests/vectors/wallet/passkeys.json."""

from typing import Any, Final

from tongbao.coin import Domain, Path, PublicKey, TimedLock
from tongbao.wallets.keys import LockSource, WalletKeys
from tongbao.wallets.phrase import read_phrase, seed_of
from tongbao.wallets.pocket_words import PocketWords

PASSKEY_SUITE: Final = 3
PERIOD_MS: Final = 30 * 86_400_000
"""Locks open to the phrase when the period after the one in which they were made has ended."""

PASSKEY: Final = PublicKey(
    PASSKEY_SUITE,
    bytes.fromhex(
        "9802a17315af590d7d8cb92ca5cbe42798061a771c9d96ce4c94d9d07cd1490e"
        "04cbc911a08ae2a8b7715b6e67ed206c6de3105caf469b8de182310b21a745540b"
        "4eca3287688577655a5ec8e33e213d364ea85f03df024ca7c3fdf7687d916f81"
        "1368747470733a2f2f7061792e6578616d706c65"
    ),
)
RP_ID: Final = "pay.example"
ORIGIN: Final = "https://pay.example"

_INDEXES: Final = (0, 1, 1_535)
_NUMBER: Final = 7
_TIMES_MS: Final = (0, PERIOD_MS - 1, PERIOD_MS, 1_790_000_000_000)


def later_from_ms(time_ms: int) -> int:
    """From when on the phrase opens a lock that is made at this ledger time."""
    return (time_ms // PERIOD_MS + 2) * PERIOD_MS


def passkeys(phrase: str, domains: dict[str, Domain]) -> dict[str, Any]:
    """The key, when locks open to the phrase, and the locks of a wallet in each network."""
    return {
        "rp_id": RP_ID,
        "origin": ORIGIN,
        "point": PASSKEY.key[32:97].hex(),
        "key": PASSKEY.encode().hex(),
        "period_ms": str(PERIOD_MS),
        "times": [{"made_ms": str(made), "later_from_ms": str(later_from_ms(made))} for made in _TIMES_MS],
        "wallets": [_wallet(phrase, network, domain) for network, domain in domains.items()],
    }


def _wallet(phrase: str, network: str, domain: Domain) -> dict[str, Any]:
    keys = WalletKeys(seed_of(read_phrase(phrase)), domain)
    made_ms = _TIMES_MS[-1]
    return {
        "network": network,
        "phrase": read_phrase(phrase),
        "made_ms": str(made_ms),
        "locks": [{"index": index, **_lock(keys, index, made_ms)} for index in _INDEXES],
        "description": _description(keys, made_ms),
    }


def _lock(keys: WalletKeys, index: int, made_ms: int) -> dict[str, str]:
    own = keys.lock_key(LockSource(index)).lock
    lock = TimedLock(PASSKEY, own.key, later_from_ms(made_ms), (), (), own.salt)
    return {"lock": lock.encode().hex(), "lock_id": lock.id(keys.domain).hex()}


def _description(keys: WalletKeys, made_ms: int) -> dict[str, Any]:
    """What the home keeps, sealed: a lock with the earliest time on which any was made, so that a search can begin."""
    own = keys.pocket_key(_NUMBER)
    later_key = PublicKey.ed25519(own.signer.public_key)
    lock = TimedLock(PASSKEY, later_key, later_from_ms(made_ms) - PERIOD_MS, (), (), own.salt)
    words = PocketWords(lock, Path.B, _NUMBER, f"tongbao/passkey/1 {PERIOD_MS}")
    return {"number": _NUMBER, "pocket_id": lock.id(keys.domain).hex(), "words": words.encode().hex()}
