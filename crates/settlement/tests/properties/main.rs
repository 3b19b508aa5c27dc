//! Properties of the layouts: what is well made is read and written again to the same bytes, and so is whatever else
//! a decoder accepts, so that no value has two encodings.
#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected ends")]

mod encoder;
mod strategies;

use proptest::prelude::*;
use proptest::sample::Index;
use settlement::acceptance::Acceptance;
use settlement::batch::Batch;
use settlement::encoding::{DecodingError, Reader};
use settlement::genesis::Genesis;
use settlement::lock::Lock;
use settlement::submission::Submission;
use settlement::transaction::Transaction;

/// What a decoder reads, written again.
type Rewrite = fn(&[u8]) -> Result<Vec<u8>, DecodingError>;

fn lock(data: &[u8]) -> Result<Vec<u8>, DecodingError> {
    let mut reader = Reader::new(data, "lock");
    let lock = Lock::read(&mut reader)?;
    reader.finish()?;
    Ok(encoder::lock(&lock))
}

fn acceptance(data: &[u8]) -> Result<Vec<u8>, DecodingError> {
    Acceptance::decode(data).map(|acceptance| encoder::acceptance(&acceptance))
}

fn transaction(data: &[u8]) -> Result<Vec<u8>, DecodingError> {
    Transaction::decode(data).map(|transaction| encoder::transaction(&transaction))
}

fn submission(data: &[u8]) -> Result<Vec<u8>, DecodingError> {
    Submission::decode(data).map(|submission| encoder::submission(&submission))
}

fn batch(data: &[u8]) -> Result<Vec<u8>, DecodingError> {
    Batch::decode(data).map(|batch| encoder::batch(&batch))
}

fn genesis(data: &[u8]) -> Result<Vec<u8>, DecodingError> {
    Genesis::decode(data).map(|genesis| encoder::genesis(&genesis))
}

/// Some of the bytes replaced, left out or put in.
fn bent() -> impl Strategy<Value = Vec<(Index, u8, u8)>> {
    prop::collection::vec((any::<Index>(), 0..3_u8, any::<u8>()), 1..4)
}

fn bend(data: &[u8], changes: &[(Index, u8, u8)]) -> Vec<u8> {
    let mut bent = data.to_vec();
    for (place, change, byte) in changes.iter().filter(|_| !data.is_empty()) {
        let place = place.index(data.len()).min(bent.len().saturating_sub(1));
        match change {
            0 if !bent.is_empty() => drop(bent.remove(place)),
            1 => bent.insert(place, *byte),
            _ => bent.iter_mut().skip(place).take(1).for_each(|there| *there = *byte),
        }
    }
    bent
}

fn demand_one_form(rewrite: Rewrite, data: &[u8], changes: &[(Index, u8, u8)]) -> Result<(), TestCaseError> {
    prop_assert_eq!(rewrite(data), Ok(data.to_vec()));
    let other = bend(data, changes);
    if let Ok(written) = rewrite(&other) {
        prop_assert_eq!(written, other);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_lock_has_one_form(data in strategies::lock(), changes in bent()) {
        demand_one_form(lock, &data, &changes)?;
    }

    #[test]
    fn an_acceptance_has_one_form(data in strategies::acceptance(), changes in bent()) {
        demand_one_form(acceptance, &data, &changes)?;
    }

    #[test]
    fn a_transaction_has_one_form(data in strategies::transaction(), changes in bent()) {
        demand_one_form(transaction, &data, &changes)?;
    }

    #[test]
    fn a_submission_has_one_form(data in strategies::submission(), changes in bent()) {
        demand_one_form(submission, &data, &changes)?;
    }

    #[test]
    fn a_batch_has_one_form(data in strategies::batch(), changes in bent()) {
        demand_one_form(batch, &data, &changes)?;
    }

    #[test]
    fn a_genesis_has_one_form(data in strategies::genesis(), changes in bent()) {
        demand_one_form(genesis, &data, &changes)?;
    }

    #[test]
    fn bytes_without_any_form_are_refused_and_do_not_panic(data in prop::collection::vec(any::<u8>(), 0..400)) {
        for rewrite in [lock, acceptance, transaction, submission, batch, genesis] {
            if let Ok(written) = rewrite(&data) {
                prop_assert_eq!(&written, &data);
            }
        }
    }
}
