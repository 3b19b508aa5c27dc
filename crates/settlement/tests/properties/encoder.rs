//! The layouts written by docs/reference/wire-format.md from what was read, without a look at the bytes that were read.

use settlement::acceptance::Acceptance;
use settlement::batch::{Batch, BatchHeader};
use settlement::control::{Officers, Operation};
use settlement::genesis::Genesis;
use settlement::key::{PublicKey, PublicKeyRef};
use settlement::lock::Lock;
use settlement::submission::{Encodings, Submission};
use settlement::transaction::{Body, Transaction};

pub fn transaction(transaction: &Transaction<'_>) -> Vec<u8> {
    let witnesses = transaction
        .witnesses
        .iter()
        .map(|witness| [lock(&witness.lock), vec![witness.path], sized_u16(witness.signature)].concat());
    let approvals =
        transaction.approvals.iter().map(|approval| [key(approval.key), sized_u16(approval.signature)].concat());
    [sized_u32(&body(&transaction.body)), counted_u16(witnesses), counted_u8(approvals)].concat()
}

fn body(body: &Body<'_>) -> Vec<u8> {
    let authorisations = body.authorisations.iter().map(|each| [vec![each.number], sized_u16(each.content)].concat());
    let detail = match &body.operation {
        Some(operation) => [&body.serial.to_be_bytes()[..], &payload(operation)].concat(),
        None if body.kind.has_serial() => body.serial.to_be_bytes().to_vec(),
        None => vec![],
    };
    [
        &[1, body.kind as u8][..],
        &body.expiry_ms.to_be_bytes(),
        body.reference,
        &counted_u16(body.inputs.iter().map(|input| input.encode().to_vec())),
        &counted_u16(body.outputs.iter().map(|coin| coin.encode().to_vec())),
        &counted_u8(authorisations),
        &detail,
    ]
    .concat()
}

fn payload(operation: &Operation) -> Vec<u8> {
    match operation {
        Operation::RegisterInstitution { home, key } => [&[1], &home.to_be_bytes()[..], &stored(key)].concat(),
        Operation::SuspendInstitution { home, suspended } => {
            [&[2], &home.to_be_bytes()[..], &[u8::from(*suspended)]].concat()
        }
        Operation::RekeyInstitution { home, key } => [&[3], &home.to_be_bytes()[..], &stored(key)].concat(),
        Operation::SetSuccessor { home, successor } => {
            [&[4], &home.to_be_bytes()[..], &successor.to_be_bytes()].concat()
        }
        Operation::Quota { asset, home, value } => {
            [&[5], &asset.to_be_bytes()[..], &home.to_be_bytes(), &value.to_be_bytes()].concat()
        }
        Operation::Officers(each) => [vec![6], officers(each)].concat(),
        Operation::RegisterAsset { asset, active, code } => {
            [&[7], &asset.to_be_bytes()[..], &[u8::from(*active)], &sized_u8(code.as_bytes())].concat()
        }
        Operation::Freeze { target, id } => [&[8, *target as u8][..], id].concat(),
        Operation::Unfreeze { target, id } => [&[9, *target as u8][..], id].concat(),
        Operation::OrderedMove { coin_id } => [&[10][..], coin_id].concat(),
        Operation::ActivateRules { version } => [&[11][..], &version.to_be_bytes()].concat(),
        Operation::Clock { time_ms } => [&[12][..], &time_ms.to_be_bytes()].concat(),
        Operation::ReceiptKey { key, active } => [vec![13], stored(key), vec![u8::from(*active)]].concat(),
        Operation::SubstituteKey { home, key } => [&[14], &home.to_be_bytes()[..], &stored(key)].concat(),
    }
}

fn officers(officers: &Officers) -> Vec<u8> {
    let keys = officers.keys.iter().map(stored);
    [vec![officers.authority as u8, officers.threshold], counted_u8(keys)].concat()
}

pub fn lock(lock: &Lock<'_>) -> Vec<u8> {
    let salt = &lock.encoded()[lock.encoded().len() - 32..];
    let key_a = key(lock.key_for(0).unwrap());
    let Some(timed) = lock.timed() else { return [&[1], &key_a[..], salt].concat() };
    let homes = timed.homes.iter().map(|home| home.to_vec());
    let locks = timed.locks.iter().map(|lock_id| lock_id.to_vec());
    [
        &[2],
        &key_a[..],
        &key(timed.later_key),
        &timed.later_from_ms.to_be_bytes(),
        &counted_u8(homes),
        &counted_u8(locks),
        salt,
    ]
    .concat()
}

pub fn acceptance(acceptance: &Acceptance<'_>) -> Vec<u8> {
    let locks = acceptance
        .locks()
        .map(|lock| [&lock.lock_id[..], &lock.asset.to_be_bytes(), &lock.value_max.to_be_bytes()].concat());
    [
        &acceptance.home.to_be_bytes()[..],
        acceptance.anchor,
        &acceptance.expiry_ms.to_be_bytes(),
        &counted_u8(locks),
        &key(acceptance.key),
        &sized_u16(acceptance.signature),
    ]
    .concat()
}

pub fn submission(submission: &Submission<'_>) -> Vec<u8> {
    [
        &submission.network_id[..],
        &submission.home.to_be_bytes(),
        &encodings(&submission.transactions),
        &key(submission.key),
        &sized_u16(submission.signature),
    ]
    .concat()
}

pub fn batch(batch: &Batch<'_>) -> Vec<u8> {
    [sized_u16(&header(&batch.header)), encodings(&batch.submissions)].concat()
}

fn header(header: &BatchHeader<'_>) -> Vec<u8> {
    [
        &[1, header.kind as u8][..],
        header.network_id,
        &header.sequence.to_be_bytes(),
        header.previous,
        &header.time_ms.to_be_bytes(),
        &header.rules.to_be_bytes(),
        &header.applied_sequence.to_be_bytes(),
        header.applied_statuses,
        header.body_hash,
    ]
    .concat()
}

pub fn genesis(genesis: &Genesis) -> Vec<u8> {
    let limits = &genesis.limits;
    let institutions = genesis
        .institutions
        .iter()
        .map(|each| [&each.home.to_be_bytes()[..], &stored(&each.key), &each.quota.to_be_bytes()].concat());
    let receipt_keys = genesis.receipt_keys.iter().map(stored);
    [
        b"tongbao1",
        &[genesis.domain.hash_kind as u8, u8::from(genesis.test_network)][..],
        &genesis.time_ms.to_be_bytes(),
        &genesis.rules.to_be_bytes(),
        &sized_u8(genesis.name.as_bytes()),
        &sized_u8(genesis.asset_code.as_bytes()),
        &limits.inputs_max.to_be_bytes(),
        &limits.outputs_max.to_be_bytes(),
        &limits.batch_transactions_max.to_be_bytes(),
        &limits.expiry_ahead_max_ms.to_be_bytes(),
        &limits.ordered_move_delay_ms.to_be_bytes(),
        &limits.snapshot_every.to_be_bytes(),
        &genesis.authorities.iter().flat_map(officers).collect::<Vec<u8>>(),
        &stored(&genesis.central_bank_key),
        &counted_u16(institutions),
        &counted_u8(receipt_keys),
    ]
    .concat()
}

fn stored(public: &PublicKey) -> Vec<u8> {
    key(public.as_ref())
}

fn key(public: PublicKeyRef<'_>) -> Vec<u8> {
    [vec![public.suite], sized_u16(public.key)].concat()
}

fn encodings(list: &Encodings<'_>) -> Vec<u8> {
    counted_u16(list.iter().map(sized_u32))
}

pub fn sized_u8(content: &[u8]) -> Vec<u8> {
    [&[u8::try_from(content.len()).unwrap()], content].concat()
}

pub fn sized_u16(content: &[u8]) -> Vec<u8> {
    [&u16::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
}

pub fn sized_u32(content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
}

pub fn counted_u8(items: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let items: Vec<Vec<u8>> = items.into_iter().collect();
    [vec![u8::try_from(items.len()).unwrap()], items.concat()].concat()
}

pub fn counted_u16(items: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let items: Vec<Vec<u8>> = items.into_iter().collect();
    [u16::try_from(items.len()).unwrap().to_be_bytes().to_vec(), items.concat()].concat()
}
