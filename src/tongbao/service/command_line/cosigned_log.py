"""`tongbao log status` and `check-fork`: who cosigned the log, and whether it ever said two things."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.network import HttpNetwork
from tongbao.errors import ConfigurationError, RequestError
from tongbao.evidence import Checkpoint, Policy, SignatureKind, SignedText, SigningKey, VerifierKey
from tongbao.evidence.fork import FORK_BYTES_MAX, Fork
from tongbao.evidence.policy import Standing
from tongbao.evidence.signed_text import base64_text
from tongbao.evidence.signing import SECRET_SEED_BYTES
from tongbao.service.command_line.options import DEFAULT_DATA
from tongbao.service.command_line.output import JsonOption, answer, count_text, run
from tongbao.service.key_file import write_key
from tongbao.service.log_keys import read_vkeys
from tongbao.service.witness.opening import read_policy

__all__ = ["check_fork", "make_witness_key", "show_status"]

CHECK_FAILED = 3
ASK_S_MAX = 10.0
OK, NOT_FOUND = 200, 404
CHECKPOINT, COSIGNED = "checkpoint", "checkpoint.cosigned"

_Vkeys = Annotated[
    Path, typer.Option("--vkey", help="The log's public keys, a line each, as DATA/log.vkey.", dir_okay=False)
]
_Policy = Annotated[
    Path | None, typer.Option("--policy", help="Whom to believe (C2SP's tlog-policy); else DATA/log.policy.")
]
_Place = Annotated[
    str | None,
    typer.Option("--log", metavar="DIR|URL", help="Where the log is, as http://127.0.0.1:7301/log; else that of DATA."),
]


def show_status(
    data: Annotated[Path, typer.Option("--data", help="The data directory.", envvar="TONGBAO_DATA")] = DEFAULT_DATA,
    place: _Place = None,
    policy: _Policy = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show how long the log is, who cosigned it and when, and whether that is a quorum; 3 where a signature is false.

    Example: `tongbao log status --log http://127.0.0.1:7301/log --policy data/log.policy`
    """
    believed = run(lambda: _policy_in(policy or data / "log.policy"), as_json=as_json)
    where = place or str(data / "registration" / "log")
    own, cosigned = run(lambda: _both(where), as_json=as_json)
    try:
        content = _told(believed, own, cosigned)
    except RequestError as error:
        answer({"ok": False, "error": str(error)}, as_json=as_json, text=f"NOT VALID: {error}")
        raise typer.Exit(CHECK_FAILED) from None
    answer(content, as_json=as_json, text=_text(content))


async def _policy_in(path: Path) -> Policy:
    return read_policy(path)


async def _both(where: str) -> tuple[bytes, bytes | None]:
    own = await _read(where, CHECKPOINT)
    if own is None:
        raise ConfigurationError(f"{where} holds no checkpoint: name the directory or the URL of a log")
    return own, await _read(where, COSIGNED)


async def _read(where: str, name: str) -> bytes | None:
    """A file of a log's directory, or of its URL; None where there is none."""
    if "://" not in where:
        try:
            return (Path(where) / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(f"cannot read {where}/{name}: {error.strerror}") from None
    network = HttpNetwork()
    try:
        found = await network.request("GET", f"{where.rstrip('/')}/{name}", headers={}, body=b"", timeout_s=ASK_S_MAX)
    finally:
        await network.close()
    if found.status not in {OK, NOT_FOUND}:
        raise ConfigurationError(f"{where}/{name} answers {found.status}")
    return found.body if found.status == OK else None


def _told(policy: Policy, own: bytes, cosigned: bytes | None) -> dict[str, Any]:
    now_s = int(time.time())
    standing = policy.judge(SignedText.decode(own))
    content = _of(standing.checkpoint) | {"quorum": policy.quorum, "ok": True, "cosigned": None}
    if cosigned is not None:
        content["cosigned"] = _cosigned(policy.judge(SignedText.decode(cosigned)), now_s)
    cosigners = content["cosigned"]["witnesses"] if content["cosigned"] else []
    content["missing"] = [name for name in policy.witnesses if name not in {each["name"] for each in cosigners}]
    return content


def _of(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root": base64_text(checkpoint.root)}


def _cosigned(standing: Standing, now_s: int) -> dict[str, Any]:
    witnesses = [{"name": name, "time_s": at, "age_s": now_s - at} for name, at in standing.cosigned.items()]
    return _of(standing.checkpoint) | {"is_quorum": standing.is_quorum, "witnesses": witnesses}


def _text(content: dict[str, Any]) -> str:
    lines = [
        content["origin"],
        f"{count_text(content['size'], 'entry').replace('entrys', 'entries')}, signed by the log",
    ]
    cosigned = content["cosigned"]
    if cosigned is None:
        return "\n".join([*lines, "no checkpoint is cosigned by a quorum"])
    word = "a quorum" if cosigned["is_quorum"] else "NO quorum"
    lines.append(f"{cosigned['size']:,} of them cosigned by {word}:")
    lines += [f"  {each['name']:<24} {each['age_s']:>6,} s ago" for each in cosigned["witnesses"]]
    lines += [f"  {name:<24} missing" for name in content["missing"]]
    return "\n".join(lines)


def check_fork(
    file: Annotated[Path, typer.Argument(help="The file that a witness kept, as fork-4711-1a2b3c4d.json.")],
    vkey: _Vkeys,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check, with the log's public keys alone, that one of them signed two histories; 3 where the file proves nothing.

    Example: `tongbao log check-fork fork-4711-1a2b3c4d.json --vkey data/log.vkey`
    """

    async def work() -> tuple[Fork, list[VerifierKey]]:
        return Fork.decode(_content(file)[: FORK_BYTES_MAX + 1]), read_vkeys(vkey)

    fork, keys = run(work, as_json=as_json)
    try:
        first, second = fork.demand(keys)
    except RequestError as error:
        answer({"forked": False, "reason": str(error)}, as_json=as_json, text=f"this proves nothing: {error}")
        raise typer.Exit(CHECK_FAILED) from None
    told = {"forked": True, "first": _of(first), "second": _of(second)}
    what = "two roots for one size" if first.size == second.size else "a history that does not contain an earlier one"
    text = f"the log {first.origin} signed {what}: {first.size:,} and {second.size:,} entries do not fit together"
    answer(told, as_json=as_json, text=text)


def make_witness_key(
    file: Annotated[Path, typer.Argument(help="The key file to make; one that is there is never replaced.")],
    name: Annotated[str, typer.Option("--name", help="The key's name, as witness.example/w1.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a witness's key, and show the verifier key by which others know its cosignatures.

    Example: `tongbao log witness-key witness.key --name witness.example/w1`
    """

    async def work() -> str:
        seed = SystemEntropy().bytes(SECRET_SEED_BYTES)
        verifier_key = SigningKey(name, SignatureKind.COSIGNATURE_ED25519, seed).verifier_key.encode()
        write_key(file, seed)
        return verifier_key

    made = run(work, as_json=as_json)
    answer({"file": str(file), "verifier_key": made}, as_json=as_json, text=made)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None
