//! The unspent coins with their digest, which only what changed is hashed again for.

use super::digest::UnspentTree;
use super::transition::Contradiction;
use crate::domain::Domain;
use crate::encoding::Bytes32;
use crate::table::{CoinTable, Row};

/// Coins and tree, kept in step.
pub(super) struct Unspent {
    table: CoinTable,
    tree: UnspentTree,
}

impl Unspent {
    pub(super) fn new(domain: &Domain) -> Self {
        Self { table: CoinTable::default(), tree: UnspentTree::new(domain) }
    }

    #[inline]
    pub(super) const fn table(&self) -> &CoinTable {
        &self.table
    }

    #[inline]
    pub(super) fn insert(&mut self, row: &Row) -> Result<(), Contradiction> {
        self.tree.mark(row.bucket());
        if self.table.insert(row) { Ok(()) } else { Err(Contradiction) }
    }

    #[inline]
    pub(super) fn remove(&mut self, row: &Row) -> Result<(), Contradiction> {
        self.tree.mark(row.bucket());
        if self.table.remove(row.id()) { Ok(()) } else { Err(Contradiction) }
    }

    /// The Merkle root over all buckets.
    pub(super) fn root(&mut self, domain: &Domain) -> Bytes32 {
        self.tree.root(&self.table, domain)
    }
}
