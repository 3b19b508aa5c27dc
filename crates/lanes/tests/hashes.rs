//! Hashes in lanes against the crate `sha2`, for messages of all lengths beside each other.

use std::io::{Write, stderr};

use lanes::HashLanes;
use sha2::{Digest, Sha256};

/// The message as blocks, with its padding.
fn padded(message: &[u8]) -> Vec<[u8; 64]> {
    let mut bytes = message.to_vec();
    bytes.push(0x80);
    bytes.resize((bytes.len() + 8).next_multiple_of(64) - 8, 0);
    bytes.extend((message.len() as u64 * 8).to_be_bytes());
    bytes.as_chunks().0.to_vec()
}

/// Bytes that differ everywhere.
fn message(number: usize, length: usize) -> Vec<u8> {
    let first = Sha256::digest(number.to_be_bytes());
    first.iter().copied().cycle().take(length).collect()
}

/// The lanes; where this processor has none, that the test is left out is said past the harness, which keeps what passing
/// tests print to itself.
fn lanes_for(test: &str) -> Option<HashLanes> {
    let lanes = HashLanes::detect();
    if lanes.is_none() {
        let _ = writeln!(stderr(), "left out: {test}: this processor has no AVX-512 F and BW");
    }
    lanes
}

#[test]
fn messages_of_any_length_beside_each_other_have_the_hashes_of_the_library() {
    let Some(lanes) = lanes_for("messages of any length") else { return };
    for start in 0..300 {
        let messages: Vec<_> = (0..16).map(|lane| message(start + lane, (start + 37 * lane) % 300)).collect();
        let blocks: Vec<_> = messages.iter().map(|each| padded(each)).collect();
        let slices: Vec<&[[u8; 64]]> = blocks.iter().map(Vec::as_slice).collect();

        let hashes = lanes.sha256(&slices);

        for (message, hash) in messages.iter().zip(hashes) {
            assert_eq!(hash[..], Sha256::digest(message)[..], "{} bytes", message.len());
        }
    }
}

#[test]
fn fewer_messages_than_lanes_have_their_hashes() {
    let Some(lanes) = lanes_for("fewer messages than lanes") else { return };
    for count in 0..16 {
        let blocks: Vec<_> = (0..count).map(|number| padded(&message(number, 100))).collect();
        let slices: Vec<&[[u8; 64]]> = blocks.iter().map(Vec::as_slice).collect();

        let hashes = lanes.sha256(&slices);

        for (number, hash) in hashes.iter().take(count).enumerate() {
            assert_eq!(hash[..], Sha256::digest(message(number, 100))[..]);
        }
    }
}
