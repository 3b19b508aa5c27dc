//! Sums in lanes against those of curve25519-dalek, on random terms and on every strange encoding of a point.
//! Where the processor lacks the lanes there is nothing to compare, and the tests say so.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use lanes::{Lanes, Term};
use proptest::collection::vec;
use proptest::prelude::*;

/// What the other implementation says.
fn expected(terms: &[Term]) -> Option<bool> {
    let scalars = terms.iter().map(|term| Scalar::from_bytes_mod_order(term.scalar));
    let points = terms.iter().map(|term| CompressedEdwardsY(term.encoding).decompress());
    EdwardsPoint::optional_multiscalar_mul(scalars, points).map(|sum| sum.is_small_order())
}

fn lanes() -> Option<Lanes> {
    let lanes = Lanes::detect();
    if lanes.is_none() {
        eprintln!("skipped: this processor lacks AVX-512 IFMA");
    }
    lanes
}

fn minus_one_times(point: EdwardsPoint) -> Term {
    Term { encoding: (-point).compress().0, scalar: Scalar::ONE.to_bytes() }
}

/// A point of the whole curve, with a part of small order as often as not.
fn any_point() -> impl Strategy<Value = EdwardsPoint> {
    (any::<[u8; 32]>(), 0..16_usize).prop_map(|(scalar, torsion)| {
        let point = EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(scalar));
        EIGHT_TORSION.get(torsion).map_or(point, |part| point + part)
    })
}

fn any_scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        4 => any::<[u8; 32]>().prop_map(Scalar::from_bytes_mod_order),
        4 => any::<u128>().prop_map(Scalar::from),
        1 => (0..512_u64).prop_map(Scalar::from),
        1 => (1..512_u64).prop_map(|number| -Scalar::from(number)),
        1 => (0..252_u32).prop_map(|bits| (0..bits).fold(Scalar::ONE, |power, _| power + power) - Scalar::ONE),
    ]
}

/// Terms, and with them one that takes their sum away.
fn balanced(points: &[(EdwardsPoint, Scalar)]) -> Vec<Term> {
    let sum: EdwardsPoint = points.iter().map(|(point, scalar)| point * scalar).sum();
    let terms = points.iter().map(|(point, scalar)| Term { encoding: point.compress().0, scalar: scalar.to_bytes() });
    terms.chain([minus_one_times(sum)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_sum_that_was_taken_away_is_nothing_and_a_changed_one_is_not(
        points in prop_oneof![vec((any_point(), any_scalar()), 0..40), vec((any_point(), any_scalar()), 250..300)],
        changed in any::<prop::sample::Index>(),
    ) {
        let Some(lanes) = lanes() else { return Ok(()) };
        let mut terms = balanced(&points);
        prop_assert_eq!(lanes.is_of_small_order(&terms), Some(true));

        let place = changed.index(terms.len());
        terms[place].scalar[0] ^= 1;

        prop_assert_eq!(lanes.is_of_small_order(&terms), expected(&terms));
    }

    #[test]
    fn any_bytes_decode_as_the_other_implementation_decodes_them(encodings in vec(any::<[u8; 32]>(), 1..9)) {
        let Some(lanes) = lanes() else { return Ok(()) };
        for encoding in encodings {
            let decoded = CompressedEdwardsY(encoding).decompress();
            let terms = [
                Term { encoding, scalar: Scalar::ONE.to_bytes() },
                minus_one_times(decoded.unwrap_or(EIGHT_TORSION[0])),
            ];

            prop_assert_eq!(lanes.is_of_small_order(&terms), decoded.map(|_| true));
        }
    }
}

#[test]
fn every_encoding_near_the_prime_and_near_zero_decodes_alike() {
    let Some(lanes) = lanes() else { return };
    for near in 0..64_u8 {
        for (low, fill) in [(near, 0), (255 - near, 255)] {
            for top in [fill & 127, fill | 128] {
                let mut encoding = [fill; 32];
                (encoding[0], encoding[31]) = (low, top);
                let term = Term { encoding, scalar: Scalar::ONE.to_bytes() };
                let decoded = CompressedEdwardsY(encoding).decompress();

                assert_eq!(lanes.is_of_small_order(&[term]), expected(&[term]), "{encoding:?}");
                if let Some(point) = decoded {
                    assert_eq!(lanes.is_of_small_order(&[term, minus_one_times(point)]), Some(true), "{encoding:?}");
                }
            }
        }
    }
}

#[test]
fn no_terms_are_nothing_and_the_base_point_is_something() {
    let Some(lanes) = lanes() else { return };
    let base = Term { encoding: EdwardsPoint::mul_base(&Scalar::ONE).compress().0, scalar: Scalar::ONE.to_bytes() };

    assert_eq!(lanes.is_of_small_order(&[]), Some(true));
    assert_eq!(lanes.is_of_small_order(&[base]), Some(false));
}

#[test]
fn one_encoding_without_a_point_is_told_wherever_it_stands() {
    let Some(lanes) = lanes() else { return };
    let good = Term { encoding: EIGHT_TORSION[1].compress().0, scalar: [1; 32] };
    let mut encoding = [0; 32];
    encoding[0] = 2; // no point of the curve has y = 2
    for place in 0..20 {
        let mut terms = [good; 20];
        terms[place].encoding = encoding;

        assert_eq!(lanes.is_of_small_order(&terms), None, "{place}");
    }
}
