//! Scalars cut into windows.

/// The number's windows of `BITS` bits as digits from -2^(BITS - 1) to 2^(BITS - 1) - 1, the least first, for `BITS` 4 or
/// 8; windows beyond the 32 little-endian bytes hold what is carried.
pub(crate) fn signed<const BITS: usize, const WINDOWS: usize>(scalar: &[u8; 32]) -> [i8; WINDOWS] {
    let mut digits = [0; WINDOWS];
    let mut carry = 0;
    for (window, digit) in digits.iter_mut().enumerate() {
        let bit = window * BITS;
        let byte = i16::from(scalar.get(bit / 8).copied().unwrap_or(0));
        let value = (byte >> (bit % 8) & ((1 << BITS) - 1)) + carry;
        carry = i16::from(value >= 1 << (BITS - 1));
        #[expect(clippy::cast_possible_truncation, reason = "it is from -128 to 127")]
        {
            *digit = (value - (carry << BITS)) as i8;
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(digits: &[i8], bits: u32) -> i128 {
        digits.iter().rev().fold(0, |value, &digit| (value << bits) + i128::from(digit))
    }

    #[test]
    fn digits_are_within_bounds_and_add_up_to_the_number() {
        for number in [0, 1, 7, 8, 127, 128, 255, 256, 0x8888_8888, 0x7f7f_7f80, u64::MAX] {
            let mut scalar = [0; 32];
            scalar[..8].copy_from_slice(&number.to_le_bytes());

            let (nibbles, bytes) = (signed::<4, 17>(&scalar), signed::<8, 9>(&scalar));

            assert!(nibbles.iter().all(|digit| (-8..8).contains(digit)), "{number}");
            assert_eq!(value(&nibbles, 4), i128::from(number));
            assert_eq!(value(&bytes, 8), i128::from(number));
        }
    }

    #[test]
    fn what_the_greatest_number_carries_is_in_a_window_beyond_it() {
        assert_eq!(signed::<8, 33>(&[255; 32])[0], -1);
        assert_eq!(signed::<8, 33>(&[255; 32])[1..], {
            let mut rest = [0; 32];
            rest[31] = 1;
            rest
        });
    }
}
