//! Snapshots and digests that are made while settlement goes on.

use proptest::prelude::*;
use settlement::kernel::Kernel;

use crate::network::network;
use crate::story::{Wish, Writer, apply, wishes};

fn written(kernel: &Kernel) -> Vec<u8> {
    let mut bytes = Vec::new();
    kernel.write_snapshot(&mut bytes).unwrap();
    bytes
}

fn settle(kernel: &mut Kernel, writer: &mut Writer, wishes: &[Wish]) {
    for wish in wishes {
        apply(kernel, &[writer.write(wish).0]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_snapshot_is_of_the_moment_when_it_began_however_much_settles_meanwhile(
        before in wishes(), during in prop::collection::vec(wishes(), 1..6), coins_max in 1..20_usize,
    ) {
        let (mut kernel, mut story) = (Kernel::new(network()).unwrap(), Writer::new());
        settle(&mut kernel, &mut story, &before);
        let (expected, digest) = (written(&kernel), kernel.state_digest());
        let (mut bytes, mut during) = (Vec::new(), during.into_iter());

        let mut writer = kernel.begin_snapshot();
        while let Some(copied) = kernel.copy_buckets(coins_max) {
            writer.write(copied, &mut bytes).unwrap();
            settle(&mut kernel, &mut story, &during.next().unwrap_or_default());
        }
        let finished = writer.finish(&mut bytes).unwrap();

        prop_assert_eq!(bytes, expected);
        prop_assert_eq!(finished.state_digest, digest);
    }

    #[test]
    fn a_digest_after_a_snapshot_counts_what_settled_meanwhile(
        stories in [wishes(), wishes(), wishes()], coins_max in 1..20_usize, adopts: bool, asks: bool,
    ) {
        let (mut kernel, mut story) = (Kernel::new(network()).unwrap(), Writer::new());
        let (mut other, mut other_story) = (Kernel::new(network()).unwrap(), Writer::new());
        for wishes in &stories {
            let mut writer = kernel.begin_snapshot();
            let mut bytes = Vec::new();
            settle(&mut kernel, &mut story, wishes);
            if asks {
                kernel.state_digest();
            }
            while let Some(copied) = kernel.copy_buckets(coins_max) {
                writer.write(copied, &mut bytes).unwrap();
            }
            let finished = writer.finish(&mut bytes).unwrap();
            if adopts {
                kernel.adopt(finished);
            }
            settle(&mut other, &mut other_story, wishes);
        }

        prop_assert_eq!(kernel.state_digest(), other.state_digest());
    }
}

#[test]
fn a_snapshot_that_was_given_up_is_followed_by_a_whole_one() {
    let (mut kernel, mut story) = (Kernel::new(network()).unwrap(), Writer::new());
    let issue = Wish { what: crate::story::What::Issue, choices: [0, 5000, 3, 1] };
    settle(&mut kernel, &mut story, &[issue.clone(), issue.clone()]);
    let mut given_up = kernel.begin_snapshot();
    kernel.copy_buckets(1);
    settle(&mut kernel, &mut story, &[issue]);
    let (expected, mut bytes) = (written(&kernel), Vec::new());

    kernel.begin_snapshot();
    assert!(given_up.write(kernel.copy_buckets(1).unwrap(), &mut Vec::new()).is_err());
    let mut writer = kernel.begin_snapshot();
    while let Some(copied) = kernel.copy_buckets(2) {
        writer.write(copied, &mut bytes).unwrap();
    }
    let finished = writer.finish(&mut bytes).unwrap();

    assert_eq!(bytes, expected);
    assert_eq!(finished.state_digest, kernel.state_digest());
}
