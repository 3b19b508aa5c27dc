"""What must never leave a device, in every spelling in which it might."""

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator

from mnemonic import Mnemonic

from tongbao.coin import Domain
from tongbao.wallets.derivation import INDEX_MAX, Node, child_of, descendant_of, master_node
from tongbao.wallets.keys import PURPOSE
from tongbao.wallets.phrase import PhraseLanguage, seed_of

_WORDS_IN_A_ROW = 3
"""So many words of a phrase one after the other are no coincidence."""

_BETWEEN_WORDS = rb"[^a-z]{1,12}"  # a blank, a comma between quotation marks, a number and a line break
_BETWEEN_HANZI = rb".{0,12}"
_BRANCHES = 4  # the main key, locks, watchers, pockets
_INDICES = 32  # of each branch: more than a wallet of the trials uses


def secrets_of(phrase: str, domain: Domain) -> dict[str, bytes]:
    """The secrets that a phrase leads to, by name; the salts, which spending shows, are none."""
    network = int.from_bytes(domain.network_id[:4]) & INDEX_MAX
    master = master_node(seed_of(phrase))
    wallet = descendant_of(master, (PURPOSE, network, 0))
    nodes = {"the root": master, "the wallet": wallet}
    for branch in range(_BRANCHES):
        nodes[f"branch {branch}"] = child_of(wallet, branch)
        nodes |= {f"key {branch}/{index}": child_of(child_of(wallet, branch), index) for index in range(_INDICES)}
    found = {"the seed": seed_of(phrase), "the entropy": _entropy_of(phrase)}
    for name, node in nodes.items():
        found |= {f"{name}'s {part}": secret for part, secret in _parts_of(node)}
    return found


def _parts_of(node: Node) -> Iterator[tuple[str, bytes]]:
    yield "secret", node.secret_seed
    yield "chain code", node.chain_code


def _entropy_of(phrase: str) -> bytes:
    language = PhraseLanguage.ENGLISH if phrase.isascii() else PhraseLanguage.CHINESE
    return bytes(Mnemonic(language).to_entropy(phrase))


def found_in(sent: Iterable[bytes], phrase: str, secrets: dict[str, bytes]) -> list[str]:
    """Which of them stand in what was sent or stored, by name and spelling; nothing, if all is well."""
    words = [re.compile(pattern, re.DOTALL) for pattern in _rows_of(phrase)]
    exact = [(f"{name} as {how}", text) for name, secret in secrets.items() for how, text in _exact_spellings(secret)]
    loose = [(f"{name} as {how}", text) for name, secret in secrets.items() for how, text in _loose_spellings(secret)]
    found = []
    for kept in sent:
        plain = urllib.parse.unquote_to_bytes(kept)
        squeezed = re.sub(rb"[\s:]+", b"", plain.lower())
        found += ["words of the phrase"] * any(pattern.search(plain.lower()) for pattern in words)
        found += [name for name, text in exact if text in plain]
        found += [name for name, text in loose if text in squeezed]
    return sorted(set(found))


def _rows_of(phrase: str) -> Iterator[bytes]:
    """A pattern for each few words of the phrase that follow each other, in lower case."""
    words = phrase.split()
    between = _BETWEEN_WORDS if phrase.isascii() else _BETWEEN_HANZI
    for first in range(len(words) - _WORDS_IN_A_ROW + 1):
        row = words[first : first + _WORDS_IN_A_ROW]
        for written in (str.encode, _escaped):
            yield between.join(re.escape(written(word).lower()) for word in row)


def _escaped(word: str) -> bytes:
    return json.dumps(word)[1:-1].encode()


def _loose_spellings(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Texts in which case, blanks and colons say nothing."""
    yield "hex", secret.hex().encode()
    yield "a list of numbers", ",".join(map(str, secret)).encode()


def _exact_spellings(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes themselves, and base64 as it looks wherever in a longer text of bytes it begins."""
    yield "bytes", secret
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret)
        within = text[-(-before * 4 // 3) : (before + len(secret)) * 4 // 3]  # what no neighbour has a part in
        yield f"base64 at {before}", within
        yield f"base64url at {before}", within.replace(b"+", b"-").replace(b"/", b"_")
