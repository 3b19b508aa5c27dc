"""Writes tests/vectors/coin/*.json; with --check it writes nothing and fails where a file is not what it would write.

    python -m tests.vectors.generate_coin [--check | --example]

Everything comes from numbered keys and fixed numbers, so every run makes the same files. --example prints the worked
example of docs/reference/wire-format.md.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.builders import CENTRE, DOMAIN, genesis, public_key
from tests.vectors import coin_addresses, coin_refused, coin_valid
from tests.vectors.coin_fields import fields_of
from tests.vectors.coin_refused import Refused
from tests.vectors.files import write_or_check
from tests.wire_layouts import Record, pieces
from tongbao.coin import (
    Acceptance,
    Batch,
    Domain,
    Genesis,
    HashKind,
    Input,
    Lock,
    Outcome,
    Receipt,
    Submission,
    Transaction,
    approve_digest,
    receipt_leaf,
    spend_digest,
)
from tongbao.coin.merkle import inclusion_path, leaf_hash, root_of, tree_levels

FOLDER = Path(__file__).resolve().parent / "coin"
DOMAINS = {"sample": DOMAIN, "sample-sm3": genesis(hash_kind=HashKind.SM3).domain()}
LINE_BYTES = 32  # of the worked example: one hash a line
Hashes = dict[str, bytes]

# What each hash is made of stands in docs/reference/wire-format.md.


def _coin(opened: Input, domain: Domain) -> Hashes:
    return {"coin_id": opened.coin_id(domain)}


def _lock(lock: Lock, domain: Domain) -> Hashes:
    return {"lock_id": lock.id(domain)}


def _acceptance(acceptance: Acceptance, domain: Domain) -> Hashes:
    return {"signing_digest": acceptance.signing_digest(domain)}


def _transaction(transaction: Transaction, domain: Domain) -> Hashes:
    identity = transaction.id(domain)
    digests = {"spend_digest": spend_digest(identity, domain), "approve_digest": approve_digest(identity, domain)}
    return {"transaction_id": identity, **digests}


def _submission(submission: Submission, domain: Domain) -> Hashes:
    return {"signing_digest": submission.signing_digest(domain)}


def _batch(batch: Batch, domain: Domain) -> Hashes:
    return {
        "body_hash": Batch.body_hash(batch.submissions, domain),
        "chain_head": batch.header.chain_head(domain),
    }


def _receipt(receipt: Receipt, domain: Domain) -> Hashes:
    sequence = receipt.signed_head.head.sequence
    return {"leaf": receipt_leaf(receipt.transaction_id, receipt.status, sequence, domain)}


def _outcome(outcome: Outcome, domain: Domain) -> Hashes:
    return {"signing_digest": outcome.signing_digest(domain)}


def _file(layout: str, valid: Iterable[Record], refused: Iterable[Refused], **more: object) -> Record:
    networks = {
        name: {"hash": int(domain.hash_kind), "network_id": domain.network_id.hex()} for name, domain in DOMAINS.items()
    }
    return {"layout": layout, "networks": networks, "valid": list(valid), "refused": _refused(refused), **more}


def _valid(things: Mapping[str, Any], hashes: Callable[[Any, Domain], Hashes]) -> Iterable[Record]:
    for name, thing in things.items():
        computed = {
            network: {which: content.hex() for which, content in hashes(thing, domain).items()}
            for network, domain in DOMAINS.items()
        }
        yield {"name": name, "fields": fields_of(thing), "bytes": thing.encode().hex(), "hashes": computed}


def _refused(cases: Iterable[Refused]) -> list[Record]:
    return [{"reason": each.reason, "bytes": each.data.hex(), "code": each.code} for each in cases]


def _verdicts() -> Iterable[Record]:
    for name, (verdicts, ids) in coin_valid.verdict_cases().items():
        about = {"name": name, "transaction_ids": [each.hex() for each in ids]}
        yield {**about, "fields": fields_of(verdicts), "bytes": verdicts.encode().hex()}


def _genesis(things: Mapping[str, Genesis]) -> Iterable[Record]:
    for name, thing in things.items():
        encoded, identity = thing.encode().hex(), thing.domain().network_id.hex()
        yield {"name": name, "fields": fields_of(thing), "bytes": encoded, "network_id": identity}


def _addresses() -> Record:
    valid = []
    for name, address in coin_valid.addresses().items():
        fields = {"version": 1, "home": address.home, "wallet_id": address.wallet_id.hex()}
        content = b"\x01" + address.home.to_bytes(4, "big") + address.wallet_id
        case = {"name": name, "text": str(address), "test_network": address.test_network}
        valid.append({**case, "fields": fields, "bytes": content.hex()})
    refused = [{"reason": reason, "text": text, "code": "ADDRESS_INVALID"} for reason, text in coin_addresses.refused()]
    return {"layout": "address", "valid": valid, "refused": refused}


def _merkle() -> Record:
    """Trees of 0 to 9 leaves and of 16 and 17, in both hashes, with the path of every leaf."""
    trees = []
    for domain in DOMAINS.values():
        for count in (*range(10), 16, 17):
            leaves = [leaf_hash(b"leaf %d" % number, domain) for number in range(count)]
            levels = tree_levels(leaves, domain)
            trees.append(
                {
                    "hash": int(domain.hash_kind),
                    "data": [(b"leaf %d" % number).hex() for number in range(count)],
                    "leaves": [leaf.hex() for leaf in leaves],
                    "root": root_of(leaves, domain).hex(),
                    "paths": [[each.hex() for each in inclusion_path(levels, place)] for place in range(count)],
                }
            )
    return {"trees": trees}


def files() -> dict[str, str]:
    """The text of every file by its name."""
    valid, refused = coin_valid, coin_refused
    keys = {"receipt_keys": [fields_of(public_key(CENTRE))]}
    contents = {
        "coin": _file("input", _valid(valid.inputs(), _coin), refused.inputs()),
        "lock": _file("lock", _valid(valid.locks(), _lock), refused.locks()),
        "acceptance": _file("acceptance", _valid(valid.acceptances(), _acceptance), refused.acceptances()),
        "transaction": _file("transaction", _valid(valid.transactions(), _transaction), refused.transactions()),
        "submission": _file("submission", _valid(valid.submissions(), _submission), refused.submissions()),
        "batch": _file("batch", _valid(valid.batches(), _batch), refused.batches()),
        "receipt": _file(
            "receipt",
            _valid(valid.receipt_cases(), _receipt),
            refused.receipts(),
            disproved=_refused(refused.receipts_disproved()),
            **keys,
        ),
        "verdicts": _file(
            "verdicts",
            _verdicts(),
            refused.verdicts(),
            disproved=_refused(refused.verdicts_disproved()),
            disproved_ids=[each.hex() for each in valid.verdict_cases()["two repeated ones between new ones"][1]],
            **keys,
        ),
        "outcome": _file(
            "outcome",
            _valid(valid.outcomes(), _outcome),
            refused.outcomes(),
            disproved=_refused(refused.outcomes_disproved()),
            **keys,
        ),
        "genesis": _file("genesis", _genesis(valid.geneses()), refused.geneses()),
        "address": _addresses(),
        "merkle": _merkle(),
    }
    return {
        f"{name}.json": json.dumps(content, indent=1, ensure_ascii=True) + "\n" for name, content in contents.items()
    }


def example() -> str:
    """The worked example: its bytes field by field, then what is computed of them."""
    transaction = coin_valid.worked_example()
    lines = []
    for name, piece in pieces("transaction", fields_of(transaction)):
        rows = [piece[place : place + LINE_BYTES].hex() for place in range(0, len(piece), LINE_BYTES)]
        names = [name] + [""] * (len(rows) - 1)
        lines += [f"{row:<{2 * LINE_BYTES}}  {label}".rstrip() for row, label in zip(rows, names, strict=True)]
    hashes = {"network_id": DOMAIN.network_id, **_transaction(transaction, DOMAIN)}
    hashes["coin_id of the input"] = transaction.body.inputs[0].coin_id(DOMAIN)
    for index, output in enumerate(transaction.body.outputs):
        hashes[f"coin_id of output {index}"] = output.id(DOMAIN, origin=transaction.id(DOMAIN), index=index)
    return "\n".join([*lines, "", *(f"{content.hex()}  {name}" for name, content in hashes.items())]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; 1 where one differs."""
    if arguments == ["--example"]:
        sys.stdout.write(example())
        return 0
    return write_or_check(arguments, FOLDER, files, program="tests.vectors.generate_coin", usage=__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
