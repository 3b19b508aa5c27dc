//! No decoder panics, and what it accepts is written again to the same bytes. The first byte chooses the layout.
#![no_main]

#[path = "../../settlement/tests/properties/encoder.rs"]
mod encoder;

use libfuzzer_sys::fuzz_target;
use settlement::acceptance::Acceptance;
use settlement::batch::Batch;
use settlement::encoding::Reader;
use settlement::genesis::Genesis;
use settlement::lock::Lock;
use settlement::submission::Submission;
use settlement::transaction::Transaction;

fuzz_target!(|data: &[u8]| {
    let Some((layout, data)) = data.split_first() else { return };
    let written = match layout % 6 {
        0 => lock(data),
        1 => Acceptance::decode(data).ok().map(|acceptance| encoder::acceptance(&acceptance)),
        2 => Transaction::decode(data).ok().map(|transaction| encoder::transaction(&transaction)),
        3 => Submission::decode(data).ok().map(|submission| encoder::submission(&submission)),
        4 => Batch::decode(data).ok().map(|batch| encoder::batch(&batch)),
        _ => Genesis::decode(data).ok().map(|genesis| encoder::genesis(&genesis)),
    };
    assert!(written.is_none_or(|written| written == data), "one value has two encodings");
});

fn lock(data: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(data, "lock");
    let lock = Lock::read(&mut reader).ok()?;
    reader.finish().ok()?;
    Some(encoder::lock(&lock))
}
