//! tests/vectors/coin: bytes, fields and hashes of every layout, and what no decoder accepts.

use serde_json::{Map, Value, json};
use settlement::acceptance::Acceptance;
use settlement::batch::Batch;
use settlement::coin::Inputs;
use settlement::domain::Domain;
use settlement::encoding::{Bytes32, Code, DecodingError, Reader};
use settlement::genesis::Genesis;
use settlement::lock::Lock;
use settlement::many::Many;
use settlement::submission::Submission;
use settlement::transaction::{Transaction, approve_digest, spend_digest};

use crate::fields;
use crate::reading::{bytes, domains, file, hex, list, text};

/// The fields of what the bytes encode, and its hashes in a domain.
type Decoded<'a> = (Value, Box<dyn Fn(&Domain) -> Value + 'a>);
type Decode = for<'a> fn(&'a [u8]) -> Result<Decoded<'a>, DecodingError>;

pub const LAYOUTS: [(&str, Decode); 6] = [
    ("coin", input),
    ("lock", lock),
    ("acceptance", acceptance),
    ("transaction", transaction),
    ("submission", submission),
    ("batch", batch),
];

fn input(data: &[u8]) -> Result<Decoded<'_>, DecodingError> {
    let mut reader = Reader::new(data, "input");
    let inputs = Inputs::read(&mut reader, 1)?;
    reader.finish()?;
    let one = inputs.iter().next().unwrap();
    assert_eq!(one.encode(), data);
    assert_eq!(one.coin.encode(), data[34..]);
    let coin_id = move |domain: &Domain| {
        let id = one.coin_id(domain);
        let mut hashed = Many::of(domain.hash_kind);
        inputs.push_coin_ids(&mut hashed);
        assert_eq!(hashed.finish(), [id]);
        json!({"coin_id": hex(&id)})
    };
    Ok((fields::input(&one), Box::new(coin_id)))
}

fn lock(data: &[u8]) -> Result<Decoded<'_>, DecodingError> {
    let mut reader = Reader::new(data, "lock");
    let lock = Lock::read(&mut reader)?;
    reader.finish()?;
    Ok((fields::lock(&lock), Box::new(move |domain| json!({"lock_id": hex(&lock.id(domain))}))))
}

fn acceptance(data: &[u8]) -> Result<Decoded<'_>, DecodingError> {
    let acceptance = Acceptance::decode(data)?;
    let digest = move |domain: &Domain| json!({"signing_digest": hex(&acceptance.signing_digest(domain))});
    Ok((fields::acceptance(&acceptance), Box::new(digest)))
}

fn transaction(data: &[u8]) -> Result<Decoded<'_>, DecodingError> {
    let transaction = Transaction::decode(data)?;
    let fields = fields::transaction(&transaction);
    let hashes = move |domain: &Domain| {
        let id: Bytes32 = transaction.id(domain);
        let (spend, approve) = (spend_digest(&id, domain), approve_digest(&id, domain));
        json!({"transaction_id": hex(&id), "spend_digest": hex(&spend), "approve_digest": hex(&approve)})
    };
    Ok((fields, Box::new(hashes)))
}

fn submission(data: &[u8]) -> Result<Decoded<'_>, DecodingError> {
    let submission = Submission::decode(data)?;
    let digest = move |domain: &Domain| json!({"signing_digest": hex(&submission.signing_digest(domain))});
    Ok((fields::submission(&submission), Box::new(digest)))
}

fn batch(data: &[u8]) -> Result<Decoded<'_>, DecodingError> {
    let batch = Batch::decode(data)?;
    let hashes = move |domain: &Domain| json!({"body_hash": hex(&batch.body_hash(domain)), "chain_head": hex(&batch.header.chain_head(domain))});
    Ok((fields::batch(&batch), Box::new(hashes)))
}

#[test]
fn every_valid_encoding_gives_its_fields_and_its_hashes() {
    for (name, decode) in LAYOUTS {
        let vectors = file(&format!("coin/{name}"));
        for case in list(&vectors, "valid") {
            let data = bytes(case, "bytes");

            let (found, hashes) = decode(&data).unwrap();
            let hashes = domains(&vectors).into_iter().map(|(network, domain)| (network, hashes(&domain)));

            assert_eq!(found, case["fields"], "{name}: {}", text(case, "name"));
            assert_eq!(Value::Object(hashes.collect::<Map<_, _>>()), case["hashes"], "{name}: {}", text(case, "name"));
        }
    }
}

#[test]
fn a_genesis_gives_its_fields_and_its_network() {
    for case in list(&file("coin/genesis"), "valid") {
        let genesis = Genesis::decode(&bytes(case, "bytes")).unwrap();

        assert_eq!(fields::genesis(&genesis), case["fields"], "{}", text(case, "name"));
        assert_eq!(hex(&genesis.domain.network_id), case["network_id"], "{}", text(case, "name"));
    }
}

#[test]
fn what_no_decoder_accepts_is_refused_with_its_code() {
    let genesis = |data: &[u8]| Genesis::decode(data).map(drop);
    for case in list(&file("coin/genesis"), "refused") {
        assert_eq!(code(genesis(&bytes(case, "bytes"))), text(case, "code"), "genesis: {}", text(case, "reason"));
    }
    for (name, decode) in LAYOUTS {
        for case in list(&file(&format!("coin/{name}")), "refused") {
            let data = bytes(case, "bytes");

            let refused = decode(&data).map(drop);

            assert_eq!(code(refused), text(case, "code"), "{name}: {}", text(case, "reason"));
        }
    }
}

fn code(refused: Result<(), DecodingError>) -> &'static str {
    match refused {
        Ok(()) => "accepted",
        Err(DecodingError { code: Code::Malformed, .. }) => "MALFORMED",
        Err(DecodingError { code: Code::ValueOutOfRange, .. }) => "VALUE_OUT_OF_RANGE",
    }
}
