//! Sums of a multiple of the base point and a multiple of another one, eight at once (Straus 1964): what verifying by
//! elliptic curves without pairings comes down to.

use crate::Pair;
use crate::curve::Parameters;
use crate::digits::signed;
use crate::jacobian::{Jacobian, Stored};
use crate::montgomery::Residue;
use crate::words::LANES;
use std::arch::x86_64::__mmask8;

/// Windows of four bits for the other point: multiples 1 to 8; one window more for what is carried.
const WINDOWS: usize = 65;
const MULTIPLES: usize = 8;
/// Windows of eight bits for the base point: multiples 1 to 128.
const BASE_WINDOWS: usize = 33;
const BASE_MULTIPLES: usize = 128;

/// The multiples 1 to 128 of the base point.
pub(crate) type BaseTable = [Stored; BASE_MULTIPLES];

/// The table of the base point's multiples.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn base_table<C: Parameters>() -> Box<BaseTable> {
    let base = Jacobian::<C>::base();
    let (mut table, mut multiple) = (Box::new([base.to_memory()[0]; BASE_MULTIPLES]), base.double());
    for place in &mut table[1..] {
        *place = multiple.to_memory()[0];
        multiple = multiple.add(&base);
    }
    table
}

/// For which of at most eight pairs the sum is known to be a point with that x.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn has_x<C: Parameters>(pairs: &[Pair], base_table: &BaseTable) -> __mmask8 {
    let pairs: [Pair; LANES] = std::array::from_fn(|lane| pairs[lane.min(pairs.len() - 1)]);
    let (x, is_x) = Residue::<C>::decode(&pairs.map(|pair| pair.point[0]));
    let (y, is_y) = Residue::<C>::decode(&pairs.map(|pair| pair.point[1]));
    let (wanted, is_wanted) = Residue::<C>::decode(&pairs.map(|pair| pair.x));
    let is_point = is_on_curve(&x, &y);
    let (sum, is_any) = sum(&pairs, &Jacobian::new(&x, &y), base_table);
    let is_equal = wanted.multiply(&sum.z.square()).subtract::<1>(&sum.x).is_zero();
    is_x & is_y & is_wanted & is_point & is_any & is_equal & !sum.z.is_zero()
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn is_on_curve<C: Parameters>(x: &Residue<C>, y: &Residue<C>) -> __mmask8 {
    let cube = x.square().multiply(x);
    let right = cube.subtract::<3>(x).add::<1>(&Residue::splat(&C::B));
    y.square().subtract::<1>(&right).is_zero()
}

/// The sums, and in which lanes a digit was not zero.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn sum<C: Parameters>(pairs: &[Pair; LANES], point: &Jacobian<C>, base_table: &BaseTable) -> (Jacobian<C>, __mmask8) {
    let digits = pairs.map(|pair| signed::<4, WINDOWS>(&pair.scalar));
    let base_digits = pairs.map(|pair| signed::<8, BASE_WINDOWS>(&pair.base_scalar));
    let table = multiples(point);
    let (mut total, mut is_any) = (*point, 0);
    for window in (0..WINDOWS).rev() {
        if window + 1 < WINDOWS {
            total = total.double().double().double().double();
        }
        let digits = digits.map(|digits| digits[window]);
        add_multiples(&mut total, &mut is_any, digits, |lane, place| &table[place][lane]);
        if window % 2 == 0 {
            let digits = base_digits.map(|digits| digits[window / 2]);
            add_multiples(&mut total, &mut is_any, digits, |_, place| &base_table[place]);
        }
    }
    (total, is_any)
}

/// The multiples 1 to 8 of eight points.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn multiples<C: Parameters>(point: &Jacobian<C>) -> [[Stored; LANES]; MULTIPLES] {
    let (mut table, mut multiple) = ([point.to_memory(); MULTIPLES], point.double());
    for row in &mut table[1..] {
        *row = multiple.to_memory();
        multiple = multiple.add(point);
    }
    table
}

/// Adds in each lane the multiple that its digit names; where nothing was added before, that is the sum.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn add_multiples<'a, C: Parameters>(
    total: &mut Jacobian<C>,
    is_any: &mut __mmask8,
    digits: [i8; LANES],
    stored: impl Fn(usize, usize) -> &'a Stored,
) {
    let mask = |is: fn(i8) -> bool| digits.iter().rev().fold(0, |mask, &digit| mask << 1 | __mmask8::from(is(digit)));
    let (is_negative, is_some) = (mask(|digit| digit < 0), mask(|digit| digit != 0));
    let places = digits.map(|digit| usize::from(digit.unsigned_abs()).saturating_sub(1));
    let multiple = Jacobian::from_memory(std::array::from_fn(|lane| stored(lane, places[lane]))).opposite(is_negative);
    let sum = total.add(&multiple);
    *total = total.choose(&sum, is_some & *is_any).choose(&multiple, is_some & !*is_any);
    *is_any |= is_some;
}
