//! Points of the curve -x² + y² = 1 + d·x²·y², eight at once, and how 32 bytes encode one.

use crate::field::{Digits, Field, digits};
use crate::words::Words;
use std::arch::x86_64::__mmask8;

const ZERO: Digits = [0; 5];
const ONE: Digits = [1, 0, 0, 0, 0];
/// d = -121665 / 121666.
const D: Digits =
    [929_955_233_495_203, 466_365_720_129_213, 1_662_059_464_998_953, 2_033_849_074_728_123, 1_442_794_654_840_575];
/// 2d.
const TWO_D: Digits =
    [1_859_910_466_990_425, 932_731_440_258_426, 1_072_319_116_312_658, 1_815_898_335_770_999, 633_789_495_995_903];
/// A square root of -1.
const ROOT_OF_MINUS_ONE: Digits =
    [1_718_705_420_411_056, 234_908_883_556_509, 2_233_514_472_574_048, 2_117_202_627_021_982, 765_476_049_583_133];

/// Eight points: x = X/Z, y = Y/Z and T = X·Y/Z (Hisil, Wong, Carter, Dawson 2008).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) x: Field,
    pub(crate) y: Field,
    pub(crate) z: Field,
    pub(crate) t: Field,
}

/// A decoded point in memory: digits of y + x, y - x, 2d·x·y and -2d·x·y, ready to be added to others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addend([Digits; 4]);

/// Decodes eight points by ZIP 215, whether or not y is below p; `None` if the curve lacks one of them.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn decode(encodings: &[[u8; 32]; 8]) -> Option<[Addend; 8]> {
    let signs = encodings.iter().rev().fold(0, |signs, encoding| signs << 1 | encoding[31] >> 7);
    let one = Field::splat(&ONE);
    let y = Field::gather(&encodings.map(|encoding| digits(&encoding)));
    let square = y.square();
    let (root, is_point) = root_of_ratio(&square.subtract(&one), &square.multiply(&Field::splat(&D)).add(&one));
    let x = root.choose(&Field::splat(&ZERO).subtract(&root), root.is_odd() ^ signs);
    (is_point == __mmask8::MAX).then(|| addends(&x, &y))
}

/// A square root of u/v, and in which lanes there is one; v is never 0, since -1/d is no square.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn root_of_ratio(u: &Field, v: &Field) -> (Field, __mmask8) {
    let cube = v.square().multiply(v);
    let seventh = cube.square().multiply(v);
    let root = u.multiply(&cube).multiply(&u.multiply(&seventh).power_p58());
    let check = v.multiply(&root.square());
    let (is_root, is_other) = (check.subtract(u).is_zero(), check.add(u).is_zero());
    let other = root.multiply(&Field::splat(&ROOT_OF_MINUS_ONE));
    (root.choose(&other, is_other & !is_root), is_root | is_other)
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn addends(x: &Field, y: &Field) -> [Addend; 8] {
    let product = x.multiply(y).multiply(&Field::splat(&TWO_D));
    let parts = [y.add(x), y.subtract(x), product, Field::splat(&ZERO).subtract(&product)].map(|part| part.words());
    std::array::from_fn(|lane| Addend(parts.map(|part: [Words; 5]| part.map(|word| word[lane]))))
}

impl Point {
    /// The neutral point in every lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn neutral() -> Self {
        let (zero, one) = (Field::splat(&ZERO), Field::splat(&ONE));
        Self { x: zero, y: one, z: one, t: zero }
    }

    /// The sum, by one formula without exceptions, because -1 is a square and d is not (add-2008-hwcd-3).
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn add(&self, other: &Self) -> Self {
        let a = self.y.subtract(&self.x).multiply(&other.y.subtract(&other.x));
        let b = self.y.add(&self.x).multiply(&other.y.add(&other.x));
        let c = self.t.multiply(&other.t).multiply(&Field::splat(&TWO_D));
        let zz = self.z.multiply(&other.z);
        Self::from_parts(&b.subtract(&a), &zz.double_subtract(&c), &zz.double_add(&c), &b.add(&a))
    }

    /// The sum with one and the same point, or where the mask has a one, with its opposite.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn add_one(&self, addend: &Addend, is_opposite: __mmask8) -> Self {
        let [sum, difference, product, opposite_product] = &addend.0.map(|part| Field::splat(&part));
        let a = self.y.subtract(&self.x).multiply(&difference.choose(sum, is_opposite));
        let b = self.y.add(&self.x).multiply(&sum.choose(difference, is_opposite));
        let c = self.t.multiply(&product.choose(opposite_product, is_opposite));
        Self::from_parts(&b.subtract(&a), &self.z.double_subtract(&c), &self.z.double_add(&c), &b.add(&a))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn from_parts(e: &Field, f: &Field, g: &Field, h: &Field) -> Self {
        Self { x: e.multiply(f), y: g.multiply(h), z: f.multiply(g), t: e.multiply(h) }
    }

    /// Twice the point (dbl-2008-hwcd with a = -1).
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn double(&self) -> Self {
        let (xx, yy, zz) = (self.x.square(), self.y.square(), self.z.square());
        let g = yy.subtract(&xx);
        let h = Field::splat(&ZERO).subtract(&xx.add(&yy));
        let e = self.x.add(&self.y).square().add(&h);
        Self::from_parts(&e, &g.subtract(&zz.add(&zz)), &g, &h)
    }

    /// The point of one lane in all lanes.
    #[target_feature(enable = "avx512f")]
    pub(crate) fn spread(&self, lane: u64) -> Self {
        Self { x: self.x.spread(lane), y: self.y.spread(lane), z: self.z.spread(lane), t: self.t.spread(lane) }
    }

    /// In which lanes the point is the neutral one.
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn is_neutral(&self) -> __mmask8 {
        self.x.is_zero() & self.y.subtract(&self.z).is_zero()
    }
}
