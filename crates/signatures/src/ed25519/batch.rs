//! One equation for many signatures.
//!
//! With secret random factors zᵢ the sum of all zᵢ · (\[kᵢ\]Aᵢ + Rᵢ - \[Sᵢ\]B) is of small order for valid signatures; if
//! one is not valid, that happens with a chance of 2⁻¹²⁸. The factor 8 that ZIP 215 puts into the equation of a single
//! signature is what lets both come to one verdict on signatures with parts of small order, too.

use super::{Claim, coefficients, decode_point, verify};
use crate::Item;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use std::collections::HashMap;

/// Whether every signature is valid by ZIP 215.
pub(crate) fn are_all_valid(items: &[Item]) -> bool {
    match items {
        [] => true,
        [item] => verify(item),
        _ => items.iter().map(Claim::decode).collect::<Option<Vec<_>>>().is_some_and(|claims| do_all_hold(&claims)),
    }
}

/// Which code adds up the points on this machine.
pub(crate) fn backend_name() -> &'static str {
    "curve25519-dalek"
}

fn do_all_hold(claims: &[Claim]) -> bool {
    let Some(factors) = coefficients::draw(claims.len()) else {
        return claims.iter().all(|claim| claim.holds().unwrap_or(false));
    };
    let sum = Sum::of(claims, &factors);
    EdwardsPoint::optional_multiscalar_mul(&sum.scalars, sum.points()).is_some_and(|sum| sum.is_small_order())
}

/// A sum of multiples of points, the base point first.
struct Sum {
    scalars: Vec<Scalar>,
    encodings: Vec<[u8; 32]>,
}

impl Sum {
    /// The equation of the batch, with one term for all signatures of one key.
    fn of(claims: &[Claim], factors: &[Scalar]) -> Self {
        let mut sum = Self { scalars: vec![Scalar::ZERO], encodings: Vec::with_capacity(2 * claims.len()) };
        let mut places = HashMap::with_capacity(claims.len());
        for (claim, factor) in claims.iter().zip(factors) {
            sum.scalars[0] -= factor * claim.response;
            let place = *places.entry(&claim.key).or_insert_with(|| sum.push(claim.key, Scalar::ZERO));
            sum.scalars[place] += factor * claim.challenge;
        }
        for (claim, factor) in claims.iter().zip(factors) {
            sum.push(claim.commitment, *factor);
        }
        sum
    }

    fn push(&mut self, encoding: [u8; 32], scalar: Scalar) -> usize {
        self.encodings.push(encoding);
        self.scalars.push(scalar);
        self.scalars.len() - 1
    }

    fn points(&self) -> impl Iterator<Item = Option<EdwardsPoint>> {
        std::iter::once(Some(ED25519_BASEPOINT_POINT)).chain(self.encodings.iter().map(decode_point))
    }
}
