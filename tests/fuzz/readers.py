"""What reads strangers' bytes above the coin layer, by name: how it may refuse them, and what holds otherwise."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from tongbao.coin import VALUE_MAX
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError, PeerError, RefusedError, RequestError, TongbaoError
from tongbao.protocol.message_signature import SignableRequest, check_fresh, read_signature, sign_request
from tongbao.protocol.problem import Problem, error_of, problem_of
from tongbao.service.configuration import RegistrationConfiguration, load_configuration
from tongbao.service.replay.rounds import rounds
from tongbao.service.replay.rows import read_purchases

KEY = SigningKey(bytes(32))
NOW_S = 1_700_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")

REQUEST = SignableRequest(
    "POST", "bank.example:8001", "/v1/orders/a%2Fb", "x=1", {"idempotency-key": "k-1"}, b'{"value_fen":5}'
)
# What a signature is read from, in this order, one a line; what is left is the body.
HEADERS = ("signature-input", "signature", "content-digest", "idempotency-key")


@dataclass(frozen=True)
class Reader:
    """A reader and its law.

    Attributes:
        read: reads the bytes, with a folder to put them into, and raises `AssertionError` where its law is broken.
        refusals: what it may raise besides.
        known: bytes that it takes, to begin with.
    """

    read: Callable[[bytes, Path], None]
    refusals: tuple[type[TongbaoError], ...]
    known: tuple[bytes, ...]


def answer(name: str, data: bytes, folder: Path) -> str:
    """How a reader refuses the bytes, or "" where it takes them; whatever else it raises comes out."""
    reader = READERS[name]
    try:
        reader.read(data, folder)
    except reader.refusals as error:
        return error.code if isinstance(error, RequestError) else type(error).__name__
    return ""


# --- signatures -------------------------------------------------------------------------------------------------------


def _lines_of(request: SignableRequest) -> bytes:
    signed = {**request.headers, **sign_request(request, key_id="home:1", created_s=NOW_S, sign=KEY.sign)}
    target = [request.method, request.authority, request.path, request.query]
    headers = [signed.get(name, "") for name in HEADERS]
    return "\n".join([*target, *headers]).encode("latin-1") + b"\n" + request.body


def _read_signature(data: bytes, _folder: Path) -> None:
    """A signature that is read has exactly the words that its sender would have written."""
    *lines, body = (data + b"\n" * 8).split(b"\n", 8)
    method, authority, path, query, *values = (line.decode("latin-1") for line in lines)
    body = body.removesuffix(b"\n" * 8)
    request = SignableRequest(method, authority, path, query, dict(zip(HEADERS, values, strict=True)), body)
    claimed = read_signature(request)
    check_fresh(claimed, now_s=claimed.created_s)
    again = sign_request(request, key_id=claimed.key_id, created_s=claimed.created_s, sign=lambda _: claimed.signature)
    assert again == {name: request.headers[name] for name in again}
    assert len(claimed.signature) == len(b64decode(again["signature"][6:-1])) == 64
    assert claimed.signed.count(b"\n") == (6 if method in {"POST", "PUT", "DELETE"} else 5)


# --- problems ---------------------------------------------------------------------------------------------------------


def _read_problem(data: bytes, _folder: Path) -> None:
    """A problem that is read can be raised, and written and read again."""
    problem = Problem.decode(data)
    assert isinstance(error_of(problem), TongbaoError)
    assert Problem.decode(problem.encode()) == problem


# --- configurations ---------------------------------------------------------------------------------------------------

REGISTRATION = b"""role = "registration"
listen = { host = "127.0.0.1", port = 7301 }
genesis = "../genesis.bin"
journal = "../journal"
index = "sqlite:///index.sqlite"
receipt_key = "receipt.key"
clock = "wall"
judge_workers = 2
heartbeat_s = 1.5
"""
INSTITUTION = """role = "institution"
home = 1
name = "农业 \\u0042ank"
listen = { port = 7303 }
database = "sqlite:///institution.sqlite"
endorser_key = "endorser.key"
vault_key = 'vault.key'
teller_key = "teller.key"
registration = "http://127.0.0.1:7301"
central_bank = "http://127.0.0.1:7302"
peers = [
  { home = 2, url = "http://127.0.0.1:7304" },
]
""".encode()


# Deeper, longer and larger than anybody writes; mutation alone does not get there.
EXTREME = tuple(
    REGISTRATION.replace(before, after)
    for before, after in (
        (b"../journal", b"\\u0000"),
        (b"127.0.0.1", b"\\u0000"),
        (b"workers = 2", b"workers = " + b"[" * 3_000),
        (b"workers = 2", b"workers" + b".a" * 3_000 + b" = 1"),
        (b"workers = 2", b"workers = " + b"9" * 5_000),
        (b"workers = 2", b"workers = 2026-02-30"),
        (b"1.5", b"1e400"),
        (b"1.5", b"inf"),
        (b"1.5", b"nan"),
        (b"1.5", b"1e-400"),
    )
)


def _read_configuration(data: bytes, folder: Path) -> None:
    """A configuration that is read names a role, a port that exists, and files by their whole path."""
    path = folder / "config.toml"
    path.write_bytes(data)
    loaded = load_configuration(path)
    assert loaded.role in {"registration", "central-bank", "institution"}
    assert 1 <= loaded.listen.port <= 65_535
    assert not isinstance(loaded, RegistrationConfiguration) or 0 < loaded.heartbeat_s < float("inf")
    files = [value for _, value in loaded if isinstance(value, Path)]
    assert files
    assert all(file.is_absolute() and "\0" not in str(file) for file in files)


# --- purchases --------------------------------------------------------------------------------------------------------

HEADER = b"buyer,shop,total,when\n"
ROWS = (
    b"alice,caf\xc3\xa9,12.50,2020-01-01 08:00:00\nbob,shop,-3,2020-01-02T00:00:00+08:00\n",
    b'"a ""b""",shop,0,1577836800\r\nbob,"x\ny",1e3,1577836800123\r\n',
    b"alice,shop,92233720368547758.07,20200101\nbob,shop,NaN,9999-12-31T23:59:59-23:59\nbob,shop,1E+999999,0001-01-01\n",
    b"bob,shop,5\nbob,shop,5,2020-01-01,more\n,shop,5,2020-01-01\n\n\xff\xfe,shop,5,2020-01-01\n\0,shop,5,2020-01-01\n",
)


def _read_purchases(data: bytes, folder: Path) -> None:
    """Rows that are read ascend by time, can be replayed and written down, and each line is a row or malformed."""
    path = folder / "purchases.csv"
    path.write_bytes(data)
    for zone in (UTC, SHANGHAI):
        purchases = read_purchases(path, named={}, scale=3, zone=zone)
        rows = purchases.rows
        assert all(before.time_ms <= after.time_ms for before, after in pairwise(rows))
        assert all(abs(row.amount_fen) <= VALUE_MAX and row.time_ms >= 0 for row in rows)
        lines = [row.line for row in rows] + [malformed.line for malformed in purchases.malformed]
        assert len(set(lines)) == len(lines)
        assert sum(len(each.payments) + len(each.refunds) + len(each.skipped) for each in rounds(rows, zone)) == len(
            rows
        )
        json.dumps([[row.payer, row.payee] for row in rows], ensure_ascii=False).encode()
        "".join(each.reason for each in purchases.malformed).encode()


def _read_rows(data: bytes, folder: Path) -> None:
    """Behind a good header no row stops the reading."""
    _read_purchases(HEADER + data, folder)


_REFUSED = RefusedError("more than a day's worth", code="LIMIT_DAY", field="value_fen", cure="pay less")

READERS = {
    "signature": Reader(
        _read_signature,
        (RequestError,),
        (_lines_of(REQUEST), _lines_of(SignableRequest("GET", "[::1]:80", "/", "", {}, b""))),
    ),
    "problem": Reader(
        _read_problem,
        (PeerError,),
        (problem_of(_REFUSED).encode(), problem_of(TimeoutError()).encode(), b"{}", b'{"x":' + b"[" * 3_000),
    ),
    "configuration": Reader(_read_configuration, (ConfigurationError,), (REGISTRATION, INSTITUTION, *EXTREME)),
    "purchases": Reader(_read_purchases, (RequestError, ConfigurationError), tuple(HEADER + rows for rows in ROWS)),
    "rows": Reader(_read_rows, (), ROWS),
}
"""Every one."""
