//! What holds of every ledger, however its transactions came.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use settlement::domain::Tag;
use settlement::encoding::Bytes32;
use settlement::kernel::{AppliedBatch, CREATED_BYTES, Kernel, SPENT_BYTES};

use crate::network::network;
use crate::story::{Writer, apply, apply_in_batches, wishes};

/// Asset, home and value of every unspent coin by id: a naive model of what the batches say that they did.
type Coins = BTreeMap<Vec<u8>, Vec<u8>>;

fn follow(coins: &mut Coins, applied: &AppliedBatch) {
    for row in applied.created.chunks(CREATED_BYTES) {
        let (asset, value, home) = (&row[66..70], &row[70..78], &row[78..82]);
        assert_eq!(coins.insert(row[..32].to_vec(), [asset, home, value].concat()), None);
    }
    for row in applied.spent.chunks(SPENT_BYTES) {
        assert!(coins.remove(&row[..32]).is_some());
    }
}

/// The digest by its definition, all 65,536 buckets of it.
fn naive_digest(coins: &Coins, kernel: &Kernel) -> Bytes32 {
    let domain = kernel.domain();
    let mut level: Vec<Bytes32> = (0..=u16::MAX)
        .map(|bucket| {
            let start = bucket.to_be_bytes();
            let listed = coins.range(start.to_vec()..).take_while(|(id, _)| id[..2] == start);
            let entries: Vec<u8> = listed.flat_map(|(id, rest)| [&id[..], rest].concat()).collect();
            domain.hash(Tag::new("tongbao/unspent-bucket/1"), &[&entries])
        })
        .collect();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| domain.untagged_hash(&[&[1], &pair[0], &pair[1]])).collect();
    }
    let control = domain.hash(Tag::new("tongbao/control-state/1"), &[&kernel.control_encoding()]);
    domain.hash(Tag::new("tongbao/state/1"), &[&level[0], &control])
}

fn demand_exact(kernel: &Kernel) {
    let counted = kernel.unspent_by_asset_and_home();
    let totals = &kernel.state().totals;
    for (place, value) in &counted {
        assert!(totals[place].has_unspent(*value), "{place:?}");
    }
    for (place, each) in totals {
        assert!(each.has_unspent(counted.get(place).copied().unwrap_or(0)), "{place:?}");
    }
}

#[test]
fn the_ledgers_of_these_tests_meet_many_answers() {
    let mut runner = TestRunner::deterministic();
    let mut met = BTreeMap::<u16, u32>::new();
    for _ in 0..60 {
        let (mut kernel, mut writer) = (Kernel::new(network()).unwrap(), Writer::new());
        for wish in wishes().new_tree(&mut runner).unwrap().current() {
            let applied = apply(&mut kernel, &[writer.write(&wish).0]);
            *met.entry(applied.statuses().next().unwrap()).or_default() += 1;
        }
    }
    // Suspended, serial, frozen and not frozen, home, acceptance, inputs, quota.
    for status in [0, 102, 106, 114 + 2, 123, 126, 128, 129, 130] {
        assert!(met.contains_key(&status), "{status} is not in {met:?}");
    }
    assert!(met[&0] > met.values().sum::<u32>() / 4, "{met:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_do_what_they_say_and_totals_are_the_coins_after_each(wishes in wishes()) {
        let (mut kernel, mut writer, mut coins) = (Kernel::new(network()).unwrap(), Writer::new(), Coins::new());
        for wish in &wishes {
            let applied = apply(&mut kernel, &[writer.write(wish).0]);
            follow(&mut coins, &applied);
            demand_exact(&kernel);
        }
        prop_assert_eq!(kernel.unspent_count(), coins.len() as u64);
        prop_assert_eq!(kernel.state_digest(), naive_digest(&coins, &kernel));
    }

    #[test]
    fn a_transaction_that_is_refused_changes_nothing(wishes in wishes()) {
        let (mut kernel, mut writer) = (Kernel::new(network()).unwrap(), Writer::new());
        for wish in &wishes {
            let before = kernel.state_digest();
            let applied = apply(&mut kernel, &[writer.write(wish).0]);
            if applied.statuses().all(|status| status != 0) {
                prop_assert_eq!(kernel.state_digest(), before);
                prop_assert!(applied.created.is_empty() && applied.spent.is_empty());
            }
        }
    }

    #[test]
    fn other_batches_of_the_same_transactions_give_the_same_statuses_and_digest(
        wishes in wishes(), sizes in [1..40_usize, 1..40],
    ) {
        let mut writer = Writer::new();
        let written: Vec<_> = wishes.iter().map(|wish| writer.write(wish)).collect();
        let (mut one, mut other) = (Kernel::new(network()).unwrap(), Kernel::new(network()).unwrap());

        let statuses = apply_in_batches(&mut one, &written, sizes[0]);

        prop_assert_eq!(apply_in_batches(&mut other, &written, sizes[1]), statuses);
        prop_assert_eq!(one.state_digest(), other.state_digest());
    }

    #[test]
    fn the_digest_does_not_depend_on_when_it_was_last_asked_for(wishes in wishes()) {
        let (mut often, mut once) = (Kernel::new(network()).unwrap(), Kernel::new(network()).unwrap());
        let mut writer = Writer::new();
        for wish in &wishes {
            let (submission, _) = writer.write(wish);
            apply(&mut often, std::slice::from_ref(&submission));
            often.state_digest();
            apply(&mut once, std::slice::from_ref(&submission));
        }
        prop_assert_eq!(often.state_digest(), once.state_digest());
    }
}
