"""Witnesses that are made with a network: each institution's own, and a supervisor's that replays the journal.

`log.policy` names them with the log, in C2SP's tlog-policy: whom the log asks, and whom others believe. The supervisor
and half of the institutions must have cosigned: no kind of witness suffices alone.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tongbao.evidence import Policy, SignatureKind, SigningKey, VerifierKey
from tongbao.evidence.policy import Group, PolicyLog, PolicyWitness
from tongbao.service.key_file import write_key
from tongbao.service.whole_file import write_whole
from tongbao.service.witness.app import WITNESS_PATH

__all__ = ["LOG_POLICY", "WITNESS_KEY", "WITNESS_ROLE", "institution_lines", "write_witnesses"]

LOG_POLICY: Final = "log.policy"
WITNESS_ROLE: Final = "witness"
WITNESS_KEY: Final = "witness.key"
SUPERVISOR: Final = "supervisor"

_PUBLIC_MODE: Final = 0o644


def _key_name(origin: str, role: str) -> str:
    return f"{origin}/{SUPERVISOR if role == WITNESS_ROLE else role}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)


def institution_lines(origin: str, role: str) -> list[str]:
    """What makes an institution a witness, too."""
    name = _quoted(_key_name(origin, role))
    return [f'witness = {{ name = {name}, key = "{WITNESS_KEY}", directory = "witness", logs = "../{LOG_POLICY}" }}']


def write_witnesses(
    root: Path, log: VerifierKey, centre_url: str, *, urls: Mapping[str, str], secret: Callable[[str], bytes]
) -> None:
    """Make keys of the witnesses, given as URLs by role, the policy, and the supervisor's configuration.

    Raises:
        ConfigurationError: a file is there already, or cannot be written.
    """
    named = {}
    for role, url in urls.items():
        key = write_key(root / role / WITNESS_KEY, secret(f"{role}/witness"))
        signing = SigningKey(_key_name(log.name, role), SignatureKind.COSIGNATURE_ED25519, key.secret_seed)
        name = SUPERVISOR if role == WITNESS_ROLE else role
        named[name] = PolicyWitness(name, signing.verifier_key, f"{url}{WITNESS_PATH}")
    groups, quorum = _groups([name for name in named if name != SUPERVISOR])
    policy = Policy((PolicyLog(log, f"{centre_url}/log"),), named, groups, quorum)
    write_whole(root / LOG_POLICY, policy.encode().encode(), mode=_PUBLIC_MODE)
    lines = _witness_lines(log.name, urls[WITNESS_ROLE])
    (root / WITNESS_ROLE / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _witness_lines(origin: str, url: str) -> list[str]:
    """The configuration of the supervisor's witness, beside the journal."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    return [
        f'role = "{WITNESS_ROLE}"',
        f'listen = {{ host = "{host}", port = {port} }}',
        f"name = {_quoted(_key_name(origin, WITNESS_ROLE))}",
        f'key = "{WITNESS_KEY}"',
        'directory = "kept"',
        f'logs = "../{LOG_POLICY}"',
        'journal = "../journal"',
        'genesis = "../genesis.bin"',
        'statements = "../registration/log"',
    ]


def _groups(institutions: Sequence[str]) -> tuple[dict[str, Group], str]:
    if not institutions:
        return {}, SUPERVISOR
    half = Group("institutions", (len(institutions) + 1) // 2, tuple(institutions))
    both = Group("supervisor-and-institutions", 2, (SUPERVISOR, half.name))
    return {half.name: half, both.name: both}, both.name
