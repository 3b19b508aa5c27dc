//! Numbers modulo an odd number of 256 bits, in Montgomery's form, for moduli that are fixed when this is compiled.

/// Four digits of 64 bits, the least first.
pub(crate) type Limbs = [u64; 4];

/// An odd number above 2^255, with what Montgomery's multiplication needs.
#[derive(Debug)]
pub(crate) struct Modulus {
    pub(crate) value: Limbs,
    /// -1 / value modulo 2^64.
    negative_inverse: u64,
    /// 2^512 modulo value: brings a number into Montgomery's form.
    radix_squared: Limbs,
}

impl Modulus {
    /// The modulus with these digits.
    pub(crate) const fn new(value: Limbs) -> Self {
        assert!(value[0] & 1 == 1 && value[3] >> 63 == 1, "odd and of 256 bits");
        let mut modulus = Self { value, negative_inverse: negative_inverse(value[0]), radix_squared: [0; 4] };
        let mut power = difference([0; 4], value).0; // 2^256 modulo value, since value is above half of it
        let mut doublings = 0;
        while doublings < 256 {
            power = modulus.add(power, power);
            doublings += 1;
        }
        modulus.radix_squared = power;
        modulus
    }

    /// The residue that 32 big-endian bytes give, in Montgomery's form; `None` from the modulus on.
    pub(crate) fn decode(&self, bytes: &[u8; 32]) -> Option<Limbs> {
        let number = limbs(bytes);
        difference(number, self.value).1.then(|| self.multiply(number, self.radix_squared))
    }

    /// The residue of 32 big-endian bytes that may reach beyond the modulus, in Montgomery's form.
    pub(crate) fn decode_any(&self, bytes: &[u8; 32]) -> Limbs {
        self.multiply(self.subtract(limbs(bytes), [0; 4]), self.radix_squared)
    }

    /// The residue out of Montgomery's form, as 32 little-endian bytes.
    pub(crate) fn encode_little_endian(&self, residue: Limbs) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.multiply(residue, [1, 0, 0, 0])) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// One divided by each of the residues, all in Montgomery's form and none of them zero, for a prime modulus.
    ///
    /// Only their product is inverted, and what is left is taken apart by multiplying (Montgomery 1987).
    pub(crate) fn invert_all(&self, residues: &[Limbs]) -> Vec<Limbs> {
        let one = self.multiply([1, 0, 0, 0], self.radix_squared);
        let mut products = Vec::with_capacity(residues.len());
        let mut product = one;
        for &residue in residues {
            products.push(product);
            product = self.multiply(product, residue);
        }
        let mut inverse = self.power_less_two(product, one);
        for (before, &residue) in products.iter_mut().zip(residues).rev() {
            *before = self.multiply(*before, inverse);
            inverse = self.multiply(inverse, residue);
        }
        products
    }

    /// The residue raised to the power modulus - 2, which inverts it (Fermat).
    fn power_less_two(&self, residue: Limbs, one: Limbs) -> Limbs {
        let exponent = difference(self.value, [2, 0, 0, 0]).0;
        (0..256).rev().fold(one, |power, bit| {
            let square = self.multiply(power, power);
            if exponent[bit / 64] >> (bit % 64) & 1 == 1 { self.multiply(square, residue) } else { square }
        })
    }

    /// The sum.
    pub(crate) const fn add(&self, left: Limbs, right: Limbs) -> Limbs {
        let (total, carry) = sum(left, right);
        let (reduced, borrow) = difference(total, self.value);
        if carry || !borrow { reduced } else { total }
    }

    /// The difference.
    pub(crate) const fn subtract(&self, left: Limbs, right: Limbs) -> Limbs {
        let (total, borrow) = difference(left, right);
        if borrow { sum(total, self.value).0 } else { total }
    }

    /// The product of two residues in Montgomery's form, again in it: left · right / 2^256.
    pub(crate) fn multiply(&self, left: Limbs, right: Limbs) -> Limbs {
        let mut total = [0_u64; 4];
        let mut top = 0_u64;
        for digit in left {
            let mut carry = 0;
            for (place, &other) in total.iter_mut().zip(&right) {
                (*place, carry) = multiply_add(digit, other, *place, carry);
            }
            let (high, overflow) = top.overflowing_add(carry);
            let factor = total[0].wrapping_mul(self.negative_inverse);
            let (_, mut carry) = multiply_add(factor, self.value[0], total[0], 0);
            for place in 1..4 {
                (total[place - 1], carry) = multiply_add(factor, self.value[place], total[place], carry);
            }
            let (last, second_overflow) = high.overflowing_add(carry);
            total[3] = last;
            top = u64::from(overflow) + u64::from(second_overflow);
        }
        let (reduced, borrow) = difference(total, self.value);
        if top == 1 || !borrow { reduced } else { total }
    }
}

/// The digits of a big-endian number.
pub(crate) fn limbs(bytes: &[u8; 32]) -> Limbs {
    let (words, _) = bytes.as_chunks::<8>();
    [3, 2, 1, 0].map(|place| u64::from_be_bytes(words[place]))
}

/// -1 / odd modulo 2^64, by Newton's iteration, which doubles the number of right bits.
const fn negative_inverse(odd: u64) -> u64 {
    let mut inverse = odd; // right in three bits
    let mut round = 0;
    while round < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse.wrapping_neg()
}

/// left · right + addend + carry as its low and its high digit.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "that is how the digits are taken apart")]
const fn multiply_add(left: u64, right: u64, addend: u64, carry: u64) -> (u64, u64) {
    let total = left as u128 * right as u128 + addend as u128 + carry as u128;
    (total as u64, (total >> 64) as u64)
}

/// left + right, and whether it went beyond 2^256.
const fn sum(left: Limbs, right: Limbs) -> (Limbs, bool) {
    let mut total = [0; 4];
    let mut carry = false;
    let mut place = 0;
    while place < 4 {
        let (partial, first) = left[place].overflowing_add(right[place]);
        let (digit, second) = partial.overflowing_add(carry as u64);
        total[place] = digit;
        carry = first || second;
        place += 1;
    }
    (total, carry)
}

/// left - right modulo 2^256, and whether left was the smaller.
const fn difference(left: Limbs, right: Limbs) -> (Limbs, bool) {
    let mut total = [0; 4];
    let mut borrow = false;
    let mut place = 0;
    while place < 4 {
        let (partial, first) = left[place].overflowing_sub(right[place]);
        let (digit, second) = partial.overflowing_sub(borrow as u64);
        total[place] = digit;
        borrow = first || second;
        place += 1;
    }
    (total, borrow)
}
