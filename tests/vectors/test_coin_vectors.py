"""The vectors of the coin layer, held against the code, and against the page and plain hashing without the code."""

import hashlib
from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from tests.decoders import DECODERS, VECTORS, vectors
from tests.vectors import generate_coin
from tests.vectors.coin_fields import fields_of
from tests.wire_layouts import Record, encode
from tongbao.coin import Address, Domain, HashKind, Outcome, PublicKey, Receipt
from tongbao.coin.address import WALLET_ID_BYTES
from tongbao.coin.control import OPERATIONS
from tongbao.coin.suites import verify_signature
from tongbao.coin.verdicts import Verdicts
from tongbao.errors import DecodingError, RequestError

HASHED = ("coin", "lock", "acceptance", "transaction", "submission", "batch", "receipt", "outcome")
BINARY = (*HASHED, "verdicts", "genesis")
HASHES = {1: "sha256", 2: "sm3"}


def cases(*names: str, part: str) -> list[ParameterSet]:
    """One parameter for each case of a part of the files."""
    return [
        pytest.param(content["layout"], case, id=f"{name}: {case.get('name') or case['reason']}")
        for name, content in ((name, vectors(name)) for name in names)
        for case in content[part]
    ]


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_files_are_what_the_generator_makes(capsys: pytest.CaptureFixture[str]) -> None:
    status = generate_coin.main(["--check"])

    assert (status, capsys.readouterr().err) == (0, "")


def test_the_generator_names_a_file_that_differs(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate_coin, "FOLDER", tmp_path)
    before = generate_coin.main(["--check"])
    missing = capsys.readouterr().err

    written = generate_coin.main([])
    after = generate_coin.main(["--check"])

    assert (before, written, after) == (1, 0, 0)
    assert "transaction.json" in missing
    assert generate_coin.main(["--chekc"]) == 2


def test_every_kind_and_every_operation_has_a_vector() -> None:
    bodies = [case["fields"]["body"] for case in vectors("transaction")["valid"]]

    assert {body["kind"] for body in bodies} == {1, 2, 3, 4}
    assert {body["operation"] for body in bodies if body["kind"] == 4} == set(OPERATIONS)
    assert {case["fields"]["kind"] for case in vectors("lock")["valid"]} == {1, 2}
    assert {case["fields"]["header"]["kind"] for case in vectors("batch")["valid"]} == {1, 2}


def test_no_number_in_a_file_is_too_large_for_a_reader_of_json() -> None:
    def numbers(value: object) -> Iterator[int]:
        match value:
            case int():
                yield value
            case dict():
                yield from (number for item in value.values() for number in numbers(item))
            case list():
                yield from (number for item in value for number in numbers(item))
            case _:
                pass

    found = [number for path in VECTORS.glob("*.json") for number in numbers(vectors(path.stem))]

    assert max(found) == 2**32 - 1


# --- what is valid ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layout", "case"), cases(*BINARY, "address", part="valid"))
def test_the_page_alone_encodes_it(layout: str, case: Record) -> None:
    encoded = encode(layout, case["fields"])

    assert encoded.hex() == case["bytes"]


@pytest.mark.parametrize(("layout", "case"), cases(*BINARY, part="valid"))
def test_the_code_decodes_it_and_encodes_it_again(layout: str, case: Record) -> None:
    decoder = DECODERS[layout]
    data = bytes.fromhex(case["bytes"])

    value = decoder.decode(data)

    assert fields_of(value) == case["fields"]
    assert decoder.encode(value) == data


def signed_part(case: Record) -> bytes:
    """The bytes before the signature, which is the last field of whatever ends in one."""
    return bytes.fromhex(case["bytes"])[: -2 - len(case["fields"]["signature"]) // 2]


def hashes_by_the_page(layout: str, case: Record, network: Record) -> dict[str, bytes]:
    """What the page's table of tags says of the case, with nothing but hashlib."""

    def tagged(tag: str, data: bytes) -> bytes:
        prefix = tag.encode()
        return hashlib.new(HASHES[network["hash"]], bytes((len(prefix),)) + prefix + data).digest()

    data, fields = bytes.fromhex(case["bytes"]), case["fields"]
    network_id = bytes.fromhex(network["network_id"])
    match layout:
        case "input":
            return {"coin_id": tagged("tongbao/coin/1", data)}
        case "lock":
            return {"lock_id": tagged("tongbao/lock/1", data)}
        case "acceptance":
            return {"signing_digest": tagged("tongbao/acceptance/1", network_id + signed_part(case))}
        case "transaction":
            identity = tagged("tongbao/transaction/1", network_id + encode("body", fields["body"]))
            digests = {name: tagged(f"tongbao/{name}/1", identity) for name in ("spend", "approve")}
            return {"transaction_id": identity} | {f"{name}_digest": each for name, each in digests.items()}
        case "batch":
            listed = data[2 + 158 :]
            chain_head = tagged("tongbao/batch/1", encode("batch header", fields["header"]))
            return {"body_hash": tagged("tongbao/batch-body/1", listed), "chain_head": chain_head}
        case "receipt":
            place = data[1:35] + int(fields["head"]["sequence"]).to_bytes(8, "big")
            leaf = b"\x00" + tagged("tongbao/receipt-leaf/1", place)
            return {"leaf": hashlib.new(HASHES[network["hash"]], leaf).digest()}
        case _:
            return {"signing_digest": tagged(f"tongbao/{layout}/1", signed_part(case))}


@pytest.mark.parametrize(("layout", "case"), cases(*HASHED, part="valid"))
def test_its_hashes_are_those_that_the_page_describes(layout: str, case: Record) -> None:
    networks = vectors("coin" if layout == "input" else layout)["networks"]

    for name, network in networks.items():
        expected = {which: content.hex() for which, content in hashes_by_the_page(layout, case, network).items()}

        assert case["hashes"][name] == expected


@pytest.mark.parametrize(("layout", "case"), cases("genesis", part="valid"))
def test_a_network_id_is_the_hash_of_genesis(layout: str, case: Record) -> None:
    tag = b"tongbao/genesis/1"
    algorithm = HASHES[case["fields"]["hash"]]

    identity = hashlib.new(algorithm, bytes((len(tag),)) + tag + bytes.fromhex(case["bytes"])).hexdigest()

    assert (layout, identity) == ("genesis", case["network_id"])
    assert case["name"] not in vectors("coin")["networks"] or (
        vectors("coin")["networks"][case["name"]]["network_id"] == identity
    )


def sample() -> Domain:
    """The network in which the vectors' signatures hold."""
    return Domain(bytes.fromhex(vectors("coin")["networks"]["sample"]["network_id"]), HashKind.SHA256)


def key_of(record: Record) -> PublicKey:
    """The key of a record."""
    return PublicKey(record["suite"], bytes.fromhex(record["key"]))


@pytest.mark.parametrize("layout", ["acceptance", "submission", "outcome"])
def test_signatures_hold_in_the_sample_network(layout: str) -> None:
    signed = [case for case in vectors(layout)["valid"] if case["fields"]["signature"]]

    for case in signed:
        key, signature = key_of(case["fields"]["key"]), bytes.fromhex(case["fields"]["signature"])
        verify_signature(key, signature, bytes.fromhex(case["hashes"]["sample"]["signing_digest"]))

    assert len(signed) >= 2


@pytest.mark.parametrize(("layout", "case"), cases("transaction", part="valid"))
def test_its_witnesses_and_approvals_hold_in_the_sample_network(layout: str, case: Record) -> None:
    hashes, fields = case["hashes"]["sample"], case["fields"]
    signed = [(each["key"], each["signature"], hashes["approve_digest"]) for each in fields["approvals"]]
    for witness in fields["witnesses"]:
        key = witness["lock"]["later_key" if witness["path"] == 1 else "key"]
        signed.append((key, witness["signature"], hashes["spend_digest"]))

    for key, signature, digest in signed:
        if signature:
            verify_signature(key_of(key), bytes.fromhex(signature), bytes.fromhex(digest))

    assert layout == "transaction"


@pytest.mark.parametrize(("layout", "case"), cases("receipt", part="valid"))
def test_it_is_proved_by_the_centres_key(layout: str, case: Record) -> None:
    keys = [key_of(each) for each in vectors(layout)["receipt_keys"]]

    Receipt.decode(bytes.fromhex(case["bytes"])).verify(sample(), keys=keys)


@pytest.mark.parametrize(("layout", "case"), cases("verdicts", part="valid"))
def test_all_of_them_are_proved_by_the_centres_key(layout: str, case: Record) -> None:
    keys = [key_of(each) for each in vectors(layout)["receipt_keys"]]
    ids = [bytes.fromhex(each) for each in case["transaction_ids"]]
    verdicts = Verdicts.decode(bytes.fromhex(case["bytes"]))

    verdicts.verify(ids, sample(), keys=keys)
    receipts = verdicts.receipts(ids, sample())

    assert [each.status for each in receipts] == [
        status for stretch in case["fields"]["stretches"] for status in stretch["statuses"]
    ]
    for each in receipts:
        each.verify(sample(), keys=keys)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layout", "case"), cases(*BINARY, part="refused"))
def test_the_code_refuses_it(layout: str, case: Record) -> None:
    with pytest.raises(DecodingError) as refused:
        DECODERS[layout].decode(bytes.fromhex(case["bytes"]))

    assert refused.value.code == case["code"]
    assert refused.value.cure


@pytest.mark.parametrize(("layout", "case"), cases("receipt", "outcome", part="disproved"))
def test_it_decodes_and_proves_nothing(layout: str, case: Record) -> None:
    keys = [key_of(each) for each in vectors(layout)["receipt_keys"]]
    value: Receipt | Outcome = DECODERS[layout].decode(bytes.fromhex(case["bytes"]))

    with pytest.raises(RequestError) as refused:
        value.verify(sample(), keys=keys)

    assert refused.value.code == case["code"]


@pytest.mark.parametrize(("layout", "case"), cases("verdicts", part="disproved"))
def test_they_decode_and_prove_nothing(layout: str, case: Record) -> None:
    content = vectors(layout)
    verdicts = Verdicts.decode(bytes.fromhex(case["bytes"]))

    with pytest.raises(RequestError) as refused:
        verdicts.verify(
            [bytes.fromhex(each) for each in content["disproved_ids"]],
            sample(),
            keys=[key_of(each) for each in content["receipt_keys"]],
        )

    assert refused.value.code == case["code"]


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layout", "case"), cases("address", part="valid"))
def test_an_address_is_read_and_written(layout: str, case: Record) -> None:
    wallet_id = bytes.fromhex(case["fields"]["wallet_id"])
    expected = Address(case["fields"]["home"], wallet_id, test_network=case["test_network"])

    assert Address.parse(case["text"]) == Address.parse(case["text"].upper()) == expected
    assert str(expected) == case["text"]
    assert (layout, len(wallet_id)) == ("address", WALLET_ID_BYTES)


@pytest.mark.parametrize(("layout", "case"), cases("address", part="refused"))
def test_text_that_is_no_address_is_refused(layout: str, case: Record) -> None:
    with pytest.raises(DecodingError) as refused:
        Address.parse(case["text"])

    assert (layout, refused.value.code) == ("address", case["code"])


# --- receipt trees ----------------------------------------------------------------------------------------------------


def root_by_rfc6962(leaves: list[bytes], algorithm: str) -> bytes:
    """The recursion of section 2.1, as it stands there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.new(algorithm, b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = root_by_rfc6962(leaves[:split], algorithm), root_by_rfc6962(leaves[split:], algorithm)
    return hashlib.new(algorithm, b"\x01" + left + right).digest()


def path_by_rfc6962(leaves: list[bytes], place: int, algorithm: str) -> list[bytes]:
    """The recursion of section 2.1.1, as it stands there."""
    if len(leaves) < 2:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if place < split:
        return [*path_by_rfc6962(leaves[:split], place, algorithm), root_by_rfc6962(leaves[split:], algorithm)]
    return [*path_by_rfc6962(leaves[split:], place - split, algorithm), root_by_rfc6962(leaves[:split], algorithm)]


@pytest.mark.parametrize(
    "tree", [pytest.param(each, id=f"hash {each['hash']}, {len(each['data'])}") for each in vectors("merkle")["trees"]]
)
def test_a_tree_has_the_root_and_the_paths_of_rfc_6962(tree: Record) -> None:
    algorithm = HASHES[tree["hash"]]
    leaves = [hashlib.new(algorithm, b"\x00" + bytes.fromhex(each)).digest() for each in tree["data"]]
    paths = [[each.hex() for each in path_by_rfc6962(leaves, place, algorithm)] for place in range(len(leaves))]

    assert tree["leaves"] == [leaf.hex() for leaf in leaves]
    assert tree["root"] == root_by_rfc6962(leaves, algorithm).hex()
    assert tree["paths"] == paths
