//! SHA-256 over messages that are put together from parts, without a buffer in between.
//!
//! The ledger hashes many short messages, for which the buffer of a streaming hasher costs as much as the hash itself.
//! Only the compression function is taken from the library, which chooses at run time what the processor offers.

use sha2::block_api::compress256;

use crate::encoding::Bytes32;

/// Bytes that are compressed at once.
pub const BLOCK_BYTES: usize = 64;

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
const LENGTH_BYTES: usize = 8;
const END: u8 = 0x80;

/// The hash of the blocks of a message that already has its padding.
#[inline]
pub fn of_padded(blocks: &[[u8; BLOCK_BYTES]]) -> Bytes32 {
    let mut state = INITIAL;
    compress256(&mut state, blocks);
    bytes_of(&state)
}

/// The hash of the prefix, which is shorter than a block, and the parts one after another.
pub fn of_parts(prefix: &[u8], parts: &[&[u8]]) -> Bytes32 {
    let mut state = INITIAL;
    let mut block = [0; BLOCK_BYTES];
    block[..prefix.len()].copy_from_slice(prefix);
    let mut filled = prefix.len();
    let mut length = prefix.len();
    for part in parts {
        length += part.len();
        filled = absorb(&mut state, &mut block, filled, part);
    }
    let mut last = [0; 2 * BLOCK_BYTES];
    last[..filled].copy_from_slice(&block[..filled]);
    let count = pad(&mut last, filled, length);
    compress256(&mut state, &last.as_chunks().0[..count]);
    bytes_of(&state)
}

/// Compress what fills blocks, and keep the rest; returns how much of `block` is filled then.
fn absorb(state: &mut [u32; 8], block: &mut [u8; BLOCK_BYTES], filled: usize, part: &[u8]) -> usize {
    let mut rest = part;
    if filled > 0 {
        let Some((first, after)) = part.split_at_checked(BLOCK_BYTES - filled) else {
            block[filled..filled + part.len()].copy_from_slice(part);
            return filled + part.len();
        };
        block[filled..].copy_from_slice(first);
        compress256(state, &[*block]);
        rest = after;
    }
    let (whole, rest) = rest.as_chunks();
    if !whole.is_empty() {
        compress256(state, whole);
    }
    block[..rest.len()].copy_from_slice(rest);
    rest.len()
}

/// End the last `filled` bytes of a message of `length` bytes; the rest of `last` is zeros. Returns the number of blocks.
const fn pad(last: &mut [u8; 2 * BLOCK_BYTES], filled: usize, length: usize) -> usize {
    let blocks = if filled + 1 + LENGTH_BYTES > BLOCK_BYTES { 2 } else { 1 };
    let bits = (length as u64 * 8).to_be_bytes();
    last[filled] = END;
    let mut place = 0;
    while place < LENGTH_BYTES {
        last[blocks * BLOCK_BYTES - LENGTH_BYTES + place] = bits[place];
        place += 1;
    }
    blocks
}

/// How many blocks a message of so many bytes has.
pub const fn blocks_of(length: usize) -> usize {
    (length + 1 + LENGTH_BYTES).div_ceil(BLOCK_BYTES)
}

/// End a message of `length` bytes in its last block; what follows the message in `blocks` is zeros.
pub fn end(blocks: &mut [u8], length: usize) {
    let last = blocks.len() - LENGTH_BYTES;
    blocks[length] = END;
    blocks[last..].copy_from_slice(&(length as u64 * 8).to_be_bytes());
}

/// A message of one or two blocks that begins with `prefix` and has room for `length` more bytes, and its number of
/// blocks.
pub const fn short_message(prefix: &[u8], length: usize) -> ([u8; 2 * BLOCK_BYTES], usize) {
    let mut message = [0; 2 * BLOCK_BYTES];
    let mut place = 0;
    while place < prefix.len() {
        message[place] = prefix[place];
        place += 1;
    }
    let total = prefix.len() + length;
    assert!(total + 1 + LENGTH_BYTES <= 2 * BLOCK_BYTES, "a short message fills two blocks at most");
    let blocks = pad(&mut message, total, total);
    (message, blocks)
}

#[inline]
fn bytes_of(state: &[u32; 8]) -> Bytes32 {
    let mut bytes = [0; 32];
    for (four, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *four = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::{of_padded, of_parts, short_message};

    #[test]
    fn every_length_and_every_cut_gives_the_hash_of_the_library() {
        let data: Vec<u8> = (0..=255).collect();
        for end in 0..data.len() {
            let message = &data[..end];
            let expected: [u8; 32] = sha2::Sha256::digest(message).into();
            for cut in [0, 1, 10, 54, 63, 64, 65, 128] {
                let (first, second) = message.split_at(cut.min(end));

                assert_eq!(of_parts(&[], &[first, second]), expected, "{end} bytes cut at {cut}");
                let prefix = &message[..cut.min(end).min(63)];
                let rest = &message[prefix.len()..];
                assert_eq!(of_parts(prefix, &[&[], rest, &[]]), expected, "{end} bytes cut at {cut}");
            }
        }
    }

    #[test]
    fn a_short_message_gives_the_hash_of_the_library_for_every_length() {
        let data = [7; 119];
        for length in 0..=data.len() - 3 {
            let (mut message, blocks) = short_message(b"abc", length);
            message[3..3 + length].copy_from_slice(&data[..length]);

            let hash = of_padded(&message.as_chunks().0[..blocks]);

            assert_eq!(hash, of_parts(b"abc", &[&data[..length]]), "{length} bytes");
        }
    }
}
