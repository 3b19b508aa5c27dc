//! The Merkle tree over a batch's verdicts, from which receipts are taken: RFC 6962 over leaves of their own.

use crate::domain::{Domain, FixedTag};
use crate::encoding::Bytes32;
use crate::kernel::VERDICT_BYTES;

const LEAF: FixedTag<{ VERDICT_BYTES + 8 }> = FixedTag::new("tongbao/receipt-leaf/1");

/// The levels of the tree over rows of verdicts of the batch `sequence`, leaves first, root last, the hashes of each
/// level joined; one empty level where there is no verdict. A lone node at the end of a level rises as it is.
pub fn levels(verdicts: &[u8], sequence: u64, domain: &Domain) -> Vec<Vec<u8>> {
    let sequence = sequence.to_be_bytes();
    let leaves: Vec<Bytes32> = verdicts
        .as_chunks::<VERDICT_BYTES>()
        .0
        .iter()
        .map(|row| domain.untagged_hash(&[&[0], &domain.hash_fixed(&LEAF, &[row, &sequence])]))
        .collect();
    let mut levels = vec![leaves];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let (pairs, lone) = below.as_chunks::<2>();
        let mut above: Vec<Bytes32> =
            pairs.iter().map(|[left, right]| domain.untagged_hash(&[&[1], left, right])).collect();
        above.extend(lone);
        levels.push(above);
    }
    levels.into_iter().map(|level| level.as_flattened().to_vec()).collect()
}
