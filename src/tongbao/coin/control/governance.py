"""Control of the currency itself: quotas, officers, assets, rules, clock, receipt keys."""

from dataclasses import dataclass

from tongbao.coin.control.operation import AuthorityKind, read_authority
from tongbao.coin.encoding import Reader, count_u8, demand_unsigned, u8, u32, u64
from tongbao.coin.suites import PublicKey
from tongbao.errors import RequestError

__all__ = [
    "ActivateRules",
    "ClockOperation",
    "Officers",
    "Quota",
    "ReceiptKey",
    "RegisterAsset",
    "demand_asset_code",
    "read_asset",
    "read_asset_code",
    "read_officers",
]

OFFICERS_MAX = 32  # approvals of one transaction stay under 4 KiB
ASSET_CODE_BYTES_MAX = 16  # an ISO 4217 code has 3, an ISIN of a bond 12


@dataclass(frozen=True, slots=True)
class Quota:
    """Limit what may be issued into a home: issued - redeemed of the asset there may not exceed it.

    Attributes:
        asset: which asset.
        home: which home.
        value: the limit in the asset's smallest unit.
    """

    asset: int
    home: int
    value: int
    NUMBER = 5
    AUTHORITY = AuthorityKind.ISSUANCE

    def __post_init__(self) -> None:
        demand_unsigned("asset", self.asset, bits=32)
        demand_unsigned("home", self.home, bits=32)
        demand_unsigned("value", self.value, bits=64)

    def subject(self) -> bytes:
        """The asset at the home."""
        return b"quota" + u32(self.asset) + u32(self.home)

    def payload(self) -> bytes:
        """Asset, home, limit."""
        return u32(self.asset) + u32(self.home) + u64(self.value)


@dataclass(frozen=True, slots=True)
class Officers:
    """Replace the keys of an authority.

    Attributes:
        authority: which one.
        threshold: how many of the keys must approve.
        keys: 1..32 different keys.
    """

    authority: AuthorityKind
    threshold: int
    keys: tuple[PublicKey, ...]
    NUMBER = 6
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= OFFICERS_MAX or len(set(self.keys)) != len(self.keys):
            raise RequestError(f"an authority has 1..{OFFICERS_MAX} different keys", field="keys")
        if not 1 <= self.threshold <= len(self.keys):
            raise RequestError(f"threshold must be 1..{len(self.keys)}, was {self.threshold}", field="threshold")

    def subject(self) -> bytes:
        """The authority."""
        return b"officers" + u8(self.authority)

    def payload(self) -> bytes:
        """Authority, threshold, keys."""
        return u8(self.authority) + u8(self.threshold) + count_u8([key.encode() for key in self.keys])


@dataclass(frozen=True, slots=True)
class RegisterAsset:
    """Admit an asset, or suspend and resume one.

    Attributes:
        asset: its number.
        active: whether coins of it may move.
        code: its short name, as "CNY"; 1..16 bytes of ASCII.
    """

    asset: int
    active: bool
    code: str
    NUMBER = 7
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        demand_unsigned("asset", self.asset, bits=32)
        demand_asset_code(self.code)

    def subject(self) -> bytes:
        """The asset."""
        return b"asset" + u32(self.asset)

    def payload(self) -> bytes:
        """Asset, flag, code."""
        return u32(self.asset) + u8(self.active) + u8(len(self.code)) + self.code.encode("ascii")


@dataclass(frozen=True, slots=True)
class ActivateRules:
    """Let another version of the rules judge from the next batch on; old rules stay executable for replay.

    Attributes:
        version: the rules version, one that this software knows.
    """

    version: int
    NUMBER = 11
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        demand_unsigned("version", self.version, bits=32)

    def subject(self) -> bytes:
        """The rules."""
        return b"rules"

    def payload(self) -> bytes:
        """Version."""
        return u32(self.version)


@dataclass(frozen=True, slots=True)
class ClockOperation:
    """Set ledger time, forwards beyond a heartbeat's step or backwards, after a clock went wrong.

    Attributes:
        time_ms: the ledger time of the next batch at the earliest; it may then step on from there.
    """

    time_ms: int
    NUMBER = 12
    AUTHORITY = AuthorityKind.CONTROL

    def __post_init__(self) -> None:
        demand_unsigned("time_ms", self.time_ms, bits=64)

    def subject(self) -> bytes:
        """The clock."""
        return b"clock"

    def payload(self) -> bytes:
        """Time."""
        return u64(self.time_ms)


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """Admit or end a key with which the registration centre signs batch heads and outcomes.

    Attributes:
        key: the key.
        active: True admits it, False ends it.
    """

    key: PublicKey
    active: bool
    NUMBER = 13
    AUTHORITY = AuthorityKind.CONTROL

    def subject(self) -> bytes:
        """The set of receipt keys."""
        return b"receipt-keys"

    def payload(self) -> bytes:
        """Key, flag."""
        return self.key.encode() + u8(self.active)


def read_officers(reader: Reader) -> Officers:
    """The officers whose payload starts at the reader's place."""
    authority, threshold = read_authority(reader), reader.u8()
    keys = tuple(PublicKey.read(reader) for _ in range(reader.u8()))
    return reader.build(Officers, authority, threshold, keys)


def read_asset(reader: Reader) -> RegisterAsset:
    """The asset whose payload starts at the reader's place."""
    return reader.build(RegisterAsset, reader.u32(), reader.flag(), read_asset_code(reader))


def demand_asset_code(code: str) -> None:
    """Raise `RequestError` unless `code` can name an asset on screens and papers."""
    if not (1 <= len(code) <= ASSET_CODE_BYTES_MAX and code.isascii() and code.isprintable()):
        raise RequestError(
            f"an asset's code has 1..{ASSET_CODE_BYTES_MAX} printable ASCII characters", field="asset_code"
        )


def read_asset_code(reader: Reader) -> str:
    """The code of an asset, which starts at the reader's place behind its length; not yet demanded to be printable."""
    return reader.take(reader.u8()).decode("latin-1")
