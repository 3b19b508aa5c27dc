//! What `judge` hands to `apply`: everything that it needs, computed once, in a few flat lists.

use std::ops::Range;

use crate::acceptance::{Acceptance, AcceptedLock};
use crate::coin::Coin;
use crate::control::Operation;
use crate::encoding::Bytes32;
use crate::key::{PublicKey, PublicKeyRef};
use crate::transaction::Kind;

/// A coin with its id, spent or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentifiedCoin {
    /// The coin's id.
    pub id: Bytes32,
    /// The coin.
    pub coin: Coin,
}

/// The terms of an acceptance whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedAcceptance {
    /// The payee's home.
    pub home: u32,
    /// Last ledger time at which it counts.
    pub expiry_ms: u64,
    /// The key that signed it.
    pub key: PublicKey,
    /// The locks that may receive.
    pub locks: Vec<AcceptedLock>,
}

impl JudgedAcceptance {
    pub(super) fn of(acceptance: &Acceptance<'_>) -> Self {
        Self {
            home: acceptance.home,
            expiry_ms: acceptance.expiry_ms,
            key: acceptance.key.to_owned(),
            locks: acceptance.locks().collect(),
        }
    }
}

/// A transaction that `judge` let pass, with all that `apply` needs of it; the lists are those of its submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedTransaction {
    /// Its id.
    pub id: Bytes32,
    /// Transfer, issue, redeem or control.
    pub kind: Kind,
    /// Last ledger time at which it may settle.
    pub expiry_ms: u64,
    /// The ledger time from which all paths are open by which its inputs were opened.
    pub opens_at_ms: u64,
    /// For issue and control; 0 elsewhere.
    pub serial: u64,
    /// Which of the submission's inputs are its own.
    pub inputs: Range<u32>,
    /// Which of the submission's outputs are its own.
    pub outputs: Range<u32>,
    /// Which of the submission's acceptances are its own.
    pub acceptances: Range<u32>,
    /// Which of the submission's approving keys are its own.
    pub approving: Range<u32>,
    /// For control; `None` elsewhere.
    pub operation: Option<Box<Operation>>,
}

/// A submission that `judge` let pass. The lists are flat, so that judging it allocates a few times in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedSubmission {
    /// The home that endorsed.
    pub home: u32,
    /// The key with which it did.
    pub key: PublicKey,
    /// The version by which it was judged.
    pub rules: u32,
    /// In the submission's order.
    pub transactions: Vec<JudgedTransaction>,
    pub(super) inputs: Vec<IdentifiedCoin>,
    pub(super) outputs: Vec<IdentifiedCoin>,
    pub(super) acceptances: Vec<JudgedAcceptance>,
    pub(super) approving: Vec<PublicKey>,
}

impl JudgedSubmission {
    /// One without transactions, with room for so many ordinary ones.
    pub(super) fn new(home: u32, key: PublicKeyRef<'_>, rules: u32, count: usize) -> Self {
        Self {
            home,
            key: key.to_owned(),
            rules,
            transactions: Vec::with_capacity(count),
            inputs: Vec::with_capacity(count),
            outputs: Vec::with_capacity(2 * count),
            acceptances: Vec::new(),
            approving: Vec::new(),
        }
    }

    /// The coins that the transaction, one of this submission's, spends.
    #[inline]
    pub fn inputs(&self, of: &JudgedTransaction) -> &[IdentifiedCoin] {
        within(&self.inputs, &of.inputs)
    }

    /// The coins that it would make, with the ids that they would have, in order.
    #[inline]
    pub fn outputs(&self, of: &JudgedTransaction) -> &[IdentifiedCoin] {
        within(&self.outputs, &of.outputs)
    }

    /// The acceptances that it carries.
    #[inline]
    pub fn acceptances(&self, of: &JudgedTransaction) -> &[JudgedAcceptance] {
        within(&self.acceptances, &of.acceptances)
    }

    /// The different keys that approve it.
    #[inline]
    pub fn approving(&self, of: &JudgedTransaction) -> &[PublicKey] {
        within(&self.approving, &of.approving)
    }
}

#[inline]
fn within<'a, T>(all: &'a [T], range: &Range<u32>) -> &'a [T] {
    &all[range.start as usize..range.end as usize]
}
