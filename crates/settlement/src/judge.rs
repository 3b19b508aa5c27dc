//! The first stage: is this submission well made? Stateless, so it runs in parallel and before ordering.
//!
//! Signatures are checked against the keys that the signed object itself carries; whether those keys are the current
//! ones is for `apply` to say.

use std::ops::Range;

use crate::acceptance::AcceptedLock;
use crate::coin::Coin;
use crate::control::Operation;
use crate::domain::Domain;
use crate::encoding::Bytes32;
use crate::genesis::Limits;
use crate::key::{PublicKey, PublicKeyRef};
use crate::rules::Rules;
use crate::status::Status;
use crate::transaction::Kind;

/// One signature that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureCheck<'a> {
    /// The number of the suite.
    pub suite: u8,
    /// The suite's own encoding of the key.
    pub key: &'a [u8],
    /// Whatever was sent as the signature.
    pub signature: &'a [u8],
    /// What it must be over.
    pub digest: Bytes32,
}

/// How signatures are verified. The rules depend on no library for it: whoever runs them brings one.
pub trait Verifier: Sync {
    /// Whether the signature is valid by the suite's one rule; never for a suite that this verifier lacks.
    fn is_valid(&self, check: &SignatureCheck<'_>) -> bool;

    /// Whether all are: exactly the conjunction of `is_valid`, however it is computed.
    fn are_all_valid(&self, checks: &[SignatureCheck<'_>]) -> bool {
        checks.iter().all(|check| self.is_valid(check))
    }

    /// Whether somebody can sign for the key, and not everybody; never for a suite that this verifier lacks.
    fn is_usable(&self, key: PublicKeyRef<'_>) -> bool;
}

/// What `judge` depends on besides the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judging {
    /// Of the network.
    pub domain: Domain,
    /// Genesis's limits.
    pub limits: Limits,
    /// The version in force.
    pub rules: Rules,
}

/// Why a submission was refused whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub status: Status,
    /// The first transaction that has it; `None` where it is the submission itself.
    pub index: Option<usize>,
    /// For people; never part of any verdict.
    pub detail: &'static str,
}

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
    inputs: Vec<IdentifiedCoin>,
    outputs: Vec<IdentifiedCoin>,
    acceptances: Vec<JudgedAcceptance>,
    approving: Vec<PublicKey>,
}

impl JudgedSubmission {
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
