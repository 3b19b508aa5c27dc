//! Sums of two multiples in lanes against those of the crate `p256`, also where the formulas for a sum fail.
//! Where the processor lacks the lanes there is nothing to compare, and the tests say so.

use lanes::{Curve, Lanes, Pair};
use p256::elliptic_curve::bigint::Encoding;
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{ProjectivePoint, Scalar, U256};
use proptest::collection::vec;
use proptest::prelude::*;

fn lanes() -> Option<Lanes> {
    let lanes = Lanes::detect();
    if lanes.is_none() {
        eprintln!("skipped: this processor lacks AVX-512 IFMA");
    }
    lanes
}

/// x and y, or `None` for the neutral point.
fn coordinates(point: ProjectivePoint) -> Option<[[u8; 32]; 2]> {
    let encoded = point.to_affine().to_encoded_point(false);
    Some([<[u8; 32]>::try_from(&encoded.x()?[..]).ok()?, <[u8; 32]>::try_from(&encoded.y()?[..]).ok()?])
}

fn little_endian(scalar: Scalar) -> [u8; 32] {
    let mut bytes: [u8; 32] = scalar.to_bytes().into();
    bytes.reverse();
    bytes
}

/// The question whose answer is yes, and the x asked about; `None` if the sum or the point is neutral.
fn question(base_scalar: Scalar, scalar: Scalar, secret: Scalar) -> Option<Pair> {
    let point = ProjectivePoint::GENERATOR * secret;
    let [x, _] = coordinates(ProjectivePoint::GENERATOR * base_scalar + point * scalar)?;
    let (base_scalar, scalar) = (little_endian(base_scalar), little_endian(scalar));
    Some(Pair { base_scalar, scalar, point: coordinates(point)?, x })
}

fn reduce(bytes: &[u8; 32]) -> Scalar {
    Scalar::reduce(U256::from_be_slice(bytes))
}

fn any_scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        4 => any::<[u8; 32]>().prop_map(|bytes| reduce(&bytes)),
        1 => any::<u64>().prop_map(Scalar::from),
        1 => (0..600_u64).prop_map(|number| -Scalar::from(number)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_true_x_is_known_and_any_other_is_not(
        scalars in vec((any_scalar(), any_scalar(), any::<[u8; 32]>()), 1..30),
        flips in vec((0..5_usize, 0..256_usize), 30),
    ) {
        let Some(lanes) = lanes() else { return Ok(()) };
        let mut pairs: Vec<Pair> = scalars
            .into_iter()
            .filter_map(|(base, scalar, secret)| question(base, scalar, reduce(&secret)))
            .collect();
        prop_assert_eq!(lanes.have_x(Curve::P256, &pairs), vec![true; pairs.len()]);

        for (pair, (part, bit)) in pairs.iter_mut().zip(flips) {
            let [x, y] = &mut pair.point;
            let bytes = [&mut pair.base_scalar, &mut pair.scalar, x, y, &mut pair.x];
            bytes.into_iter().nth(part).expect("one of five")[bit / 8] ^= 1 << (bit % 8);
        }

        prop_assert_eq!(lanes.have_x(Curve::P256, &pairs), vec![false; pairs.len()]);
    }
}

#[test]
fn small_multiples_of_the_base_point_meet_on_their_way_and_no_wrong_x_is_taken_for_true() {
    let Some(lanes) = lanes() else { return };
    let numbers =
        (0..5_u64).flat_map(|number| [Scalar::from(number), -Scalar::from(number), Scalar::from(number * 257)]);
    let numbers: Vec<Scalar> = numbers.collect();
    let any = question(Scalar::from(5_u64), Scalar::from(7_u64), Scalar::from(11_u64)).expect("a point");
    for &base_scalar in &numbers {
        for &scalar in &numbers {
            for secret in [1_u64, 2, 257].map(Scalar::from) {
                let (x, true_pair) = (any.x, question(base_scalar, scalar, secret));
                let point = coordinates(ProjectivePoint::GENERATOR * secret).expect("a point");
                let wrong =
                    Pair { base_scalar: little_endian(base_scalar), scalar: little_endian(scalar), point, x: [0; 32] };

                assert!(
                    true_pair.is_some_and(|pair| pair.x == x) || !lanes.have_x(Curve::P256, &[Pair { x, ..wrong }])[0]
                );
                assert!(!lanes.have_x(Curve::P256, &[wrong])[0]);
            }
        }
    }
}

#[test]
fn sums_that_nothing_meets_on_the_way_are_known_even_of_one_multiple_alone() {
    let Some(lanes) = lanes() else { return };
    let secret = Scalar::from(0x1234_5678_9abc_u64);
    for (base_scalar, scalar) in [(0_u64, 1_u64), (1, 0), (0, 255), (128, 0), (127, 8), (1 << 40, 1 << 60)] {
        let pair = question(Scalar::from(base_scalar), Scalar::from(scalar), secret).expect("a point");

        assert_eq!(lanes.have_x(Curve::P256, &[pair]), [true], "{base_scalar} {scalar}");
    }
}

#[test]
fn a_neutral_sum_has_no_x() {
    let Some(lanes) = lanes() else { return };
    let mut pair = question(Scalar::ONE, Scalar::ONE, Scalar::from(9_u64)).expect("a point");
    (pair.base_scalar, pair.scalar, pair.x) = ([0; 32], [0; 32], [0; 32]);

    assert_eq!(lanes.have_x(Curve::P256, &[pair]), [false]);
}

#[test]
fn coordinates_from_the_prime_on_are_refused_though_they_would_reduce_to_a_point() {
    let Some(lanes) = lanes() else { return };
    let prime = U256::from_be_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let y = U256::from_be_hex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc").to_be_bytes();
    let small = U256::from_u8(5).to_be_bytes();
    // The point with x = 5 has an x that 32 bytes can also hold with the prime added.
    let mut pair = Pair { base_scalar: [0; 32], scalar: little_endian(Scalar::ONE), point: [small, y], x: small };
    assert_eq!(lanes.have_x(Curve::P256, &[pair]), [true]);

    let beyond = prime.wrapping_add(&U256::from_u8(5)).to_be_bytes();
    pair.point[0] = beyond;
    assert_eq!(lanes.have_x(Curve::P256, &[pair]), [false]);
    (pair.point, pair.x) = ([small, y], beyond);
    assert_eq!(lanes.have_x(Curve::P256, &[pair]), [false]);
}
