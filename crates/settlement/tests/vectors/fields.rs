//! What was decoded, by the names of docs/reference/wire-format.md, as the vectors write it.

use serde_json::{Value, json};
use settlement::acceptance::Acceptance;
use settlement::batch::{Batch, BatchHeader};
use settlement::coin::{Coin, Input};
use settlement::control::{Officers, Operation};
use settlement::genesis::Genesis;
use settlement::key::PublicKeyRef;
use settlement::lock::Lock;
use settlement::submission::{Encodings, Submission};
use settlement::transaction::{Body, Transaction};

use crate::reading::hex;

pub fn coin(coin: &Coin) -> Value {
    json!({
        "asset": coin.asset, "value": coin.value.to_string(), "home": coin.home, "lock_id": hex(&coin.lock_id),
    })
}

pub fn input(input: &Input) -> Value {
    json!({"origin": hex(&input.origin), "index": input.index, "coin": coin(&input.coin)})
}

pub fn key(key: PublicKeyRef<'_>) -> Value {
    json!({"suite": key.suite, "key": hex(key.key)})
}

pub fn lock(lock: &Lock<'_>) -> Value {
    let kind = lock.encoded()[0];
    let key_a = key(lock.key_for(0).unwrap());
    let salt = hex(&lock.encoded()[lock.encoded().len() - 32..]);
    let Some(timed) = lock.timed() else { return json!({"kind": kind, "key": key_a, "salt": salt}) };
    json!({
        "kind": kind,
        "key": key_a,
        "later_key": key(timed.later_key),
        "later_from_ms": timed.later_from_ms.to_string(),
        "homes": timed.homes.iter().map(|home| u32::from_be_bytes(*home)).collect::<Vec<_>>(),
        "locks": timed.locks.iter().map(|lock_id| hex(lock_id)).collect::<Vec<_>>(),
        "salt": salt,
    })
}

pub fn acceptance(acceptance: &Acceptance<'_>) -> Value {
    let locks = acceptance.locks().map(
        |lock| json!({"lock_id": hex(&lock.lock_id), "asset": lock.asset, "value_max": lock.value_max.to_string()}),
    );
    json!({
        "home": acceptance.home,
        "anchor": hex(acceptance.anchor),
        "expiry_ms": acceptance.expiry_ms.to_string(),
        "locks": locks.collect::<Vec<_>>(),
        "key": key(acceptance.key),
        "signature": hex(acceptance.signature),
    })
}

pub fn transaction(transaction: &Transaction<'_>) -> Value {
    let witnesses = transaction
        .witnesses
        .iter()
        .map(|each| json!({"lock": lock(&each.lock), "path": each.path, "signature": hex(each.signature)}));
    let approvals =
        transaction.approvals.iter().map(|each| json!({"key": key(each.key), "signature": hex(each.signature)}));
    json!({
        "body": body(&transaction.body),
        "witnesses": witnesses.collect::<Vec<_>>(),
        "approvals": approvals.collect::<Vec<_>>(),
    })
}

fn body(body: &Body<'_>) -> Value {
    let authorisations =
        body.authorisations.iter().map(|each| json!({"type": each.number, "content": hex(each.content)}));
    let mut fields = json!({
        "version": 1,
        "kind": body.kind as u8,
        "expiry_ms": body.expiry_ms.to_string(),
        "reference": hex(body.reference),
        "inputs": body.inputs.iter().map(|each| input(&each)).collect::<Vec<_>>(),
        "outputs": body.outputs.iter().map(|each| coin(&each)).collect::<Vec<_>>(),
        "authorisations": authorisations.collect::<Vec<_>>(),
    });
    if body.kind.has_serial() {
        fields["serial"] = json!(body.serial.to_string());
    }
    if let Some(operation) = &body.operation {
        let (number, payload) = payload(operation);
        fields["operation"] = json!(number);
        fields["payload"] = payload;
    }
    fields
}

fn payload(operation: &Operation) -> (u8, Value) {
    match operation {
        Operation::RegisterInstitution { home, key } => (1, keyed(*home, key.as_ref())),
        Operation::SuspendInstitution { home, suspended } => (2, json!({"home": home, "suspended": suspended})),
        Operation::RekeyInstitution { home, key } => (3, keyed(*home, key.as_ref())),
        Operation::SetSuccessor { home, successor } => (4, json!({"home": home, "successor": successor})),
        Operation::Quota { asset, home, value } => {
            (5, json!({"asset": asset, "home": home, "value": value.to_string()}))
        }
        Operation::Officers(each) => (6, officers(each)),
        Operation::RegisterAsset { asset, active, code } => {
            (7, json!({"asset": asset, "active": active, "code": code}))
        }
        Operation::Freeze { target, id } => (8, json!({"target": *target as u8, "id": hex(id)})),
        Operation::Unfreeze { target, id } => (9, json!({"target": *target as u8, "id": hex(id)})),
        Operation::OrderedMove { coin_id } => (10, json!({"coin_id": hex(coin_id)})),
        Operation::ActivateRules { version } => (11, json!({"version": version})),
        Operation::Clock { time_ms } => (12, json!({"time_ms": time_ms.to_string()})),
        Operation::ReceiptKey { key: each, active } => (13, json!({"key": key(each.as_ref()), "active": active})),
        Operation::SubstituteKey { home, key } => (14, keyed(*home, key.as_ref())),
    }
}

fn keyed(home: u32, of: PublicKeyRef<'_>) -> Value {
    json!({"home": home, "key": key(of)})
}

fn officers(officers: &Officers) -> Value {
    json!({
        "authority": officers.authority as u8,
        "threshold": officers.threshold,
        "keys": officers.keys.iter().map(|each| key(each.as_ref())).collect::<Vec<_>>(),
    })
}

pub fn submission(submission: &Submission<'_>) -> Value {
    json!({
        "network_id": hex(submission.network_id),
        "home": submission.home,
        "transactions": encodings(&submission.transactions),
        "key": key(submission.key),
        "signature": hex(submission.signature),
    })
}

fn encodings(encodings: &Encodings<'_>) -> Vec<String> {
    encodings.iter().map(hex).collect()
}

pub fn batch(batch: &Batch<'_>) -> Value {
    json!({"header": header(&batch.header), "submissions": encodings(&batch.submissions)})
}

fn header(header: &BatchHeader<'_>) -> Value {
    json!({
        "version": 1,
        "kind": header.kind as u8,
        "network_id": hex(header.network_id),
        "sequence": header.sequence.to_string(),
        "previous": hex(header.previous),
        "time_ms": header.time_ms.to_string(),
        "rules": header.rules,
        "applied_sequence": header.applied_sequence.to_string(),
        "applied_statuses": hex(header.applied_statuses),
        "body_hash": hex(header.body_hash),
    })
}

pub fn genesis(genesis: &Genesis) -> Value {
    let limits = &genesis.limits;
    let institutions = genesis
        .institutions
        .iter()
        .map(|each| json!({"home": each.home, "key": key(each.key.as_ref()), "quota": each.quota.to_string()}));
    json!({
        "magic": hex(b"tongbao1"),
        "hash": genesis.domain.hash_kind as u8,
        "test_network": genesis.test_network,
        "time_ms": genesis.time_ms.to_string(),
        "rules": genesis.rules,
        "name": genesis.name,
        "asset_code": genesis.asset_code,
        "limits": {
            "inputs_max": limits.inputs_max,
            "outputs_max": limits.outputs_max,
            "batch_transactions_max": limits.batch_transactions_max,
            "expiry_ahead_max_ms": limits.expiry_ahead_max_ms.to_string(),
            "ordered_move_delay_ms": limits.ordered_move_delay_ms.to_string(),
            "snapshot_every": limits.snapshot_every,
        },
        "authorities": genesis.authorities.iter().map(officers).collect::<Vec<_>>(),
        "central_bank_key": key(genesis.central_bank_key.as_ref()),
        "institutions": institutions.collect::<Vec<_>>(),
        "receipt_keys": genesis.receipt_keys.iter().map(|each| key(each.as_ref())).collect::<Vec<_>>(),
    })
}
