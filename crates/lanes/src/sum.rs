//! The sum of many multiples of points (Pippenger 1976), with a window of the scalars in each lane.
//!
//! A scalar is cut into windows of four or eight bits, whose values are digits from -8 to 7 or from -128 to 127. For each
//! window there is one bucket for each absolute value. A point is added to one bucket in each of eight windows at once,
//! negated where its digit is negative. In the end each window's sum of value times bucket is taken, again in eight
//! windows at once, and the windows are put together by doubling.

use crate::Term;
use crate::digits::signed;
use crate::field::Field;
use crate::point::{Addend, Point, decode};
use crate::words::{Aligned, LANES, load, store, transpose};
use std::arch::x86_64::{__m512i, __mmask8, _mm512_setzero_si512};

/// From this many terms on, the 128 buckets of eight bits are worth being emptied.
const WIDE_TERMS_MIN: usize = 256;
/// The neutral point encoded: what fills up the last eight.
const NEUTRAL: [u8; 32] = {
    let mut encoding = [0; 32];
    encoding[0] = 1;
    encoding
};

/// A point in memory: the five digits of X, Y, Z and T one after another, and four zeros.
type Bucket = Aligned<3>;

/// The digits of a scalar in the eight windows of one group: places of buckets, and where the digit is negative.
struct Places {
    buckets: [u8; LANES],
    is_negative: __mmask8,
}

/// Whether eight times the sum of the terms is nothing; `None` if an encoding has no point.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn is_of_small_order(terms: &[Term]) -> Option<bool> {
    let addends = decode_all(terms)?;
    let total =
        if terms.len() < WIDE_TERMS_MIN { sum::<4, 64>(terms, &addends) } else { sum::<8, 32>(terms, &addends) };
    Some(total.double().double().double().is_neutral() & 1 == 1)
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn decode_all(terms: &[Term]) -> Option<Vec<Addend>> {
    let mut addends = Vec::with_capacity(terms.len() + LANES);
    for eight in terms.chunks(LANES) {
        let mut encodings = [NEUTRAL; LANES];
        for (encoding, term) in encodings.iter_mut().zip(eight) {
            *encoding = term.encoding;
        }
        addends.extend(decode(&encodings)?);
    }
    Some(addends)
}

/// The sum in lane 0, with windows of `BITS` bits; scalars are below 2^255, so the last window carries nothing.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn sum<const BITS: usize, const WINDOWS: usize>(terms: &[Term], addends: &[Addend]) -> Point {
    let digits: Vec<[i8; WINDOWS]> = terms.iter().map(|term| signed::<BITS, WINDOWS>(&term.scalar)).collect();
    let mut total = Point::neutral();
    for group in (0..WINDOWS / LANES).rev() {
        let windows = sum_windows::<BITS>(digits.iter().map(|digits| &digits.as_chunks().0[group]), addends);
        for lane in (0..LANES as u64).rev() {
            for _ in 0..BITS {
                total = total.double();
            }
            total = total.add(&windows.spread(lane));
        }
    }
    total
}

/// The sums of digit times point in eight windows.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn sum_windows<'a, const BITS: usize>(digits: impl Iterator<Item = &'a [i8; LANES]>, addends: &[Addend]) -> Point {
    let neutral = to_memory(&Point::neutral())[0];
    let mut buckets = vec![[neutral; LANES]; (1 << (BITS - 1)) + 1]; // the first, of digit 0, is not looked at
    for (digits, addend) in digits.zip(addends) {
        if *digits != [0; LANES] {
            let places = Places::of(*digits);
            let total = from_memory(&places.read(&buckets)).add_one(addend, places.is_negative);
            places.write(&mut buckets, &to_memory(&total));
        }
    }
    let (mut running, mut total) = (Point::neutral(), Point::neutral());
    for row in buckets[1..].iter().rev() {
        running = running.add(&from_memory(row));
        total = total.add(&running);
    }
    total
}

impl Places {
    #[inline]
    fn of(digits: [i8; LANES]) -> Self {
        let is_negative = digits.iter().rev().fold(0, |mask, &digit| mask << 1 | __mmask8::from(digit < 0));
        Self { buckets: digits.map(i8::unsigned_abs), is_negative }
    }

    #[inline]
    fn read(&self, buckets: &[[Bucket; LANES]]) -> [Bucket; LANES] {
        std::array::from_fn(|lane| buckets[usize::from(self.buckets[lane])][lane])
    }

    #[inline]
    fn write(&self, buckets: &mut [[Bucket; LANES]], points: &[Bucket; LANES]) {
        for (lane, (&place, point)) in self.buckets.iter().zip(points).enumerate() {
            buckets[usize::from(place)][lane] = *point;
        }
    }
}

/// Eight points from memory into lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn from_memory(points: &[Bucket; LANES]) -> Point {
    let rows: [[__m512i; LANES]; 3] =
        [0, 1, 2].map(|row| transpose(&points.each_ref().map(|point| load(&point.0[row]))));
    let digit = |place: usize| rows[place / LANES][place % LANES];
    let field = |first: usize| Field([0, 1, 2, 3, 4].map(|place| digit(first + place)));
    Point { x: field(0), y: field(5), z: field(10), t: field(15) }
}

/// Eight points from lanes into memory.
#[inline]
#[target_feature(enable = "avx512f")]
fn to_memory(point: &Point) -> [Bucket; LANES] {
    let mut rows = [[_mm512_setzero_si512(); LANES]; 3];
    let digits = [&point.x, &point.y, &point.z, &point.t].into_iter().flat_map(|field| field.0);
    for (place, digit) in rows.as_flattened_mut().iter_mut().zip(digits) {
        *place = digit;
    }
    let rows = rows.map(|row| transpose(&row));
    std::array::from_fn(|lane| Aligned([0, 1, 2].map(|row: usize| store(rows[row][lane]))))
}
