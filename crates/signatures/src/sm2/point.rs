//! Points of SM2's curve y² = x³ - 3x + b.
//!
//! Verification handles no secrets, so the formulas branch where points coincide; every case is handled.

use super::field::{Element, Limbs};

/// b.
const B: Element =
    Element::new([0xddbc_bd41_4d94_0e93, 0xf397_89f5_15ab_8f92, 0x4d5a_9e4b_cf65_09a7, 0x28e9_fa9e_9d9f_5e34]);

/// A point other than the neutral one, by its coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    pub(super) x: Element,
    pub(super) y: Element,
}

/// G, the base point.
pub(super) const BASE: Affine = Affine {
    x: Element::new([0x715a_4589_334c_74c7, 0x8fe3_0bbf_f266_0be1, 0x5f99_0446_6a39_c994, 0x32c4_ae2c_1f19_8119]),
    y: Element::new([0x02df_32e5_2139_f0a0, 0xd0a9_877c_c62a_4740, 0x59bd_cee3_6b69_2153, 0xbc37_36a2_f4f6_779c]),
};

impl Affine {
    /// The point with these coordinates, both below p, if it lies on the curve.
    pub(super) fn on_curve(x: Limbs, y: Limbs) -> Option<Self> {
        let (x, y) = (Element::new(x), Element::new(y));
        let three = Element::ONE.doubled().plus(&Element::ONE);
        let right = x.squared().minus(&three).times(&x).plus(&B);
        (y.squared() == right).then_some(Self { x, y })
    }

    /// The point mirrored: their sum is neutral.
    #[inline]
    pub(super) fn negated(&self) -> Self {
        Self { x: self.x, y: Element::ZERO.minus(&self.y) }
    }
}

/// A point by Jacobian coordinates: x = X/Z², y = Y/Z³, and Z = 0 for the neutral point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jacobian {
    pub(super) x: Element,
    pub(super) y: Element,
    pub(super) z: Element,
}

/// A Jacobian point that is added often, with Z² and Z³.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addend {
    point: Jacobian,
    zz: Element,
    zzz: Element,
}

impl From<Affine> for Jacobian {
    fn from(point: Affine) -> Self {
        Self { x: point.x, y: point.y, z: Element::ONE }
    }
}

impl From<Jacobian> for Addend {
    fn from(point: Jacobian) -> Self {
        let zz = point.z.squared();
        Self { point, zz, zzz: zz.times(&point.z) }
    }
}

impl Addend {
    /// The point mirrored.
    #[inline]
    pub(super) fn negated(&self) -> Self {
        let y = Element::ZERO.minus(&self.point.y);
        Self { point: Jacobian { y, ..self.point }, ..*self }
    }
}

impl Jacobian {
    /// The neutral point.
    pub(super) const NEUTRAL: Self = Self { x: Element::ONE, y: Element::ONE, z: Element::ZERO };

    /// Whether it is the neutral point.
    pub(super) fn is_neutral(&self) -> bool {
        self.z.is_zero()
    }

    /// Twice the point (dbl-2001-b): three products and five squares. No point has y = 0, as the order is odd.
    #[inline]
    pub(super) fn doubled(&self) -> Self {
        let delta = self.z.squared();
        let gamma = self.y.squared();
        let beta = self.x.times(&gamma);
        let product = self.x.minus(&delta).times(&self.x.plus(&delta));
        let alpha = product.doubled().plus(&product);
        let beta4 = beta.doubled().doubled();
        let x = alpha.squared().minus(&beta4.doubled());
        let z = self.y.plus(&self.z).squared().minus(&gamma).minus(&delta);
        let gamma2 = gamma.doubled().squared().doubled();
        let y = alpha.times(&beta4.minus(&x)).minus(&gamma2);
        Self { x, y, z }
    }

    /// The sum with an affine point: eight products and three squares.
    #[inline]
    pub(super) fn plus_affine(&self, other: &Affine) -> Self {
        if self.is_neutral() {
            return (*other).into();
        }
        let zz = self.z.squared();
        let x = other.x.times(&zz);
        let y = other.y.times(&zz.times(&self.z));
        self.joined(&self.z, &(self.x, self.y), &(x, y))
    }

    /// The sum with any point: eleven products and three squares.
    #[inline]
    pub(super) fn plus(&self, other: &Addend) -> Self {
        if self.is_neutral() {
            return other.point;
        }
        if other.point.is_neutral() {
            return *self;
        }
        let zz = self.z.squared();
        let own = (self.x.times(&other.zz), self.y.times(&other.zzz));
        let others = (other.point.x.times(&zz), other.point.y.times(&zz.times(&self.z)));
        self.joined(&self.z.times(&other.point.z), &own, &others)
    }

    /// The sum of two points that are brought to one denominator, the first of which is this one.
    #[inline]
    fn joined(&self, denominator: &Element, (x1, y1): &(Element, Element), (x2, y2): &(Element, Element)) -> Self {
        let (run, rise) = (x2.minus(x1), y2.minus(y1));
        if run.is_zero() {
            return if rise.is_zero() { self.doubled() } else { Self::NEUTRAL };
        }
        let run2 = run.squared();
        let run3 = run2.times(&run);
        let middle = x1.times(&run2);
        let x = rise.squared().minus(&run3).minus(&middle.doubled());
        let y = rise.times(&middle.minus(&x)).minus(&y1.times(&run3));
        Self { x, y, z: denominator.times(&run) }
    }

    /// Whether x is the number, which is below p, without dividing.
    pub(super) fn has_x(&self, number: Limbs) -> bool {
        self.x == Element::new(number).times(&self.z.squared())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The point by other coordinates: multiplied by powers of a number.
    fn rescaled(point: &Jacobian, factor: u64) -> Jacobian {
        let z = Element::new([factor, 0, 0, 1]);
        let zz = z.squared();
        Jacobian { x: point.x.times(&zz), y: point.y.times(&zz).times(&z), z: point.z.times(&z) }
    }

    fn affine(point: &Jacobian) -> Affine {
        let z = point.z.inverted();
        let zz = z.squared();
        Affine { x: point.x.times(&zz), y: point.y.times(&zz).times(&z) }
    }

    fn thrice() -> Jacobian {
        Jacobian::from(BASE).doubled().plus_affine(&BASE)
    }

    #[test]
    fn the_base_point_and_its_multiples_lie_on_the_curve() {
        let mut point = Jacobian::from(BASE);
        for _ in 0..100 {
            let Affine { x, y } = affine(&point);
            let right = x.squared().times(&x).minus(&x.doubled().plus(&x)).plus(&B);

            assert_eq!(y.squared(), right);
            point = point.doubled().plus_affine(&BASE);
        }
    }

    #[test]
    fn both_additions_agree_whatever_the_coordinates() {
        let (three, nine) = (thrice(), thrice().doubled().plus(&thrice().into()));
        let twelve = affine(&three.plus(&nine.into()));

        assert_eq!(affine(&rescaled(&nine, 5).plus(&rescaled(&three, 7).into())), twelve);
        assert_eq!(affine(&rescaled(&nine, 9).plus_affine(&affine(&three))), twelve);
        assert_eq!(affine(&three.doubled().doubled()), twelve);
    }

    #[test]
    fn equal_points_add_up_to_the_double() {
        let three = thrice();
        let six = affine(&three.doubled());

        assert_eq!(affine(&three.plus(&rescaled(&three, 3).into())), six);
        assert_eq!(affine(&rescaled(&three, 4).plus_affine(&affine(&three))), six);
    }

    #[test]
    fn opposite_points_add_up_to_the_neutral_one() {
        let three = thrice();

        assert!(three.plus(&Addend::from(rescaled(&three, 3)).negated()).is_neutral());
        assert!(rescaled(&three, 4).plus_affine(&affine(&three).negated()).is_neutral());
    }

    #[test]
    fn the_neutral_point_changes_nothing() {
        let three = thrice();

        assert!(Jacobian::NEUTRAL.doubled().is_neutral());
        assert_eq!(affine(&Jacobian::NEUTRAL.plus(&three.into())), affine(&three));
        assert_eq!(affine(&three.plus(&Jacobian::NEUTRAL.into())), affine(&three));
        assert_eq!(affine(&Jacobian::NEUTRAL.plus_affine(&BASE)), BASE);
    }

    #[test]
    fn x_is_compared_through_its_denominator() {
        let point = rescaled(&Jacobian::from(BASE), 11);
        let x = [0x715a_4589_334c_74c7, 0x8fe3_0bbf_f266_0be1, 0x5f99_0446_6a39_c994, 0x32c4_ae2c_1f19_8119];

        assert!(point.has_x(x));
        assert!(!point.has_x([x[0] + 1, x[1], x[2], x[3]]));
    }
}
