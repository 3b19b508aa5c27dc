//! Where each transaction and each coin's lock stands, as ascending entries of 16 bytes, for an index:
//! `src/tongbao/kernel/rows.py` is the specification.

use crate::kernel::{CREATED_BYTES, VERDICT_BYTES};

/// Bytes of an entry: 8 of a hash, 8 of a place.
pub const ENTRY_BYTES: usize = 16;

const KEY_BYTES: usize = 8;
const PLACE_BITS: u32 = 20;
const COIN_BIT: u64 = 1 << 63;
const LOCK_AT: usize = 82; // in a row of what was made

/// The entries of the transactions that the batch `sequence` settled and of the coins that it made, ascending, joined.
pub fn of_batch(sequence: u64, verdicts: &[u8], created: &[u8]) -> Vec<u8> {
    let start = sequence << PLACE_BITS;
    let settled = |row: &&[u8; VERDICT_BYTES]| row[VERDICT_BYTES - 2..] == [0, 0];
    let transactions = (start..).zip(verdicts.as_chunks::<VERDICT_BYTES>().0).filter(|(_, row)| settled(row));
    let coins = (start | COIN_BIT..).zip(created.as_chunks::<CREATED_BYTES>().0);
    let mut entries: Vec<u128> = transactions.map(|(place, row)| entry(&row[..KEY_BYTES], place)).collect();
    entries.extend(coins.map(|(place, row)| entry(&row[LOCK_AT..LOCK_AT + KEY_BYTES], place)));
    entries.sort_unstable();
    joined(&entries)
}

/// The entries of all pieces, ascending, joined; quick where each piece is ascending. What is no whole entry is left out.
pub fn merged(pieces: &[&[u8]]) -> Vec<u8> {
    let whole = pieces.iter().flat_map(|piece| piece.as_chunks::<ENTRY_BYTES>().0);
    let mut entries: Vec<u128> = whole.map(|entry| u128::from_be_bytes(*entry)).collect();
    #[allow(clippy::stable_sort_primitive, reason = "this one merges the pieces, which ascend")]
    entries.sort();
    joined(&entries)
}

/// The places that ascending entries have under the key.
pub fn places_of(key: [u8; KEY_BYTES], entries: &[u8]) -> impl Iterator<Item = u64> {
    let entries = entries.as_chunks::<ENTRY_BYTES>().0;
    let first = entries.partition_point(|entry| entry[..KEY_BYTES] < key[..]);
    let found = entries[first..].iter().take_while(move |entry| entry[..KEY_BYTES] == key[..]);
    found.map(|entry| entry[KEY_BYTES..].iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

fn entry(key: &[u8], place: u64) -> u128 {
    let key = key.iter().fold(0, |number, &byte| number << 8 | u128::from(byte));
    key << 64 | u128::from(place)
}

fn joined(entries: &[u128]) -> Vec<u8> {
    entries.iter().flat_map(|entry| entry.to_be_bytes()).collect()
}
