//! Snapshots that are not what was written.

use std::fmt::Debug;

use settlement::domain::{Hasher, Tag};
use settlement::kernel::{Kernel, SnapshotError};

use crate::network::{OTHER_HOME, network};
use crate::story::{What, Wish, Writer, apply};

const CHECKSUM_BYTES: usize = 32;
const ROW_BYTES: usize = 48;

/// A ledger with coins, frozen ones among them, at two homes.
fn kernel() -> Kernel {
    let (mut kernel, mut writer) = (Kernel::new(network()).unwrap(), Writer::new());
    let wish = |what, choices| Wish { what, choices };
    for wish in [
        wish(What::Issue, [0, 5000, 3, 1]),
        wish(What::Issue, [1, 7000, 3, 1]),
        wish(What::TransferAway, [0, 3, 100, 0]),
        wish(What::Redeem, [5, 0, 0, 0]),
        wish(What::Freeze, [1, 0, 0, 3]),
    ] {
        let applied = apply(&mut kernel, &[writer.write(&wish).0]);
        assert!(applied.statuses().all(|status| status == 0), "{wish:?}: {:?}", applied.statuses().collect::<Vec<_>>());
    }
    kernel
}

fn written(kernel: &Kernel) -> Vec<u8> {
    let mut bytes = Vec::new();
    kernel.write_snapshot(&mut bytes).unwrap();
    bytes
}

fn restored(snapshot: &[u8]) -> Result<Kernel, SnapshotError> {
    Kernel::from_snapshot(network(), snapshot)
}

/// The same content with the checksum that belongs to it.
fn signed(snapshot: &[u8]) -> Vec<u8> {
    let content = &snapshot[..snapshot.len() - CHECKSUM_BYTES];
    let mut hasher = Hasher::new(network().domain.hash_kind, Tag::new("tongbao/snapshot/1"));
    hasher.update(content);
    [content, &hasher.finish()].concat()
}

fn reason<T>(outcome: Result<T, SnapshotError>) -> &'static str {
    match outcome.map(drop) {
        Err(SnapshotError::Damaged(reason)) => reason,
        other => panic!("{:?}", other.as_ref().map_or_else(|error| error as &dyn Debug, |()| &"it was taken")),
    }
}

#[test]
fn a_snapshot_with_any_byte_changed_is_refused() {
    let bytes = written(&kernel());
    for place in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[place] ^= 1 << (place % 8);

        assert_eq!(reason(restored(&bent)), "its checksum is wrong", "byte {place}");
    }
}

#[test]
fn a_changed_byte_whose_checksum_was_mended_is_refused_or_is_another_snapshot_in_its_one_form() {
    let bytes = written(&kernel());
    let mut taken = 0;
    for place in 0..bytes.len() - CHECKSUM_BYTES {
        let mut bent = bytes.clone();
        bent[place] ^= 1 << (place % 8);
        let bent = signed(&bent);

        if let Ok(kernel) = restored(&bent) {
            assert_eq!(written(&kernel), bent, "byte {place}");
            taken += 1;
        }
    }
    assert!(taken > 0); // such as another chain head: the checksum is no proof of who wrote it
}

#[test]
fn a_snapshot_that_is_cut_or_has_more_behind_it_is_refused() {
    let bytes = written(&kernel());
    for end in (0..bytes.len()).step_by(7) {
        assert_eq!(reason(restored(&bytes[..end])), "its checksum is wrong", "{end} bytes");
    }
    assert_eq!(reason(restored(&[&bytes[..], &[0]].concat())), "its checksum is wrong");
    let longer = signed(&[&bytes[..bytes.len() - CHECKSUM_BYTES], &[0; 1 + CHECKSUM_BYTES]].concat());
    assert_eq!(reason(restored(&longer)), "there are bytes too many");
}

#[test]
fn coins_that_do_not_ascend_or_are_not_the_totals_are_refused() {
    let bytes = written(&kernel());
    let rows = bytes.len() - CHECKSUM_BYTES - usize::try_from(kernel().unspent_count()).unwrap() * ROW_BYTES;
    let mut swapped = bytes.clone();
    swapped[rows..rows + 2 * ROW_BYTES].rotate_left(ROW_BYTES);
    let mut repeated = bytes.clone();
    repeated.copy_within(rows..rows + ROW_BYTES, rows + ROW_BYTES);
    let mut dearer = bytes.clone();
    dearer[rows + ROW_BYTES - 1] ^= 1;
    let mut elsewhere = bytes.clone();
    elsewhere[rows + 39] = u8::try_from(OTHER_HOME + 1).unwrap();

    assert_eq!(reason(restored(&signed(&swapped))), "its coins do not ascend");
    assert_eq!(reason(restored(&signed(&repeated))), "its coins do not ascend");
    assert_eq!(reason(restored(&signed(&dearer))), "its coins are not its totals");
    assert_eq!(reason(restored(&signed(&elsewhere))), "its coins are not its totals");
}

#[test]
fn a_snapshot_of_another_form_or_network_is_refused() {
    let bytes = written(&kernel());
    let mut other_form = bytes.clone();
    other_form[7] = b'2';
    let mut other_network = bytes;
    other_network[8] ^= 1;

    assert_eq!(reason(restored(&signed(&other_form))), "it is of an unknown version");
    assert_eq!(reason(restored(&signed(&other_network))), "it is of another network");
}

#[test]
fn a_kernel_goes_on_from_its_snapshot_as_if_nothing_had_been() {
    let (mut kernel, mut writer) = (Kernel::new(network()).unwrap(), Writer::new());
    let issue = Wish { what: What::Issue, choices: [0, 5000, 3, 1] };
    apply(&mut kernel, &[writer.write(&issue).0]);
    let mut restored = restored(&written(&kernel)).unwrap();
    let next = writer.write(&Wish { what: What::Transfer, choices: [1, 2, 3, 4] }).0;

    let applied = apply(&mut restored, std::slice::from_ref(&next));

    assert_eq!(apply(&mut kernel, &[next]), applied);
    assert_eq!(restored.state_digest(), kernel.state_digest());
}
