//! Everything that is hashed of some transactions, before any of them is looked at: so their hashes are made side by side.

use crate::domain::Domain;
use crate::encoding::{Bytes32, DecodingError};
use crate::many::Many;
use crate::transaction::{Transaction, push_spend_digest};

/// Transactions that are hashed together: enough to fill the lanes, few enough to stay in the nearest caches.
pub(super) const TOGETHER: usize = 32;

/// What is hashed of one transaction.
pub(super) struct Hashes<'h> {
    pub(super) id: &'h Bytes32,
    /// Of the coins that are spent, in order.
    pub(super) inputs: &'h [Bytes32],
    /// Of the coins that would be made, in order.
    pub(super) outputs: &'h [Bytes32],
    /// Of the revealed locks, in the witnesses' order; none where they were not asked for.
    pub(super) locks: &'h [Bytes32],
    /// What owners sign; where locks were asked for.
    pub(super) spend: Option<&'h Bytes32>,
}

/// Which hashes are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// What judging takes.
    All,
    /// Only what applying takes.
    Ids,
}

/// The hashes of some transactions; kept from one group to the next for its memory.
pub(super) struct Hashing {
    wanted: Wanted,
    ids: Many,
    inputs: Many,
    outputs: Many,
    locks: Many,
    spends: Many,
}

/// Transactions as they were decoded.
pub(super) type Decoded<'a> = Vec<Result<Transaction<'a>, DecodingError>>;

impl Hashing {
    pub(super) fn of(domain: &Domain, wanted: Wanted) -> Self {
        let [ids, inputs, outputs, locks, spends] = [(); 5].map(|()| Many::of(domain.hash_kind));
        Self { wanted, ids, inputs, outputs, locks, spends }
    }

    /// Hash everything of these that can be decoded.
    pub(super) fn hash(&mut self, decoded: &Decoded<'_>, domain: &Domain) {
        for many in [&mut self.ids, &mut self.inputs, &mut self.outputs, &mut self.locks, &mut self.spends] {
            many.clear();
        }
        let transactions = || decoded.iter().filter_map(|each| each.as_ref().ok());
        for transaction in transactions() {
            transaction.push_id(&domain.network_id, &mut self.ids);
            transaction.body.inputs.push_coin_ids(&mut self.inputs);
            if self.wanted == Wanted::All {
                transaction.witnesses.iter().for_each(|witness| witness.lock.push_id(&mut self.locks));
            }
        }
        for (transaction, id) in transactions().zip(self.ids.finish()) {
            transaction.body.outputs.push_ids(id, &mut self.outputs);
            if self.wanted == Wanted::All {
                push_spend_digest(id, &mut self.spends);
            }
        }
        for many in [&mut self.inputs, &mut self.outputs, &mut self.locks, &mut self.spends] {
            many.finish();
        }
    }

    /// The transactions, as far as each could be decoded, with their hashes.
    pub(super) fn each<'h, 'a>(
        &'h self,
        decoded: Decoded<'a>,
    ) -> impl Iterator<Item = Result<(Transaction<'a>, Hashes<'h>), DecodingError>> {
        let [mut ids, mut inputs, mut outputs, mut locks, mut spends] =
            [&self.ids, &self.inputs, &self.outputs, &self.locks, &self.spends].map(Many::hashes);
        let wants_locks = self.wanted == Wanted::All;
        decoded.into_iter().map(move |transaction| {
            let transaction = transaction?;
            let lock_count = if wants_locks { transaction.witnesses.len() } else { 0 };
            let hashes = Hashes {
                id: &next(&mut ids, 1)[0],
                inputs: next(&mut inputs, transaction.body.inputs.len()),
                outputs: next(&mut outputs, transaction.body.outputs.len()),
                locks: next(&mut locks, lock_count),
                spend: next(&mut spends, usize::from(wants_locks)).first(),
            };
            Ok((transaction, hashes))
        })
    }
}

/// The next so many hashes.
fn next<'h>(left: &mut &'h [Bytes32], count: usize) -> &'h [Bytes32] {
    let (first, rest) = left.split_at(count);
    *left = rest;
    first
}
