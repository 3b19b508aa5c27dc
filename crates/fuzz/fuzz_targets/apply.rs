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
    demand_restorable(&mut kernel);
});

fn demand_exact(kernel: &Kernel) {
    let mut counted = kernel.unspent_by_asset_and_home();
    for (place, totals) in &kernel.state().totals {
        assert!(totals.has_unspent(counted.remove(place).unwrap_or(0)), "the coins are not the totals");
    }
    assert!(counted.is_empty(), "there are coins without totals");
}

fn demand_restorable(kernel: &mut Kernel) {
    if kernel.sequence() == 0 {
        return;
    }
    let mut snapshot = Vec::new();
    kernel.write_snapshot(&mut snapshot).unwrap();
    let mut restored = Kernel::from_snapshot(SAMPLE.clone(), &snapshot[..]).unwrap();
    assert_eq!(restored.state_digest(), kernel.state_digest());
    assert_eq!(restored.chain_head(), kernel.chain_head());
}
