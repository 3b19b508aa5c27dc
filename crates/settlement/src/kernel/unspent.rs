//! The unspent coins with their digest, and with what they were when a snapshot began.

use std::collections::BTreeMap;

use super::digest::UnspentTree;
use super::transition::Contradiction;
use crate::domain::Domain;
use crate::encoding::Bytes32;
use crate::table::{BUCKETS, CoinTable, Row, RowBytes};

/// Coins and tree, kept in step.
pub(super) struct Unspent {
    table: CoinTable,
    tree: UnspentTree,
    view: Option<View>,
}

/// What has changed since a snapshot began, in the buckets that it has not reached yet.
#[derive(Default)]
struct View {
    number: u64,
    reached: usize,
    changes: BTreeMap<u16, Vec<Change>>,
}

#[derive(Clone, Copy)]
struct Change {
    row: Row,
    inserted: bool,
}

/// Some buckets' coins as they were when a snapshot began, in no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedBuckets {
    pub(super) view: u64,
    pub(super) buckets: std::ops::Range<usize>,
    pub(super) rows: Vec<RowBytes>,
}

impl Unspent {
    pub(super) fn new(domain: &Domain) -> Self {
        Self { table: CoinTable::default(), tree: UnspentTree::new(domain), view: None }
    }

    #[inline]
    pub(super) const fn table(&self) -> &CoinTable {
        &self.table
    }

    #[inline]
    pub(super) fn insert(&mut self, row: &Row) -> Result<(), Contradiction> {
        self.note(row, true);
        if self.table.insert(row) { Ok(()) } else { Err(Contradiction) }
    }

    #[inline]
    pub(super) fn remove(&mut self, row: &Row) -> Result<(), Contradiction> {
        self.note(row, false);
        if self.table.remove(row.id()) { Ok(()) } else { Err(Contradiction) }
    }

    #[inline]
    fn note(&mut self, row: &Row, inserted: bool) {
        let bucket = row.bucket();
        self.tree.mark(bucket);
        if let Some(view) = &mut self.view
            && usize::from(bucket) >= view.reached
        {
            view.changes.entry(bucket).or_default().push(Change { row: *row, inserted });
        }
    }

    /// The Merkle root over all buckets.
    pub(super) fn root(&mut self, domain: &Domain) -> Bytes32 {
        self.tree.root(&self.table, domain)
    }

    /// Begin to remember what the coins are now; return the tree as it is now.
    pub(super) fn begin_view(&mut self) -> UnspentTree {
        let tree = self.tree.fork();
        self.view = Some(View { number: tree.number(), ..View::default() });
        tree
    }

    /// Copy at least one bucket as it was when the view began, and more up to so many coins; `None` after the last.
    pub(super) fn copy_buckets(&mut self, coins_max: usize) -> Option<CopiedBuckets> {
        let view = self.view.as_mut()?;
        let start = view.reached;
        let mut rows = Vec::new();
        while view.reached < BUCKETS && (view.reached == start || rows.len() < coins_max) {
            let copied = rows.len();
            let run = self.table.collect_run(view.reached, &mut rows);
            let mut changes = Vec::new();
            while let Some(first) = view.changes.first_entry()
                && usize::from(*first.key()) < run.end
            {
                changes.append(&mut first.remove());
            }
            take_back(changes, copied, &mut rows);
            // Pages may have been merged since the bucket before was copied, so that the run begins there.
            if run.start < view.reached {
                let old = rows.split_off(copied);
                rows.extend(old.into_iter().filter(|row| usize::from(Row::from_bytes(*row).bucket()) >= view.reached));
            }
            view.reached = run.end;
        }
        if start == BUCKETS {
            self.view = None;
            return None;
        }
        Some(CopiedBuckets { view: view.number, buckets: start..view.reached, rows })
    }

    /// Take over what another thread has hashed of the tree that the last view began with.
    pub(super) fn adopt(&mut self, tree: UnspentTree) {
        self.tree.adopt(tree);
    }
}

/// Undo changes in the rows from `start` on.
fn take_back(changes: Vec<Change>, start: usize, rows: &mut Vec<RowBytes>) {
    let mut undone = BTreeMap::new();
    for change in changes {
        // A coin is made once and ended once: what was made since was not there, whether or not it has been ended.
        undone.entry(*change.row.id()).or_insert(change);
    }
    if undone.is_empty() {
        return;
    }
    let now = rows.split_off(start);
    rows.extend(now.into_iter().filter(|row| !undone.contains_key(Row::from_bytes(*row).id())));
    rows.extend(undone.values().filter(|change| !change.inserted).map(|change| *change.row.as_bytes()));
}
