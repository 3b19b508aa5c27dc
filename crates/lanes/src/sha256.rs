//! Sixteen messages hashed at once by SHA-256 (FIPS 180-4), one in each lane of 32 bits.

use crate::words::{Bytes64, from_bytes, store32};
use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_mask_blend_epi32, _mm512_ror_epi32, _mm512_set1_epi32, _mm512_set4_epi32,
    _mm512_setzero_si512, _mm512_shuffle_epi8, _mm512_shuffle_i32x4, _mm512_srli_epi32, _mm512_ternarylogic_epi32,
    _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};

/// How many messages are hashed at once.
pub(crate) const MESSAGES: usize = 16;

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[rustfmt::skip]
const ROUND: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// The hashes of up to sixteen messages, each given as its blocks with the padding.
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn hashes(messages: &[&[Bytes64]]) -> [[u8; 32]; MESSAGES] {
    let mut state = INITIAL.map(|word| all(word));
    let longest = messages.iter().map(|blocks| blocks.len()).max().unwrap_or(0);
    for place in 0..longest {
        let mut mask = 0;
        let mut blocks = [_mm512_setzero_si512(); MESSAGES];
        for (lane, message) in messages.iter().enumerate() {
            if let Some(block) = message.get(place) {
                mask |= 1 << lane;
                blocks[lane] = from_bytes(block);
            }
        }
        let after = compress(&state, words(&blocks));
        for (word, after) in state.iter_mut().zip(after) {
            *word = _mm512_mask_blend_epi32(mask, *word, after);
        }
    }
    let words = state.map(|word| store32(word));
    let mut hashes = [[0; 32]; MESSAGES];
    for (lane, hash) in hashes.iter_mut().enumerate() {
        for (four, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(&words) {
            *four = word[lane].to_be_bytes();
        }
    }
    hashes
}

#[inline]
#[target_feature(enable = "avx512f")]
fn all(value: u32) -> __m512i {
    _mm512_set1_epi32(value.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(left: __m512i, right: __m512i) -> __m512i {
    _mm512_add_epi32(left, right)
}

/// The exclusive or of three.
#[inline]
#[target_feature(enable = "avx512f")]
fn xor(first: __m512i, second: __m512i, third: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0x96>(first, second, third)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn compress(state: &[__m512i; 8], mut words: [__m512i; 16]) -> [__m512i; 8] {
    let mut working = *state;
    for keys in ROUND[..48].as_chunks().0 {
        sixteen_rounds::<true>(&mut working, &mut words, keys);
    }
    for keys in ROUND[48..].as_chunks().0 {
        sixteen_rounds::<false>(&mut working, &mut words, keys);
    }
    for (after, before) in working.iter_mut().zip(state) {
        *after = add(*after, *before);
    }
    working
}

/// Sixteen rounds, after each of which its word becomes that of sixteen rounds later, where there are such. They stand
/// one after another, so that everything keeps to registers.
#[inline]
#[target_feature(enable = "avx512f")]
fn sixteen_rounds<const GOES_ON: bool>(working: &mut [__m512i; 8], words: &mut [__m512i; 16], keys: &[u32; 16]) {
    macro_rules! rounds {
        ($($place:literal),*) => { $(
            round::<{ $place % 8 }>(working, words[$place], keys[$place]);
            if GOES_ON {
                let others = [words[($place + 1) % 16], words[($place + 9) % 16], words[($place + 14) % 16]];
                words[$place] = later_word(words[$place], others);
            }
        )* };
    }
    rounds!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// The word of sixteen rounds later, by this one and those 1, 9 and 14 rounds later.
#[inline]
#[target_feature(enable = "avx512f")]
fn later_word(word: __m512i, [far, middle, near]: [__m512i; 3]) -> __m512i {
    let far = xor(_mm512_ror_epi32::<7>(far), _mm512_ror_epi32::<18>(far), _mm512_srli_epi32::<3>(far));
    let near = xor(_mm512_ror_epi32::<17>(near), _mm512_ror_epi32::<19>(near), _mm512_srli_epi32::<10>(near));
    add(add(word, middle), add(far, near))
}

/// A round; the working variables stay where they are, and `TURN` rounds before have turned their names by one each.
#[inline]
#[target_feature(enable = "avx512f")]
#[expect(clippy::many_single_char_names, reason = "they are the standard's")]
fn round<const TURN: usize>(working: &mut [__m512i; 8], word: __m512i, key: u32) {
    let place = |name: usize| (name + 8 - TURN) % 8;
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|name| working[place(name)]);
    let choice = _mm512_ternarylogic_epi32::<0xca>(e, f, g);
    let majority = _mm512_ternarylogic_epi32::<0xe8>(a, b, c);
    let sum_e = xor(_mm512_ror_epi32::<6>(e), _mm512_ror_epi32::<11>(e), _mm512_ror_epi32::<25>(e));
    let sum_a = xor(_mm512_ror_epi32::<2>(a), _mm512_ror_epi32::<13>(a), _mm512_ror_epi32::<22>(a));
    let first = add(add(add(h, add(word, all(key))), choice), sum_e);
    working[place(3)] = add(d, first);
    working[place(7)] = add(first, add(sum_a, majority));
}

/// The sixteen words of each block as numbers, those of one place in one register.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn words(blocks: &[__m512i; MESSAGES]) -> [__m512i; 16] {
    let order = _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203);
    let rows = blocks.map(|block| _mm512_shuffle_epi8(block, order));
    // Of four rows each, the words of one place together, in four groups of four places.
    let fours: [[__m512i; 4]; 4] = std::array::from_fn(|four| {
        let [r0, r1, r2, r3] = std::array::from_fn(|row| rows[4 * four + row]);
        let (low01, high01) = (_mm512_unpacklo_epi32(r0, r1), _mm512_unpackhi_epi32(r0, r1));
        let (low23, high23) = (_mm512_unpacklo_epi32(r2, r3), _mm512_unpackhi_epi32(r2, r3));
        [
            _mm512_unpacklo_epi64(low01, low23),
            _mm512_unpackhi_epi64(low01, low23),
            _mm512_unpacklo_epi64(high01, high23),
            _mm512_unpackhi_epi64(high01, high23),
        ]
    });
    let mut words = [_mm512_setzero_si512(); 16];
    for place in 0..4 {
        let [a, b, c, d] = fours.map(|four| four[place]);
        let (ab02, ab13) = (_mm512_shuffle_i32x4::<0x88>(a, b), _mm512_shuffle_i32x4::<0xdd>(a, b));
        let (cd02, cd13) = (_mm512_shuffle_i32x4::<0x88>(c, d), _mm512_shuffle_i32x4::<0xdd>(c, d));
        words[place] = _mm512_shuffle_i32x4::<0x88>(ab02, cd02);
        words[place + 4] = _mm512_shuffle_i32x4::<0x88>(ab13, cd13);
        words[place + 8] = _mm512_shuffle_i32x4::<0xdd>(ab02, cd02);
        words[place + 12] = _mm512_shuffle_i32x4::<0xdd>(ab13, cd13);
    }
    words
}
