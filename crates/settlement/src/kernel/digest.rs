//! The state digest: one hash of everything that can change an outcome, however the history was batched.
//!
//! Unspent coins fall into 2^16 buckets by the first two bytes of their id. A bucket's hash is over its coins in
//! ascending order; a Merkle tree (RFC 6962 node hashing) joins the buckets. Only what changed is hashed again.

use std::ops::Range;

use super::state::{Institution, State};
use crate::domain::{Domain, Tag};
use crate::encoding::Bytes32;
use crate::table::{BUCKETS, CoinTable, RowBytes};

const BUCKET: Tag = Tag::new("tongbao/unspent-bucket/1");
const CONTROL_STATE: Tag = Tag::new("tongbao/control-state/1");
const STATE: Tag = Tag::new("tongbao/state/1");
const NODE: u8 = 1; // RFC 6962, section 2.1

/// A set of buckets.
#[derive(Clone)]
struct Marks(Vec<u64>);

impl Marks {
    fn none() -> Self {
        Self(vec![0; BUCKETS / 64])
    }

    #[inline]
    fn add(&mut self, bucket: u16) {
        self.0[usize::from(bucket) / 64] |= 1 << (bucket % 64);
    }

    fn add_all(&mut self, others: &Self) {
        for (word, other) in self.0.iter_mut().zip(&others.0) {
            *word |= other;
        }
    }

    fn contains(&self, bucket: u16) -> bool {
        self.0[usize::from(bucket) / 64] >> (bucket % 64) & 1 == 1
    }

    fn drain(&mut self) -> Vec<u16> {
        let marks = std::mem::replace(self, Self::none());
        (0..=u16::MAX).filter(|&bucket| marks.contains(bucket)).collect()
    }
}

/// The Merkle tree over the buckets, and which of them have changed since it was computed.
pub(super) struct UnspentTree {
    /// The root at 1, the children of n at 2n and 2n + 1, the buckets from `BUCKETS` on.
    nodes: Vec<Bytes32>,
    changed: Marks,
    /// What had changed when the tree was forked last, and how often it has been: until the fork comes back.
    forked: Option<Marks>,
    forks: u64,
}

impl UnspentTree {
    /// The tree over no coins.
    pub(super) fn new(domain: &Domain) -> Self {
        let mut nodes = vec![domain.hash(BUCKET, &[]); 2 * BUCKETS];
        let mut first = BUCKETS;
        while first > 1 {
            first /= 2;
            let node = node_hash(&nodes[2 * first], &nodes[2 * first + 1], domain);
            nodes[first..2 * first].fill(node);
        }
        Self { nodes, changed: Marks::none(), forked: None, forks: 0 }
    }

    /// Note that a bucket changes.
    #[inline]
    pub(super) fn mark(&mut self, bucket: u16) {
        self.changed.add(bucket);
    }

    /// The root, after hashing the changed buckets and what lies above them.
    pub(super) fn root(&mut self, table: &CoinTable, domain: &Domain) -> Bytes32 {
        self.forget_fork();
        let mut rows = Vec::new();
        let mut changed = Vec::new();
        for bucket in self.changed.drain() {
            table.collect_bucket(bucket, &mut rows);
            let place = BUCKETS + usize::from(bucket);
            self.nodes[place] = bucket_hash(&mut rows, domain);
            changed.push(place / 2);
        }
        self.join(changed, domain);
        self.nodes[1]
    }

    /// The tree as it is now with what has changed in it, to be hashed elsewhere while this one goes on.
    pub(super) fn fork(&mut self) -> Self {
        self.forget_fork();
        self.forks += 1;
        let changed = std::mem::replace(&mut self.changed, Marks::none());
        self.forked = Some(changed.clone());
        Self { nodes: self.nodes.clone(), changed, forked: None, forks: self.forks }
    }

    /// How often it, or the tree that it is a fork of, had been forked.
    pub(super) const fn number(&self) -> u64 {
        self.forks
    }

    /// Take over a fork's nodes, unless it is not the last or this tree has been hashed meanwhile.
    pub(super) fn adopt(&mut self, fork: Self) {
        if fork.forks == self.forks && self.forked.take().is_some() {
            self.nodes = fork.nodes;
        }
    }

    /// The fork will not come back, so what it was to hash is for this tree.
    fn forget_fork(&mut self) {
        if let Some(changed) = self.forked.take() {
            self.changed.add_all(&changed);
        }
    }

    /// Hash those of the buckets that have changed; `rows` are the coins of all of them in ascending order.
    pub(super) fn hash_buckets(&mut self, buckets: Range<usize>, mut rows: &[RowBytes], domain: &Domain) {
        for place in buckets {
            let Ok(bucket) = u16::try_from(place) else { return };
            let (these, others) = rows.split_at(rows.partition_point(|row| row[..2] <= bucket.to_be_bytes()[..]));
            if self.changed.contains(bucket) {
                self.nodes[BUCKETS + place] = domain.hash(BUCKET, &[these.as_flattened()]);
            }
            rows = others;
        }
    }

    /// The root, after all changed buckets have been hashed.
    pub(super) fn join_hashed(&mut self, domain: &Domain) -> Bytes32 {
        let changed = self.changed.drain();
        self.join(changed.into_iter().map(|bucket| usize::midpoint(BUCKETS, bucket.into())).collect(), domain);
        self.nodes[1]
    }

    /// Hash the nodes at these ascending places of one level again, and all above them.
    fn join(&mut self, mut changed: Vec<usize>, domain: &Domain) {
        while changed.first().is_some_and(|&place| place > 0) {
            changed.dedup();
            for place in &mut changed {
                self.nodes[*place] = node_hash(&self.nodes[2 * *place], &self.nodes[2 * *place + 1], domain);
                *place /= 2;
            }
        }
    }
}

/// The hash of a bucket's coins, which are put in order.
pub(super) fn bucket_hash(rows: &mut [RowBytes], domain: &Domain) -> Bytes32 {
    sort(rows);
    domain.hash(BUCKET, &[rows.as_flattened()])
}

/// Put coins into ascending order.
pub(super) fn sort(rows: &mut [RowBytes]) {
    rows.sort_unstable_by(|one, other| leading(one).cmp(&leading(other)).then_with(|| one.cmp(other)));
}

/// What nearly always decides the order of two coins of a bucket.
fn leading(row: &RowBytes) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&row[..16]);
    u128::from_be_bytes(bytes)
}

fn node_hash(left: &Bytes32, right: &Bytes32, domain: &Domain) -> Bytes32 {
    domain.untagged_hash(&[&[NODE], left, right])
}

/// The digest over the root of the unspent coins and the rest of the state.
pub(super) fn state_digest(unspent_root: &Bytes32, control_encoding: &[u8], domain: &Domain) -> Bytes32 {
    let control = domain.hash(CONTROL_STATE, &[control_encoding]);
    domain.hash(STATE, &[unspent_root, &control])
}

/// Totals and everything that control has set, canonical: sorted, counted, big-endian.
pub(super) fn control_encoding(state: &State) -> Vec<u8> {
    let mut receipt_keys: Vec<_> = state.receipt_keys.iter().map(|key| part(|into| key.encode(into))).collect();
    receipt_keys.sort_unstable();
    let mut all = Vec::new();
    append_section(
        &mut all,
        state.totals.iter().map(|(&(asset, home), each)| {
            let sums = [each.issued, each.redeemed, each.inflow, each.outflow].map(u128::to_be_bytes);
            [&asset.to_be_bytes()[..], &home.to_be_bytes(), sums.as_flattened()].concat()
        }),
    );
    append_section(&mut all, state.institutions.iter().map(|(&home, each)| institution(home, each)));
    append_section(
        &mut all,
        state.quotas.iter().map(|(&(asset, home), quota)| {
            [&asset.to_be_bytes()[..], &home.to_be_bytes(), &quota.to_be_bytes()].concat()
        }),
    );
    append_section(&mut all, state.authorities.values().map(|each| part(|into| each.encode(into))));
    append_section(
        &mut all,
        state
            .assets
            .iter()
            .map(|(asset, each)| [&asset.to_be_bytes()[..], &[u8::from(each.active)], each.code.as_bytes()].concat()),
    );
    append_section(
        &mut all,
        state
            .frozen
            .iter()
            .map(|(&(target, id), since_ms)| [&[target as u8][..], &id, &since_ms.to_be_bytes()].concat()),
    );
    append_section(
        &mut all,
        state
            .serials
            .iter()
            .map(|((authority, subject), serial)| [&[*authority as u8][..], subject, &serial.to_be_bytes()].concat()),
    );
    append_section(&mut all, receipt_keys.into_iter());
    let rest = [&state.rules.to_be_bytes()[..], &state.expired_before_ms.to_be_bytes()].concat();
    append_section(&mut all, std::iter::once(rest));
    all
}

fn institution(home: u32, each: &Institution) -> Vec<u8> {
    let successor = each.successor.map_or_else(Vec::new, |successor| successor.to_be_bytes().to_vec());
    let substitute = each.substitute.as_ref().map_or_else(Vec::new, |key| part(|into| key.encode(into)));
    let mut encoded = [&home.to_be_bytes()[..], &[u8::from(each.suspended)]].concat();
    for sized in [part(|into| each.key.encode(into)), successor, substitute] {
        append_sized(&mut encoded, &sized);
    }
    encoded
}

fn part(append: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut part = Vec::new();
    append(&mut part);
    part
}

fn append_section(all: &mut Vec<u8>, parts: impl ExactSizeIterator<Item = Vec<u8>>) {
    append_length(all, parts.len());
    parts.for_each(|part| append_sized(all, &part));
}

fn append_sized(all: &mut Vec<u8>, part: &[u8]) {
    append_length(all, part.len());
    all.extend_from_slice(part);
}

#[allow(clippy::cast_possible_truncation, reason = "the control state is far smaller than 4 GiB")]
fn append_length(all: &mut Vec<u8>, length: usize) {
    all.extend_from_slice(&(length as u32).to_be_bytes());
}
