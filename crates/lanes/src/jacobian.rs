//! Points of the curve y² = x³ - 3x + b in Jacobian coordinates, eight at once: x = X/Z², y = Y/Z³.
//!
//! The formulas for a sum fail where both points have the same x. Z is then 0, and stays 0 whatever is done with the
//! point; so whoever asks in the end sees that nothing is known.

use crate::curve::Parameters;
use crate::montgomery::Residue;
use crate::words::{Aligned, LANES, load, store, transpose};
use std::arch::x86_64::{__m512i, __mmask8, _mm512_setzero_si512};

/// Eight points, none of them the neutral one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jacobian<C: Parameters> {
    pub(crate) x: Residue<C>,
    pub(crate) y: Residue<C>,
    pub(crate) z: Residue<C>,
}

/// A point in memory: the digits of X, Y and Z one after another, and a zero.
pub(crate) type Stored = Aligned<2>;

impl<C: Parameters> Jacobian<C> {
    /// The points with these coordinates.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn new(x: &Residue<C>, y: &Residue<C>) -> Self {
        Self { x: *x, y: *y, z: Residue::splat(&C::ONE) }
    }

    /// The base point in every lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn base() -> Self {
        Self::new(&Residue::splat(&C::BASE[0]), &Residue::splat(&C::BASE[1]))
    }

    /// Twice the points (dbl-2001-b); no point of these curves has order 2.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn double(&self) -> Self {
        let (delta, gamma) = (self.z.square(), self.y.square());
        let beta = self.x.multiply(&gamma);
        let product = self.x.subtract::<1>(&delta).multiply(&self.x.add::<1>(&delta));
        let alpha = product.add::<2>(&product);
        let x = alpha.square().subtract::<8>(&beta);
        let z = self.y.add::<1>(&self.z).square().subtract::<1>(&gamma).subtract::<1>(&delta);
        let difference = beta.add::<3>(&beta).subtract::<1>(&x);
        Self { x, y: alpha.multiply(&difference).subtract::<8>(&gamma.square()), z }
    }

    /// The sums (add-1998-cmo-2).
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn add(&self, other: &Self) -> Self {
        let (left, right) = (other.z.square(), self.z.square());
        let (x, y) = (self.x.multiply(&left), self.y.multiply(&other.z).multiply(&left));
        let across = other.x.multiply(&right).subtract::<1>(&x);
        let up = other.y.multiply(&self.z).multiply(&right).subtract::<1>(&y);
        let square = across.square();
        let (cube, base) = (across.multiply(&square), x.multiply(&square));
        let x = up.square().subtract::<1>(&cube).subtract::<2>(&base);
        let slope = up.multiply(&base.subtract::<1>(&x));
        Self { x, y: slope.subtract::<1>(&y.multiply(&cube)), z: self.z.multiply(&other.z).multiply(&across) }
    }

    /// The same points, or where the mask has a one, their opposites.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn opposite(&self, mask: __mmask8) -> Self {
        let opposite = Residue::splat(&[0; 5]).subtract::<1>(&self.y);
        Self { y: self.y.choose(&opposite, mask), ..*self }
    }

    /// In each lane this, or where the mask has a one, the other.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn choose(&self, other: &Self, mask: __mmask8) -> Self {
        Self { x: self.x.choose(&other.x, mask), y: self.y.choose(&other.y, mask), z: self.z.choose(&other.z, mask) }
    }

    /// Eight points from memory into lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn from_memory(points: [&Stored; LANES]) -> Self {
        let rows: [[__m512i; LANES]; 2] = [0, 1].map(|row| transpose(&points.map(|point| load(&point.0[row]))));
        let digit = |place: usize| rows[place / LANES][place % LANES];
        let residue = |first: usize| Residue::new(&[0, 1, 2, 3, 4].map(|place| digit(first + place)));
        Self { x: residue(0), y: residue(5), z: residue(10) }
    }

    /// Eight points from lanes into memory.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn to_memory(self) -> [Stored; LANES] {
        let mut rows = [[_mm512_setzero_si512(); LANES]; 2];
        let digits = [self.x, self.y, self.z].into_iter().flat_map(|residue| residue.0);
        for (place, digit) in rows.as_flattened_mut().iter_mut().zip(digits) {
            *place = digit;
        }
        let rows = rows.map(|row| transpose(&row));
        std::array::from_fn(|lane| Aligned([0, 1].map(|row: usize| store(rows[row][lane]))))
    }
}
