//! Whether a batch can follow the one before.

use std::fmt;

use super::Kernel;
use crate::batch::{Batch, BatchHeader, BatchKind};
use crate::domain::Domain;
use crate::encoding::Bytes32;
use crate::forming::BatchHashes;

/// A batch that cannot follow, and why: nothing of it was applied. A journal that holds it is damaged or forged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchInvalid(pub String);

impl fmt::Display for BatchInvalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for BatchInvalid {}

/// A batch with its hashes. Neither needs the state, so another thread can compute them while batches before are
/// applied.
#[derive(Clone, Debug)]
pub struct HashedBatch<'a> {
    batch: Batch<'a>,
    hashes: BatchHashes,
}

impl<'a> HashedBatch<'a> {
    /// The batch whose whole encoding is `data`.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn of(data: &'a [u8], domain: &Domain) -> Result<Self, BatchInvalid> {
        let batch = Batch::decode(data).map_err(|error| BatchInvalid(error.to_string()))?;
        let (body_hash, chain_head) = (batch.body_hash(domain), batch.header.chain_head(domain));
        Ok(Self { batch, hashes: BatchHashes { kind: domain.hash_kind, body_hash, chain_head } })
    }

    /// The batch whose whole encoding is `data`, of which somebody has computed the hashes before: of just these bytes,
    /// for which the caller answers. Hashes of another kind than the domain's count for nothing.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn with_hashes(data: &'a [u8], hashes: BatchHashes, domain: &Domain) -> Result<Self, BatchInvalid> {
        if hashes.kind != domain.hash_kind {
            return Self::of(data, domain);
        }
        let batch = Batch::decode(data).map_err(|error| BatchInvalid(error.to_string()))?;
        Ok(Self { batch, hashes })
    }

    /// Its header.
    pub const fn header(&self) -> &BatchHeader<'a> {
        &self.batch.header
    }

    /// The hash by which the next batch names it.
    pub const fn chain_head(&self) -> &Bytes32 {
        &self.hashes.chain_head
    }

    /// Its encoded submissions.
    pub fn submissions(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.batch.submissions.iter()
    }
}

impl Kernel {
    pub(super) fn demand_fitting(&self, batch: &HashedBatch<'_>) -> Result<(), BatchInvalid> {
        let header = batch.header();
        demand(*header.network_id == self.genesis.domain.network_id, || "it is of another network".to_owned())?;
        demand(self.sequence.checked_add(1) == Some(header.sequence), || {
            format!("sequence {} does not follow {}", header.sequence, self.sequence)
        })?;
        demand(*header.previous == self.chain_head, || "it does not link to the batch before".to_owned())?;
        demand(header.rules == self.state.rules, || format!("rules {} are not in force", header.rules))?;
        demand(*header.body_hash == batch.hashes.body_hash, || "its body is not the header's".to_owned())?;
        let known = self.applied_statuses(header.applied_sequence);
        let named = header.applied_sequence;
        demand(known.is_some(), || format!("what it says was applied, {named}, is not recent"))?;
        demand(known == Some(header.applied_statuses), || format!("its writer saw other statuses in {named}"))?;
        let step_ms = i128::from(header.time_ms) - i128::from(self.time_ms);
        demand((0..=self.step_max_ms(header.kind)).contains(&step_ms), || {
            format!("ledger time may not step by {step_ms} ms")
        })
    }

    fn step_max_ms(&self, kind: BatchKind) -> i128 {
        match kind {
            BatchKind::Money => i128::from(self.rules.batch_step_max_ms),
            BatchKind::Heartbeat if self.genesis.test_network => i128::MAX,
            BatchKind::Heartbeat => i128::from(self.rules.heartbeat_step_max_ms),
        }
    }
}

pub(super) fn demand(holds: bool, reason: impl FnOnce() -> String) -> Result<(), BatchInvalid> {
    if holds { Ok(()) } else { Err(BatchInvalid(format!("the batch cannot follow: {}", reason()))) }
}
