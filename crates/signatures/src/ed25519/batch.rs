//! One equation for many signatures.
//!
//! With secret random factors zᵢ the sum of all zᵢ · (\[kᵢ\]Aᵢ + Rᵢ - \[Sᵢ\]B) is of small order for valid signatures; if
//! one is not valid, that happens with a chance of 2⁻¹²⁷. The factor 8 that ZIP 215 puts into the equation of a single
//! signature is what lets both come to one verdict on signatures with parts of small order, too.

use super::coefficients::{self, Factor};
use super::{Claim, decode_point, verify};
use crate::Item;
use crate::search::TOGETHER_MIN;
use curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use lanes::{Lanes, Term};
use std::collections::HashMap;

/// The bit of an encoding that tells a point from its opposite.
const SIGN: u8 = 0x80;

/// Whether every signature is valid by ZIP 215.
pub(crate) fn are_all_valid(items: &[Item]) -> bool {
    if items.len() < TOGETHER_MIN {
        return items.iter().all(verify);
    }
    items.iter().map(Claim::decode).collect::<Option<Vec<_>>>().is_some_and(|claims| do_all_hold(&claims))
}

/// Which code adds up the points of a batch on this machine.
pub(crate) fn backend_name() -> &'static str {
    match Lanes::detect() {
        Some(_) => "lanes (AVX-512 IFMA), alone curve25519-dalek",
        None => "curve25519-dalek",
    }
}

fn do_all_hold(claims: &[Claim]) -> bool {
    let Some(factors) = coefficients::draw(claims.len()) else {
        return claims.iter().all(|claim| claim.holds().unwrap_or(false));
    };
    let terms = equation(claims, &factors);
    match Lanes::detect() {
        Some(lanes) => lanes.is_of_small_order(&terms),
        None => is_of_small_order(&terms),
    }
    .unwrap_or(false)
}

/// The terms of the batch's equation, with one term for all signatures of one key.
fn equation(claims: &[Claim], factors: &[Factor]) -> Vec<Term> {
    let mut base = Scalar::ZERO;
    let mut keys: Vec<([u8; 32], Scalar)> = Vec::with_capacity(claims.len());
    let mut places = HashMap::with_capacity(claims.len());
    for (claim, factor) in claims.iter().zip(factors) {
        let factor = factor.value();
        base -= factor * claim.response;
        let place = *places.entry(&claim.key).or_insert_with(|| {
            keys.push((claim.key, Scalar::ZERO));
            keys.len() - 1
        });
        keys[place].1 += factor * claim.challenge;
    }
    let base = [(ED25519_BASEPOINT_COMPRESSED.0, base)];
    let long = base.into_iter().chain(keys).map(|(encoding, scalar)| Term { encoding, scalar: scalar.to_bytes() });
    long.chain(claims.iter().zip(factors).map(|(claim, factor)| commitment(claim, factor))).collect()
}

/// The factor times R, with the factor's sign given to the point: so the scalar has half the length of others.
fn commitment(claim: &Claim, factor: &Factor) -> Term {
    let mut encoding = claim.commitment;
    encoding[31] ^= if factor.is_negative { SIGN } else { 0 };
    Term { encoding, scalar: factor.magnitude.to_bytes() }
}

/// What `lanes` tells, where the processor lacks what it needs.
fn is_of_small_order(terms: &[Term]) -> Option<bool> {
    let scalars = terms.iter().map(|term| Scalar::from_bytes_mod_order(term.scalar));
    let points = terms.iter().map(|term| decode_point(&term.encoding));
    EdwardsPoint::optional_multiscalar_mul(scalars, points).map(|sum| sum.is_small_order())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn every_vector_is_judged_alike_with_and_without_lanes() {
        let Some(lanes) = Lanes::detect() else {
            eprintln!("skipped: this processor lacks AVX-512 IFMA");
            return;
        };
        for vector in vectors::read("ed25519") {
            let item = Item { suite: 1, key: &vector.key, signature: &vector.signature, message: &vector.message };
            let Some(claim) = Claim::decode(&item) else {
                assert!(!vector.is_valid, "{}", vector.name);
                continue;
            };
            let factors = coefficients::draw(1).expect("this machine gives randomness");

            let terms = equation(&[claim], &factors);

            assert_eq!(lanes.is_of_small_order(&terms).unwrap_or(false), vector.is_valid, "{}", vector.name);
            assert_eq!(is_of_small_order(&terms).unwrap_or(false), vector.is_valid, "{}", vector.name);
        }
    }
}
