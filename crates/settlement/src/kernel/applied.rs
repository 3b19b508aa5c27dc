//! What a batch did, in rows of bytes, which an index and receipts take as they are.

use super::transition::Proposed;
use crate::encoding::Bytes32;
use crate::status::Status;

/// Bytes of a verdict: transaction id, status.
pub const VERDICT_BYTES: usize = 34;
/// Bytes of a row of what was made: coin id, then the coin's opening (origin, index, asset, value, home, lock id).
pub const CREATED_BYTES: usize = 114;
/// Bytes of a row of what was spent: coin id, id of the transaction that spent it.
pub const SPENT_BYTES: usize = 64;

/// What a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppliedBatch {
    /// Its place.
    pub sequence: u64,
    /// By which the next batch names it.
    pub chain_head: Bytes32,
    /// One row for each transaction, in the batch's order over all its submissions.
    pub verdicts: Vec<u8>,
    /// One row for each coin that was made, in the order of making.
    pub created: Vec<u8>,
    /// One row for each coin that was spent.
    pub spent: Vec<u8>,
}

impl AppliedBatch {
    /// Nothing done yet, with room for transactions of one input and two outputs.
    pub(super) fn following(sequence: u64, chain_head: Bytes32, transactions: usize) -> Self {
        Self {
            sequence,
            chain_head,
            verdicts: Vec::with_capacity(transactions * VERDICT_BYTES),
            created: Vec::with_capacity(transactions * 2 * CREATED_BYTES),
            spent: Vec::with_capacity(transactions * SPENT_BYTES),
        }
    }

    /// The statuses alone.
    pub fn statuses(&self) -> impl ExactSizeIterator<Item = u16> {
        self.verdicts.as_chunks::<VERDICT_BYTES>().0.iter().map(|row| u16::from_be_bytes([row[32], row[33]]))
    }

    pub(super) fn add_verdict(&mut self, id: &Bytes32, status: Status) {
        let mut row = [0; VERDICT_BYTES];
        row[..32].copy_from_slice(id);
        row[32..].copy_from_slice(&status.number().to_be_bytes());
        self.verdicts.extend_from_slice(&row);
    }

    #[inline]
    pub(super) fn add_settled(&mut self, proposed: &Proposed<'_>) {
        let id = &proposed.judged.id;
        self.add_verdict(id, Status::Settled);
        for spent in proposed.inputs {
            let mut row = [0; SPENT_BYTES];
            row[..32].copy_from_slice(&spent.id);
            row[32..].copy_from_slice(id);
            self.spent.extend_from_slice(&row);
        }
        for (index, made) in (0_u16..).zip(proposed.outputs) {
            let mut row = [0; CREATED_BYTES];
            row[..32].copy_from_slice(&made.id);
            row[32..64].copy_from_slice(id);
            row[64..66].copy_from_slice(&index.to_be_bytes());
            row[66..].copy_from_slice(&made.coin.encode());
            self.created.extend_from_slice(&row);
        }
    }
}
