//! Which signatures must hold, and when that is asked.

use crate::encoding::Bytes32;
use crate::key::PublicKeyRef;

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

impl<'a> SignatureCheck<'a> {
    pub(super) const fn new(key: PublicKeyRef<'a>, signature: &'a [u8], digest: Bytes32) -> Self {
        Self { suite: key.suite, key: key.key, signature, digest }
    }
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

/// How the stage asks for a signature: now, in the order of the reference, or later, all in one batch.
pub(super) trait Demand<'a> {
    /// Whether the signature holds, as far as can be told now.
    fn hold(&mut self, check: SignatureCheck<'a>) -> bool;
}

/// Asks at once, so that the first reason is found.
pub(super) struct Now<'v>(pub(super) &'v dyn Verifier);

impl<'a> Demand<'a> for Now<'_> {
    fn hold(&mut self, check: SignatureCheck<'a>) -> bool {
        self.0.is_valid(&check)
    }
}

/// Keeps what is to be asked, and goes on as if it held.
#[derive(Default)]
pub(super) struct Later<'a> {
    pub(super) checks: Vec<SignatureCheck<'a>>,
}

impl<'a> Demand<'a> for Later<'a> {
    #[inline]
    fn hold(&mut self, check: SignatureCheck<'a>) -> bool {
        self.checks.push(check);
        true
    }
}
