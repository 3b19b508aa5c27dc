"""Genesis: what a currency is from its first moment. Its hash is the network id that every signature covers."""

import re
from dataclasses import dataclass

from tongbao.coin.control import AuthorityKind, Officers, demand_asset_code, read_asset_code, read_officers
from tongbao.coin.domain import Domain, HashKind, tagged_hash
from tongbao.coin.encoding import Reader, count_u8, count_u16, demand_unsigned, u8, u16, u32, u64
from tongbao.coin.suites import PublicKey
from tongbao.errors import RequestError

__all__ = ["Genesis", "GenesisInstitution", "Limits"]

GENESIS_MAGIC = b"tongbao1"
NAME_BYTES_MAX = 64
INSTITUTIONS_MAX = 1024  # more are registered by control
RECEIPT_KEYS_MAX = 16  # the centre's writers and their next keys; more are admitted by control
# Control characters, and the surrogates that UTF-8 cannot express. What else is printable differs between versions of
# Unicode, and a genesis that only newer software accepts would not be one.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_LIMITS_BITS = {
    "inputs_max": 16,
    "outputs_max": 16,
    "batch_transactions_max": 32,
    "expiry_ahead_max_ms": 64,
    "ordered_move_delay_ms": 64,
    "snapshot_every": 32,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds one transaction and one batch, for the life of the network.

    Attributes:
        inputs_max: coins that one transaction spends.
        outputs_max: coins that one transaction makes.
        batch_transactions_max: transactions in one batch.
        expiry_ahead_max_ms: how far ahead of ledger time an expiry may lie.
        ordered_move_delay_ms: how long a coin must have been frozen before an ordered move.
        snapshot_every: batches from one state digest and snapshot to the next.
    """

    inputs_max: int = 256
    outputs_max: int = 1024
    batch_transactions_max: int = 4096
    expiry_ahead_max_ms: int = 3_600_000
    ordered_move_delay_ms: int = 259_200_000
    snapshot_every: int = 1024

    def __post_init__(self) -> None:
        for name, bits in _LIMITS_BITS.items():
            demand_unsigned(name, getattr(self, name), bits=bits)
            # Without delay an ordered move is at the offices' discretion; any other limit of 0 stops the network.
            if not getattr(self, name) and name != "ordered_move_delay_ms":
                raise RequestError(f"{name} must be at least 1", field=name)

    def encode(self) -> bytes:
        """28 bytes."""
        counts = u16(self.inputs_max) + u16(self.outputs_max) + u32(self.batch_transactions_max)
        times = u64(self.expiry_ahead_max_ms) + u64(self.ordered_move_delay_ms)
        return counts + times + u32(self.snapshot_every)

    @staticmethod
    def read(reader: Reader) -> "Limits":
        """The limits that start at the reader's place."""
        counts = reader.u16(), reader.u16(), reader.u32()
        times = reader.u64(), reader.u64()
        return reader.build(Limits, *counts, *times, reader.u32())


@dataclass(frozen=True, slots=True)
class GenesisInstitution:
    """An operating institution from the first moment.

    Attributes:
        home: its number, from 1.
        key: its endorser key.
        quota: the most of the currency that may be issued into it, in fen; 0 means none until control sets it.
    """

    home: int
    key: PublicKey
    quota: int

    def __post_init__(self) -> None:
        demand_unsigned("home", self.home, bits=32)
        demand_unsigned("quota", self.quota, bits=64)


@dataclass(frozen=True, slots=True)
class Genesis:
    """What a currency is from its first moment.

    Attributes:
        name: for people, 1..64 bytes of UTF-8 without control characters.
        hash_kind: the ledger's H.
        test_network: whether seeds, free heartbeats and other aids of testing are allowed.
        time_ms: the ledger time of sequence 0.
        rules: the first rules version.
        asset_code: the short name of asset 0, as "CNY"; 1..16 printable ASCII characters.
        limits: see `Limits`.
        authorities: issuance, control and offices, in that order.
        central_bank_key: the endorser key of home 0.
        institutions: the first homes, ascending.
        receipt_keys: 1..16 different keys with which the registration centre signs.
    """

    name: str
    hash_kind: HashKind
    test_network: bool
    time_ms: int
    rules: int
    asset_code: str
    limits: Limits
    authorities: tuple[Officers, ...]
    central_bank_key: PublicKey
    institutions: tuple[GenesisInstitution, ...]
    receipt_keys: tuple[PublicKey, ...]

    def __post_init__(self) -> None:
        if _UNWRITABLE.search(self.name) or not 1 <= len(self.name.encode()) <= NAME_BYTES_MAX:
            raise RequestError(f"name must have 1..{NAME_BYTES_MAX} bytes without control characters", field="name")
        demand_asset_code(self.asset_code)
        demand_unsigned("time_ms", self.time_ms, bits=64)
        demand_unsigned("rules", self.rules, bits=32)
        if [officers.authority for officers in self.authorities] != list(AuthorityKind):
            raise RequestError("authorities must be issuance, control and offices", field="authorities")
        homes = [institution.home for institution in self.institutions]
        if len(homes) > INSTITUTIONS_MAX or homes != sorted(set(homes)) or 0 in homes:
            raise RequestError("institutions must have ascending homes from 1", field="institutions")
        count = len(self.receipt_keys)
        if not 1 <= count <= RECEIPT_KEYS_MAX or len(set(self.receipt_keys)) < count:
            raise RequestError(f"there must be 1..{RECEIPT_KEYS_MAX} different receipt keys", field="receipt_keys")

    def encode(self) -> bytes:
        """The canonical bytes, record 0 of every journal."""
        name, code = self.name.encode(), self.asset_code.encode("ascii")
        return b"".join(
            (
                GENESIS_MAGIC,
                u8(self.hash_kind),
                u8(self.test_network),
                u64(self.time_ms),
                u32(self.rules),
                u8(len(name)) + name,
                u8(len(code)) + code,
                self.limits.encode(),
                *[officers.payload() for officers in self.authorities],
                self.central_bank_key.encode(),
                count_u16([u32(each.home) + each.key.encode() + u64(each.quota) for each in self.institutions]),
                count_u8([key.encode() for key in self.receipt_keys]),
            )
        )

    @staticmethod
    def decode(data: bytes) -> "Genesis":
        """The genesis whose whole encoding is `data`."""
        reader = Reader(data, "genesis")
        if reader.take(len(GENESIS_MAGIC)) != GENESIS_MAGIC:
            raise reader.error("this is no genesis")
        hash_kind, test_network = _hash_kind(reader), reader.flag()
        time_ms, rules = reader.u64(), reader.u32()
        name, asset_code = _name(reader), read_asset_code(reader)
        limits = Limits.read(reader)
        authorities = tuple(read_officers(reader) for _ in AuthorityKind)
        central_bank_key = PublicKey.read(reader)
        institutions = tuple(
            GenesisInstitution(reader.u32(), PublicKey.read(reader), reader.u64()) for _ in range(reader.u16())
        )
        receipt_keys = tuple(PublicKey.read(reader) for _ in range(reader.u8()))
        reader.finish()
        return reader.build(
            Genesis,
            name=name,
            hash_kind=hash_kind,
            test_network=test_network,
            time_ms=time_ms,
            rules=rules,
            asset_code=asset_code,
            limits=limits,
            authorities=authorities,
            central_bank_key=central_bank_key,
            institutions=institutions,
            receipt_keys=receipt_keys,
        )

    def domain(self) -> Domain:
        """The domain in which every id of this network is computed."""
        return Domain(tagged_hash(self.hash_kind, "tongbao/genesis/1", self.encode()), self.hash_kind)


def _hash_kind(reader: Reader) -> HashKind:
    number = reader.u8()
    try:
        return HashKind(number)
    except ValueError:
        raise reader.error(f"hash {number} is unknown") from None


def _name(reader: Reader) -> str:
    content = reader.take(reader.u8())
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise reader.error("the name is not UTF-8") from None
