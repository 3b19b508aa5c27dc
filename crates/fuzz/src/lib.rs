//! What the fuzz targets share: a network, a verifier that takes every signature, and stories of batches.

use std::sync::LazyLock;

use serde_json::Value;
use settlement::batch::{Batch, BatchKind};
use settlement::genesis::Genesis;
use settlement::judge::{SignatureCheck, Verifier};
use settlement::kernel::Kernel;
use settlement::key::PublicKeyRef;

/// Takes every signature, so that what is bent gets past the endorsement.
pub struct Gullible;

impl Verifier for Gullible {
    fn is_valid(&self, _: &SignatureCheck<'_>) -> bool {
        true
    }

    fn is_usable(&self, _: PublicKeyRef<'_>) -> bool {
        true
    }
}

/// The genesis of the network of the vectors.
pub static SAMPLE: LazyLock<Genesis> = LazyLock::new(|| {
    let vectors: Value = serde_json::from_str(include_str!("../../../tests/vectors/kernel/judge.json")).unwrap();
    Genesis::decode(&unhex(vectors["networks"]["sample"].as_str().unwrap())).unwrap()
});

/// The bytes of hex in lower case.
pub fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Batches behind their lengths of four bytes.
pub fn story(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = data.split_first_chunk()?;
        let (batch, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        data = rest;
        Some(batch)
    })
}

/// The submissions of a batch under a header that can follow, so that a bent submission reaches the rules.
pub fn linked(batch: &Batch<'_>, kernel: &Kernel) -> Vec<u8> {
    let submissions: Vec<Vec<u8>> = batch.submissions.iter().map(|each| addressed(each, kernel)).collect();
    let body = [&u16::try_from(submissions.len()).unwrap().to_be_bytes()[..], &submissions.concat()].concat();
    let kind = if submissions.is_empty() { BatchKind::Heartbeat } else { BatchKind::Money };
    let latest = kernel.time_ms().saturating_add(kernel.judging().rules.batch_step_max_ms);
    let time_ms = batch.header.time_ms.clamp(kernel.time_ms(), latest);
    // The hash of a body is found by decoding it under any header.
    let draft = [&header(kind, kernel, time_ms, &[0; 32])[..], &body].concat();
    let body_hash = Batch::decode(&draft).unwrap().body_hash(kernel.domain());
    [&header(kind, kernel, time_ms, &body_hash)[..], &body].concat()
}

fn addressed(submission: &[u8], kernel: &Kernel) -> Vec<u8> {
    let mut submission = submission.to_vec();
    if let Some(network_id) = submission.first_chunk_mut() {
        *network_id = kernel.domain().network_id;
    }
    [&u32::try_from(submission.len()).unwrap().to_be_bytes()[..], &submission].concat()
}

fn header(kind: BatchKind, kernel: &Kernel, time_ms: u64, body_hash: &[u8; 32]) -> Vec<u8> {
    let sequence = kernel.sequence();
    let header = [
        &[1, kind as u8][..],
        &kernel.domain().network_id,
        &(sequence + 1).to_be_bytes(),
        kernel.chain_head(),
        &time_ms.to_be_bytes(),
        &kernel.judging().rules.version.to_be_bytes(),
        &sequence.to_be_bytes(),
        kernel.applied_statuses(sequence).unwrap(),
        body_hash,
    ]
    .concat();
    [&u16::try_from(header.len()).unwrap().to_be_bytes()[..], &header].concat()
}
