//! A snapshot, and the digest of the same state, while settlement goes on.
//!
//! Settlement copies some buckets now and then and remembers what changes in the others; sorting, hashing and writing
//! are done by whoever holds the writer, in a thread of its own if it likes:
//!
//! ```no_run
//! # use settlement::kernel::Kernel;
//! # fn run(mut kernel: Kernel, mut file: std::fs::File) -> std::io::Result<()> {
//! let mut writer = kernel.begin_snapshot();
//! while let Some(copied) = kernel.copy_buckets(10_000) {
//!     writer.write(copied, &mut file)?; // and between two of these, batches may be applied
//! }
//! let written = writer.finish(&mut file)?;
//! kernel.adopt(written);
//! # Ok(())
//! # }
//! ```

use std::io::{self, Write};

use super::Kernel;
use super::digest::{self, UnspentTree, sort};
use super::snapshot::CHECKSUM;
use super::unspent::CopiedBuckets;
use crate::domain::{Domain, Hasher};
use crate::encoding::Bytes32;

/// Writes a snapshot of the state at one sequence.
pub struct SnapshotWriter {
    domain: Domain,
    head: Option<Vec<u8>>,
    control_encoding: Vec<u8>,
    hasher: Hasher,
    tree: UnspentTree,
    sequence: u64,
}

/// What was found on the way.
pub struct WrittenSnapshot {
    /// Of the state that was written.
    pub sequence: u64,
    /// The digest of that state.
    pub state_digest: Bytes32,
    tree: UnspentTree,
}

impl Kernel {
    /// Begin a snapshot of the state as it is now; one that had begun before cannot be finished any more.
    pub fn begin_snapshot(&mut self) -> SnapshotWriter {
        SnapshotWriter {
            head: Some(self.snapshot_head()),
            control_encoding: self.control_encoding(),
            hasher: Hasher::new(self.genesis.domain.hash_kind, CHECKSUM),
            tree: self.unspent.begin_view(),
            domain: self.genesis.domain.clone(),
            sequence: self.sequence,
        }
    }

    /// The next buckets for the writer, of so many coins or a bucket more; `None` when it has all.
    pub fn copy_buckets(&mut self, coins_max: usize) -> Option<CopiedBuckets> {
        self.unspent.copy_buckets(coins_max)
    }

    /// Take over what was hashed for the snapshot, so that the next digest hashes only what has changed since.
    pub fn adopt(&mut self, written: WrittenSnapshot) {
        self.unspent.adopt(written.tree);
    }
}

impl SnapshotWriter {
    /// Write the next buckets, which follow those before.
    ///
    /// # Errors
    /// Those of `into`, or another snapshot has begun since.
    pub fn write(&mut self, copied: CopiedBuckets, into: &mut impl Write) -> io::Result<()> {
        if copied.view != self.tree.number() {
            return Err(io::Error::other("another snapshot has begun since"));
        }
        if let Some(head) = self.head.take() {
            self.put(&head, into)?;
        }
        let CopiedBuckets { buckets, mut rows, .. } = copied;
        sort(&mut rows);
        self.put(rows.as_flattened(), into)?;
        self.tree.hash_buckets(buckets, &rows, &self.domain);
        Ok(())
    }

    /// Write the checksum, after all buckets.
    ///
    /// # Errors
    /// Those of `into`.
    pub fn finish(mut self, into: &mut impl Write) -> io::Result<WrittenSnapshot> {
        into.write_all(&self.hasher.finish())?;
        let root = self.tree.join_hashed(&self.domain);
        let state_digest = digest::state_digest(&root, &self.control_encoding, &self.domain);
        Ok(WrittenSnapshot { sequence: self.sequence, state_digest, tree: self.tree })
    }

    fn put(&mut self, bytes: &[u8], into: &mut impl Write) -> io::Result<()> {
        self.hasher.update(bytes);
        into.write_all(bytes)
    }
}
