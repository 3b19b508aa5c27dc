"""Which checkpoints to believe: signed by a known log and cosigned by a quorum, in C2SP's tlog-policy format.

```
log tongbao/5f0c+...
witness supervisor supervisor.example/witness+...  https://supervisor.example/witness
witness north north.example/witness+...
witness south south.example/witness+...
group institutions any north south
group both all supervisor institutions
quorum both
```
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tongbao.errors import DecodingError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.signed_text import SignedText, SignedTextInvalidError
from tongbao.evidence.signing import Verified, VerifierKey, verify

__all__ = ["Group", "Policy", "PolicyLog", "PolicyWitness", "Standing"]

NONE = "none"  # the quorum that asks for nobody
NAMES_MAX = 256  # of each sort; C2SP asks for 32 at least, and each is looked up once for a checkpoint
POLICY_BYTES_MAX = 1_000_000  # 512 post-quantum keys in base64 are less

_WORDS = re.compile(r"[^ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_THRESHOLD = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


class QuorumMissingError(SignedTextInvalidError):
    """Too few witnesses have cosigned the checkpoint."""

    code = "QUORUM_MISSING"


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that is believed.

    Attributes:
        key: named by the log's origin.
        url: where it is read, or "".
    """

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness whose cosignature counts.

    Attributes:
        name: within the policy.
        key: of a kind that cosigns.
        url: where checkpoints are handed in, without the `/add-checkpoint`, or "".
    """

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which some must have cosigned.

    Attributes:
        name: within the policy.
        threshold: how many, 1 to all.
        members: names, each a member of this group alone.
    """

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a policy finds about one checkpoint that a known log has signed.

    Attributes:
        checkpoint: what was signed.
        logs: the log's signatures.
        cosigned: by name of the witness, when it cosigned, in seconds since 1970.
        is_quorum: whether they suffice.
    """

    checkpoint: Checkpoint
    logs: tuple[Verified, ...]
    cosigned: Mapping[str, int]
    is_quorum: bool

    def demand(self) -> None:
        """Return if they suffice, else raise `QuorumMissingError`."""
        if not self.is_quorum:
            names = ", ".join(self.cosigned) or "nobody"
            raise QuorumMissingError(f"cosigned by {names}, which is no quorum", field="signatures")


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups, and the name that must have cosigned.

    Attributes:
        logs: any of them may have signed.
        witnesses: by name.
        groups: by name, each after its members.
        quorum: a witness, a group, or `none`.
    """

    logs: tuple[PolicyLog, ...]
    witnesses: Mapping[str, PolicyWitness]
    groups: Mapping[str, Group]
    quorum: str

    def judge(self, signed: SignedText) -> Standing:
        """What stands under a checkpoint, all of it verified.

        Raises:
            SignedTextInvalidError: no log of this policy signed it, or a signature by a known key does not hold.
            DecodingError: it is no checkpoint.
        """
        checkpoint = Checkpoint.decode(signed.text)
        logs = verify(signed, [each.key for each in self.logs if each.key.name == checkpoint.origin])
        named = {each.key: name for name, each in self.witnesses.items()}
        known = [key for key in named if any(key.is_of(line) for line in signed.signatures)]
        cosigned = {named[each.key]: each.time_s or 0 for each in verify(signed, known)} if known else {}
        return Standing(checkpoint, logs, cosigned, self.is_quorum(cosigned))

    def is_quorum(self, cosigned: Mapping[str, int] | Sequence[str]) -> bool:
        """Whether the witnesses of these names suffice."""
        met = set(cosigned) & set(self.witnesses)
        for group in self.groups.values():
            if len(met & set(group.members)) >= group.threshold:
                met.add(group.name)
        return self.quorum == NONE or self.quorum in met

    def encode(self) -> str:
        """The policy's file."""
        lines = [_line("log", each.key.encode(), each.url) for each in self.logs]
        lines += [_line("witness", each.name, each.key.encode(), each.url) for each in self.witnesses.values()]
        lines += [_line("group", each.name, str(each.threshold), *each.members) for each in self.groups.values()]
        return "".join((*lines, _line("quorum", self.quorum)))

    @staticmethod
    def decode(data: bytes) -> "Policy":
        """The policy whose file holds `data`.

        Raises:
            DecodingError: it is none; the message names the line.
        """
        if len(data) > POLICY_BYTES_MAX:
            raise DecodingError(f"a policy has at most {POLICY_BYTES_MAX} bytes")
        text = data.decode(errors="surrogateescape")
        if text and not text.endswith("\n"):
            raise DecodingError("each line of a policy ends with the end of a line")
        reading = _Reading()
        for number, line in enumerate(text.split("\n")[:-1], 1):
            try:
                reading.take(line)
            except DecodingError as error:
                raise DecodingError(f"line {number}: {error}", field=error.field) from None
        return reading.finish()


def _line(*words: str) -> str:
    return " ".join(filter(None, words)) + "\n"


@dataclass(slots=True)
class _Reading:
    """What the lines so far have defined."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: dict[str, PolicyWitness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""
    members: set[str] = field(default_factory=set)

    def take(self, line: str) -> None:
        """Read one line, without its end."""
        if _CONTROL.search(line):
            raise DecodingError("a policy has no control characters but tabs and ends of lines")
        match _WORDS.findall(line):
            case []:
                return
            case [first, *_] if first.startswith("#"):
                return
            case ["log", key, *url] if len(url) <= 1:
                self._add_log(PolicyLog(VerifierKey.decode(key), *url))
            case ["witness", name, key, *url] if len(url) <= 1:
                self._add_witness(PolicyWitness(name, VerifierKey.decode(key), *url))
            case ["group", name, threshold, *members] if members:
                self._add_group(name, threshold, members)
            case ["quorum", name]:
                self._set_quorum(name)
            case _:
                raise DecodingError("a line defines a log, a witness, a group or the quorum")

    def _add_log(self, log: PolicyLog) -> None:
        _demand_another(log.key, [each.key for each in self.logs])
        self.logs.append(log)

    def _add_witness(self, witness: PolicyWitness) -> None:
        self._demand_free(witness.name)
        if not witness.key.kind.is_cosignature:
            raise DecodingError("the key of a witness is of a kind that cosigns", field="key")
        _demand_another(witness.key, [each.key for each in self.witnesses.values()])
        self.witnesses[witness.name] = witness

    def _add_group(self, name: str, threshold: str, members: Sequence[str]) -> None:
        self._demand_free(name)
        for member in members:
            self._demand_defined(member)
            if member in self.members:
                raise DecodingError(f"{member} is a member already", field="group")
            self.members.add(member)
        least = {"all": len(members), "any": 1}.get(threshold) or _read_threshold(threshold)
        if least > len(members):
            raise DecodingError(f"{least} of {len(members)} members cannot be", field="group")
        self.groups[name] = Group(name, least, tuple(members))

    def _set_quorum(self, name: str) -> None:
        if self.quorum:
            raise DecodingError("a policy has one quorum", field="quorum")
        if name != NONE:
            self._demand_defined(name)
        self.quorum = name

    def _demand_free(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise DecodingError(f"the name {name} is taken", field="name")
        if max(len(self.witnesses), len(self.groups)) >= NAMES_MAX:
            raise DecodingError(f"a policy has at most {NAMES_MAX} witnesses and as many groups", field="name")

    def _demand_defined(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise DecodingError(f"{name} is not defined on a line before", field="name")

    def finish(self) -> Policy:
        """The policy, if it is whole."""
        if not self.quorum:
            raise DecodingError("a policy has a quorum, which may be none", field="quorum")
        return Policy(tuple(self.logs), self.witnesses, self.groups, self.quorum)


def _read_threshold(text: str) -> int:
    if not _THRESHOLD.fullmatch(text):
        raise DecodingError("a group asks for all, any, or a number of its members", field="group")
    return int(text)


def _demand_another(key: VerifierKey, others: Sequence[VerifierKey]) -> None:
    if any(each.key == key.key for each in others):
        raise DecodingError("the key stands in the policy already", field="key")
    if len(others) >= NAMES_MAX:
        raise DecodingError(f"a policy has at most {NAMES_MAX} of each sort", field="key")
