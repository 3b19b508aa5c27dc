//! Whatever batches are applied, money is neither made nor lost, and a snapshot brings back the same kernel.
#![no_main]

use fuzz::{Gullible, SAMPLE, linked, story};
use libfuzzer_sys::fuzz_target;
use settlement::batch::Batch;
use settlement::kernel::Kernel;

fuzz_target!(|data: &[u8]| {
    let mut kernel = Kernel::new(SAMPLE.clone()).unwrap();
    for encoded in story(data) {
        let Ok(batch) = Batch::decode(encoded) else { continue };
        let sequence = kernel.sequence();
        let applied = kernel.apply(&linked(&batch, &kernel), &[], None, &Gullible);
        assert_eq!(kernel.sequence(), sequence + u64::from(applied.is_ok()));
    }
    demand_exact(&kernel);
    if kernel.sequence() > 0 {
        demand_restorable(&kernel);
    }
});

fn demand_exact(kernel: &Kernel) {
    let mut counted = kernel.unspent_by_asset_and_home();
    for (place, totals) in &kernel.state().totals {
        assert!(totals.has_unspent(counted.remove(place).unwrap_or(0)), "the coins are not the totals");
    }
    assert!(counted.is_empty(), "there are coins without totals");
}

// Snapshots are canonical, so that equal bytes say as much as equal digests, which would take a hundred times as long.
fn demand_restorable(kernel: &Kernel) {
    let written = snapshot(kernel);
    let restored = Kernel::from_snapshot(SAMPLE.clone(), &written[..]).unwrap();
    assert!(snapshot(&restored) == written, "a snapshot brings back another kernel");
}

fn snapshot(kernel: &Kernel) -> Vec<u8> {
    let mut written = Vec::new();
    kernel.write_snapshot(&mut written).unwrap();
    written
}
