"""The exception tree, by who is at fault.

```
TongbaoError
├── RequestError      you: the request is wrong, and says how to mend it
│   ├── DecodingError     bytes or text that are not the canonical form of anything
│   └── RefusedError      a rule of the money or of the institution says no
│       └── WalletMovedError  the holder is paid at another address now
├── PeerError         they: the other party answered what it must not
├── WorldError        disk, network, clock, configuration
│   ├── StorageError      a disk or a database failed
│   │   ├── DiskFullError     no room; nothing acknowledged is lost
│   │   └── DamageError       stored bytes are not what was written
│   ├── NetworkError      no answer came; what was asked may or may not have happened
│   ├── BusyError         a bounded queue is full; ask again later
│   │   └── RateLimitedError  this caller asks more than his share
│   └── ConfigurationError
└── InvariantError    we: the process must stop
```

An expected refusal of the settlement kernel is a value (`tongbao.kernel.Status`), not an exception.
"""

__all__ = [
    "BusyError",
    "ConfigurationError",
    "DamageError",
    "DecodingError",
    "DiskFullError",
    "InvariantError",
    "NetworkError",
    "PeerError",
    "RateLimitedError",
    "RefusedError",
    "RequestError",
    "StorageError",
    "TongbaoError",
    "WalletMovedError",
    "WorldError",
]


class TongbaoError(Exception):
    """Any failure that this package raises on purpose."""


class RequestError(TongbaoError):
    """The caller is at fault.

    Attributes:
        code: stable name in capitals; programs and translations key on it.
        field: the part of the request that is wrong, or "" when it is the whole.
        cure: what to do about it, in one sentence.
    """

    code = "BAD_REQUEST"

    def __init__(self, message: str, *, field: str = "", cure: str = "", code: str = "") -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.field = field
        self.cure = cure


class DecodingError(RequestError):
    """Bytes or text that are not the canonical form of what was expected."""

    code = "MALFORMED"


class RefusedError(RequestError):
    """A rule says no; `code` names the rule and nothing was consumed."""

    code = "REFUSED"


class WalletMovedError(RefusedError):
    """The holder is paid elsewhere now.

    Attributes:
        moved_to: the address there.
    """

    def __init__(self, message: str, *, moved_to: str, code: str, field: str = "", cure: str = "") -> None:
        super().__init__(message, code=code, field=field, cure=cure)
        self.moved_to = moved_to


class PeerError(TongbaoError):
    """The other party answered what its protocol does not allow."""


class WorldError(TongbaoError):
    """The world failed: disk, network, clock or configuration."""


class StorageError(WorldError):
    """A disk or a database failed; what was acknowledged before is safe."""


class DiskFullError(StorageError):
    """There is no room left; new work is refused until there is."""


class DamageError(StorageError):
    """Stored bytes are not what was written."""


class NetworkError(WorldError):
    """No answer came, so what was asked may or may not have happened."""


class BusyError(WorldError):
    """A bounded queue is full; the same request may be sent again later.

    Attributes:
        retry_after_s: seconds after which asking again makes sense.
    """

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimitedError(BusyError):
    """The caller asks more than his share; the same request may be sent again later."""


class ConfigurationError(WorldError):
    """A setting, a file or a port is not usable as it is; the message names it and the cure."""


class InvariantError(TongbaoError):
    """Something that cannot happen has happened: stop rather than go on with wrong money."""
