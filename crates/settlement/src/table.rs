//! The unspent coins: a table that grows one page at a time.
//!
//! Pages of up to 20 coins hang on a tree of two levels (extendible hashing; Fagin, Nievergelt, Pippenger, Strong
//! 1979). The first is an array over the first two bytes of the id, which are also the buckets of the digest; while
//! the table is small, neighbouring buckets share a page. A bucket with more coins than a page holds has a directory of
//! its own, by a hash under a secret of this process. A full page is split in two, and two pages that have become
//! empty are merged; nothing else is ever copied. So no insertion waits for the table to grow, however the ids fall.

use std::ops::Range;

mod key;
mod page;
mod pages;
mod row;

use key::{Key, PREFIX_BITS, Secret};
use page::{Page, SLOTS};
use pages::Pages;

pub use row::{ROW_BYTES, Row, RowBytes};

use crate::encoding::Bytes32;

/// Buckets of the digest: one for each first two bytes of a coin id.
pub const BUCKETS: usize = 1 << PREFIX_BITS;

/// An entry of the first level with this bit is the number of a directory, else of a page.
const DIRECTORY: u32 = 1 << 31;

/// A page with fewer coins looks whether it fits into its neighbour. One that was just split has 10 or so.
const SPARSE: u8 = 5;

/// Two pages merge if they have no more coins together: far from full, so that they are not split again at once.
const MERGED_MAX: u8 = 12;

/// Where a coin is looked for; room for them is kept by whoever touches many.
#[derive(Clone, Copy)]
pub struct Probe {
    key: Key,
    page: u32,
}

/// The unspent coins by id.
pub struct CoinTable {
    secret: Secret,
    root: Vec<u32>,
    directories: Vec<Vec<u32>>,
    free_directories: Vec<u32>,
    pages: Pages,
    count: u64,
}

impl Default for CoinTable {
    fn default() -> Self {
        let mut pages = Pages::default();
        let first = pages.add(Page::of_depth(0));
        let (directories, free_directories) = (Vec::new(), Vec::new());
        Self { secret: Secret::random(), root: vec![first; BUCKETS], directories, free_directories, pages, count: 0 }
    }
}

impl CoinTable {
    /// How many coins there are.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is no coin.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether the coin is unspent.
    #[inline]
    pub fn contains(&self, id: &Bytes32) -> bool {
        let key = self.secret.key(id);
        self.pages.get(self.page_of(key)).find(key.tag(), id).is_some()
    }

    /// The coin, if it is unspent.
    pub fn get(&self, id: &Bytes32) -> Option<&Row> {
        let key = self.secret.key(id);
        let page = self.pages.get(self.page_of(key));
        page.find(key.tag(), id).map(|slot| page.row(slot))
    }

    /// Read what insertions and removals of these coins would wait for, in one pass after another, so that misses of
    /// the cache overlap. The answer means nothing, but whoever drops it may find that nothing was read.
    pub fn touch<'a>(
        &self,
        spent: impl Iterator<Item = &'a Bytes32>,
        made: impl Iterator<Item = &'a Bytes32>,
        probes: &mut Vec<Probe>,
    ) -> u8 {
        probes.clear();
        probes.extend(spent.map(|id| Probe { key: self.secret.key(id), page: 0 }));
        let spent = probes.len();
        probes.extend(made.map(|id| Probe { key: self.secret.key(id), page: 0 }));
        for probe in probes.iter_mut() {
            probe.page = self.page_of(probe.key);
        }
        let tags = probes.iter().map(|probe| self.pages.get(probe.page).touch()).fold(0, u8::wrapping_add);
        let rows = probes[..spent].iter().map(|probe| self.pages.get(probe.page).touch_row(probe.key.tag()));
        rows.fold(tags, u8::wrapping_add)
    }

    /// Add a coin; false, and nothing is changed, where it is there already.
    #[inline]
    pub fn insert(&mut self, row: &Row) -> bool {
        let key = self.secret.key(row.id());
        let number = self.page_of(key);
        let page = self.pages.get_mut(number);
        if page.find(key.tag(), row.id()).is_some() {
            return false;
        }
        if !page.put(key.tag(), row) {
            self.insert_splitting(key, row);
        }
        self.count += 1;
        true
    }

    /// Remove a coin; false where it is not there.
    #[inline]
    pub fn remove(&mut self, id: &Bytes32) -> bool {
        let key = self.secret.key(id);
        let number = self.page_of(key);
        let page = self.pages.get_mut(number);
        let Some(slot) = page.find(key.tag(), id) else { return false };
        page.clear(slot);
        self.count -= 1;
        if page.count < SPARSE {
            self.merge(key, number);
        }
        true
    }

    /// Let `rows` be the coins of a bucket of the digest, in no order.
    pub fn collect_bucket(&self, bucket: u16, rows: &mut Vec<RowBytes>) {
        rows.clear();
        if self.collect_run(usize::from(bucket), rows).len() > 1 {
            rows.retain(|row| row[..2] == bucket.to_be_bytes());
        }
    }

    /// Append the coins of the buckets that lie together with `bucket`, in no order; return which buckets these are.
    pub fn collect_run(&self, bucket: usize, rows: &mut Vec<RowBytes>) -> Range<usize> {
        let entry = self.root[bucket];
        if entry & DIRECTORY == 0 {
            let page = self.pages.get(entry);
            rows.extend(page.rows().map(Row::as_bytes));
            return around(bucket, BUCKETS >> page.depth);
        }
        let slots = &self.directories[(entry ^ DIRECTORY) as usize];
        let mut place = 0;
        while let Some(&number) = slots.get(place) {
            let page = self.pages.get(number);
            rows.extend(page.rows().map(Row::as_bytes));
            place += slots.len() >> (page.depth - PREFIX_BITS);
        }
        bucket..bucket + 1
    }

    /// Bytes allocated for all of it.
    pub fn bytes(&self) -> usize {
        let directories: usize = self.directories.iter().map(Vec::capacity).sum();
        let words = self.root.capacity() + self.free_directories.capacity() + directories;
        size_of::<Self>()
            + words * size_of::<u32>()
            + self.directories.capacity() * size_of::<Vec<u32>>()
            + self.pages.bytes()
    }

    #[inline]
    fn page_of(&self, key: Key) -> u32 {
        let entry = self.root[usize::from(key.prefix)];
        if entry & DIRECTORY == 0 {
            return entry;
        }
        let slots = &self.directories[(entry ^ DIRECTORY) as usize];
        slots[key.hash_bits(slots.len().trailing_zeros())]
    }

    #[cold]
    fn insert_splitting(&mut self, key: Key, row: &Row) {
        loop {
            let number = self.page_of(key);
            if self.pages.get_mut(number).put(key.tag(), row) {
                return;
            }
            self.split(key, number);
        }
    }

    /// Share the coins of a page between it and a new one, by the next bit of their keys.
    fn split(&mut self, key: Key, number: u32) {
        let page = self.pages.get_mut(number);
        let depth = page.depth;
        let mut upper = Page::of_depth(depth + 1);
        page.depth = depth + 1;
        for (slot, tag) in page.taken() {
            let row = *page.row(slot);
            if self.secret.key(row.id()).bit(depth) {
                upper.put(tag, &row);
                page.clear(slot);
            }
        }
        let upper = self.pages.add(upper);
        let range = self.range(key, depth);
        let middle = range.start + range.len() / 2;
        self.slots_of(key)[middle..range.end].fill(upper);
    }

    /// The entries of one level that lead to the page of depth `depth` in which the key falls. Where the level is not
    /// deep enough to tell such a page's halves apart, it is made so.
    fn range(&mut self, key: Key, depth: u8) -> Range<usize> {
        if depth < PREFIX_BITS {
            return around(usize::from(key.prefix), BUCKETS >> depth);
        }
        let entry = self.root[usize::from(key.prefix)];
        if entry & DIRECTORY == 0 {
            self.root[usize::from(key.prefix)] = DIRECTORY | self.add_directory(entry);
        }
        let slots = self.slots_of(key);
        if slots.len() >> (depth - PREFIX_BITS) < 2 {
            *slots = slots.iter().flat_map(|&number| [number, number]).collect();
        }
        around(key.hash_bits(slots.len().trailing_zeros()), slots.len() >> (depth - PREFIX_BITS))
    }

    fn add_directory(&mut self, page: u32) -> u32 {
        let slots = vec![page; 2];
        if let Some(number) = self.free_directories.pop() {
            self.directories[number as usize] = slots;
            return number;
        }
        self.directories.push(slots);
        #[allow(clippy::cast_possible_truncation, reason = "there is one for each bucket at most")]
        let number = (self.directories.len() - 1) as u32;
        number
    }

    /// The level whose entries lead to pages for this key.
    fn slots_of(&mut self, key: Key) -> &mut Vec<u32> {
        let entry = self.root[usize::from(key.prefix)];
        if entry & DIRECTORY == 0 { &mut self.root } else { &mut self.directories[(entry ^ DIRECTORY) as usize] }
    }

    /// Move a page's few coins to the page beside it, if they fit well.
    #[cold]
    fn merge(&mut self, key: Key, number: u32) {
        let depth = self.pages.get(number).depth;
        let Some(depth) = depth.checked_sub(1) else { return };
        let Some(other) = self.neighbour(key, depth, number) else { return };
        let (from, into) = (self.pages.get(number), self.pages.get(other));
        if into.depth != depth + 1 || from.count + into.count > MERGED_MAX {
            return;
        }
        let moved = from.clone();
        let into = self.pages.get_mut(other);
        into.depth = depth;
        for (slot, tag) in moved.taken() {
            into.put(tag, moved.row(slot));
        }
        let range = self.range(key, depth);
        self.slots_of(key)[range].fill(other);
        self.pages.remove(number);
        if depth == PREFIX_BITS {
            self.drop_directory(key.prefix, other);
        }
    }

    /// The page on the other side of the bit after `depth`, unless a whole directory lies there.
    fn neighbour(&mut self, key: Key, depth: u8, number: u32) -> Option<u32> {
        let range = self.range(key, depth);
        let slots = self.slots_of(key);
        let (first, last) = (slots[range.start], slots[range.end - 1]);
        let other = if first == number { last } else { first };
        (other & DIRECTORY == 0).then_some(other)
    }

    fn drop_directory(&mut self, prefix: u16, page: u32) {
        let entry = std::mem::replace(&mut self.root[usize::from(prefix)], page) ^ DIRECTORY;
        self.directories[entry as usize] = Vec::new();
        self.free_directories.push(entry);
    }
}

/// The aligned range of `length` entries, a power of two, in which `place` lies.
fn around(place: usize, length: usize) -> Range<usize> {
    let start = place & !(length - 1);
    start..start + length
}

const _: () = assert!(SPARSE < MERGED_MAX && (MERGED_MAX as usize) < SLOTS);
