//! tests/vectors/kernel: what each transaction is answered with, which batches can follow, and the state after them.

use std::collections::BTreeSet;

use serde_json::Value;
use settlement::genesis::Genesis;
use settlement::judge::judge;
use settlement::kernel::{AppliedBatch, BatchInvalid, HashedBatch, Kernel};
use settlement::status::Status;

use crate::reading::{bytes, file, hex, list, text, unhex};
use crate::zip215::Zip215;

const FILES: [&str; 5] = ["kernel/money", "kernel/control", "kernel/offices", "kernel/speakers", "kernel/batches"];

/// Each case with its file and a kernel at sequence 0.
fn cases() -> Vec<(String, Value, Kernel)> {
    let mut cases = Vec::new();
    for name in FILES {
        let vectors = file(name);
        for case in list(&vectors, "cases") {
            let genesis = unhex(text(&vectors["networks"], text(case, "network")));
            let kernel = Kernel::new(Genesis::decode(&genesis).unwrap()).unwrap();
            cases.push((format!("{name}: {}", text(case, "name")), case.clone(), kernel));
        }
    }
    cases
}

fn apply(kernel: &mut Kernel, batch: &[u8]) -> Result<AppliedBatch, BatchInvalid> {
    kernel.apply(batch, &[], None, &Zip215)
}

fn statuses(of: &Value) -> Vec<u16> {
    list(of, "statuses").iter().map(|status| u16::try_from(status.as_u64().unwrap()).unwrap()).collect()
}

/// Apply the batches before a case's point, each of which has its statuses; in batches.json they are bare bytes.
fn apply_story(kernel: &mut Kernel, case: &Value) {
    for batch in list(case, "batches") {
        let encoded = batch.as_str().or(batch["bytes"].as_str()).unwrap();
        let applied = apply(kernel, &unhex(encoded)).unwrap();
        if batch.is_object() {
            assert_eq!(applied.statuses().collect::<Vec<_>>(), statuses(batch), "{}", text(case, "name"));
        }
    }
}

fn snapshot(kernel: &Kernel) -> Vec<u8> {
    let mut written = Vec::new();
    kernel.write_snapshot(&mut written).unwrap();
    written
}

#[test]
fn every_batch_gets_the_statuses_of_the_reference_and_leads_to_its_state() {
    for (name, case, mut kernel) in cases() {
        apply_story(&mut kernel, &case);
        if let Some(follows) = case.get("follows") {
            let before = snapshot(&kernel);

            let applied = apply(&mut kernel, &unhex(follows.as_str().unwrap()));

            assert_eq!(applied.is_ok(), case["valid"], "{name}: {applied:?}");
            match applied {
                Ok(applied) => assert_eq!(applied.statuses().collect::<Vec<_>>(), statuses(&case), "{name}"),
                Err(_) => assert_eq!(snapshot(&kernel), before, "{name}"),
            }
        }
        assert_eq!(kernel.time_ms().to_string(), text(&case, "time_ms"), "{name}");
        assert_eq!(hex(kernel.chain_head()), text(&case, "chain_head"), "{name}");
        assert_eq!(hex(&kernel.state_digest()), text(&case, "state_digest"), "{name}");
    }
}

#[test]
fn what_was_judged_before_is_applied_to_the_same_state() {
    for (name, case, mut kernel) in cases() {
        for batch in list(&case, "batches").iter().filter(|batch| batch.is_object()) {
            let encoded = bytes(batch, "bytes");
            let judging = kernel.judging();
            let submissions: Vec<_> = HashedBatch::of(&encoded, kernel.domain()).unwrap().submissions().collect();
            let judged: Vec<_> = submissions.iter().map(|each| judge(each, &judging, &Zip215).unwrap()).collect();

            let handed: Vec<_> = judged.iter().map(Some).collect();
            let applied = kernel.apply(&encoded, &handed, None, &Zip215).unwrap();

            assert_eq!(applied.statuses().collect::<Vec<_>>(), statuses(batch), "{name}");
        }
        if case.get("follows").is_none() {
            assert_eq!(hex(&kernel.state_digest()), text(&case, "state_digest"), "{name}");
        }
    }
}

#[test]
fn a_kernel_restored_from_its_snapshot_remembers_the_same() {
    for (name, case, mut kernel) in cases() {
        apply_story(&mut kernel, &case);
        let written = snapshot(&kernel);

        let mut restored = Kernel::from_snapshot(kernel.genesis().clone(), written.as_slice()).unwrap();

        assert_eq!(snapshot(&restored), written, "{name}");
        assert_eq!(restored.state_digest(), kernel.state_digest(), "{name}");
    }
}

#[test]
fn the_vectors_show_every_status_that_applying_finds() {
    let shown: BTreeSet<u16> = cases()
        .iter()
        .flat_map(|(_, case, _)| list(case, "batches").to_vec())
        .filter(Value::is_object)
        .flat_map(|batch| statuses(&batch))
        .collect();

    let applied = Status::ALL.iter().filter(|status| !status.is_judged()).map(|status| status.number());

    assert_eq!(applied.collect::<BTreeSet<u16>>(), shown);
}
