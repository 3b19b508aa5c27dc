//! A page: up to 20 coins in 1,024 bytes, found by a byte of their keyed hash.

use super::row::{ROW_BYTES, Row};
use crate::encoding::Bytes32;

/// Coins in a page: with one cache line for their tags they fill a quarter of the unit in which memory is addressed.
pub(super) const SLOTS: usize = 20;

const LANES: usize = 8; // tags in a word
const WORDS: usize = SLOTS.div_ceil(LANES);
const PADDING: usize = 64 - 2 - WORDS * 8;
const ALL_SLOTS: u64 = (1 << SLOTS) - 1;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Coins whose keys begin with the same bits.
#[derive(Clone)]
#[repr(C, align(64))]
pub(super) struct Page {
    /// One byte for each slot: 0 where it is free, else the coin's tag.
    tags: [u64; WORDS],
    /// How many bits of the key all its coins share.
    pub(super) depth: u8,
    /// How many slots are taken.
    pub(super) count: u8,
    _to_the_end_of_the_line: [u8; PADDING],
    rows: [Row; SLOTS],
}

impl Page {
    /// A page without coins.
    pub(super) fn of_depth(depth: u8) -> Self {
        let tags = [0; WORDS];
        Self { tags, depth, count: 0, _to_the_end_of_the_line: [0; PADDING], rows: [Row::EMPTY; SLOTS] }
    }

    /// Read the line with the tags, so that it is near when it is needed.
    #[inline]
    pub(super) fn touch(&self) -> u8 {
        self.depth
    }

    /// Read a line of the row that has this tag, or of the first row where none has.
    #[inline]
    pub(super) fn touch_row(&self, tag: u8) -> u8 {
        // The bit beyond the last slot keeps the number within them where none has the tag.
        let slot = (self.slots_of(tag) | 1 << SLOTS).trailing_zeros() as usize % SLOTS;
        self.rows[slot].last_byte()
    }

    /// The slot of a coin.
    #[inline]
    pub(super) fn find(&self, tag: u8, id: &Bytes32) -> Option<usize> {
        let mut slots = self.slots_of(tag);
        while slots != 0 {
            let slot = slots.trailing_zeros() as usize;
            if self.rows[slot].id() == id {
                return Some(slot);
            }
            slots &= slots - 1;
        }
        None
    }

    /// The row in a slot.
    pub(super) fn row(&self, slot: usize) -> &Row {
        &self.rows[slot]
    }

    /// Put a coin into a free slot; false where there is none.
    #[inline]
    pub(super) fn put(&mut self, tag: u8, row: &Row) -> bool {
        let slot = self.slots_of(0).trailing_zeros() as usize;
        if slot >= SLOTS {
            return false;
        }
        self.set_tag(slot, tag);
        self.rows[slot] = *row;
        self.count += 1;
        true
    }

    /// Free a slot.
    #[inline]
    pub(super) fn clear(&mut self, slot: usize) {
        self.set_tag(slot, 0);
        self.count -= 1;
    }

    /// The taken slots with their tags.
    pub(super) fn taken(&self) -> impl Iterator<Item = (usize, u8)> + use<> {
        let tags = self.tags;
        (0..SLOTS).map(move |slot| (slot, tag_in(&tags, slot))).filter(|&(_, tag)| tag != 0)
    }

    /// The rows in the taken slots.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.taken().map(|(slot, _)| &self.rows[slot])
    }

    fn set_tag(&mut self, slot: usize, tag: u8) {
        let shift = slot % LANES * 8;
        let word = &mut self.tags[slot / LANES];
        *word = *word & !(0xff << shift) | u64::from(tag) << shift;
    }

    /// The slots whose tag this is, one bit for each. Without a branch: the processor need not wait for the line to
    /// arrive before it asks for the next.
    #[inline]
    fn slots_of(&self, tag: u8) -> u64 {
        let wanted = ONES * u64::from(tag);
        let words = self.tags.iter().enumerate();
        words.fold(0, |slots, (place, word)| slots | zero_bytes(word ^ wanted) << (place * LANES)) & ALL_SLOTS
    }
}

/// One bit for each byte of the word, set where the byte is 0.
#[inline]
const fn zero_bytes(word: u64) -> u64 {
    let zero = !((word & !HIGHS).wrapping_add(!HIGHS) | word | !HIGHS);
    (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

fn tag_in(tags: &[u64; WORDS], slot: usize) -> u8 {
    tags[slot / LANES].to_le_bytes()[slot % LANES]
}

const _: () = assert!(size_of::<Page>() == 64 + SLOTS * ROW_BYTES);
