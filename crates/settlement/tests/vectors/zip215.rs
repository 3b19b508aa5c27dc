//! ZIP 215 as it is written, for the tests to judge by: one multiplication after another, no batch.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use settlement::judge::{SignatureCheck, Verifier};
use settlement::key::{ED25519, PublicKeyRef};
use sha2::{Digest, Sha512};

use crate::reading::{bytes, file, list, text};

/// Verifies Ed25519 by what stands below, and the other suites by the crate that is held to vectors of its own.
pub struct Zip215;

impl Verifier for Zip215 {
    fn is_valid(&self, check: &SignatureCheck<'_>) -> bool {
        let &SignatureCheck { suite, key, signature, ref digest } = check;
        if suite == ED25519 {
            return is_valid(key, signature, digest).unwrap_or(false);
        }
        signatures::verify(&signatures::Item { suite, key, signature, message: digest })
    }

    fn is_usable(&self, key: PublicKeyRef<'_>) -> bool {
        if key.suite == ED25519 {
            return point(key.key).is_some_and(|point| !point.is_small_order());
        }
        signatures::is_usable(key.suite, key.key)
    }
}

fn is_valid(key: &[u8], signature: &[u8], message: &[u8]) -> Option<bool> {
    let (commitment_bytes, response) = signature.split_first_chunk::<32>()?;
    let public = point(key)?;
    let commitment = point(commitment_bytes)?;
    let response: Option<Scalar> = Scalar::from_canonical_bytes(response.try_into().ok()?).into();
    let hash = Sha512::new().chain_update(commitment_bytes).chain_update(key).chain_update(message).finalize();
    let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
    let difference = EdwardsPoint::mul_base(&response?) - challenge * public - commitment;
    Some(difference.mul_by_cofactor().is_identity())
}

fn point(encoding: &[u8]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(encoding.try_into().ok()?).decompress()
}

#[test]
fn the_verifier_of_these_tests_agrees_with_every_vector_of_ed25519() {
    for name in ["encodings", "mixed_order", "ordinary", "rfc8032", "scalars", "small_order"] {
        for vector in list(&file(&format!("ed25519/{name}")), "vectors") {
            let [key, signature, message] = ["public_key", "signature", "message"].map(|member| bytes(vector, member));

            let valid = is_valid(&key, &signature, &message).unwrap_or(false);

            assert_eq!(valid, vector["valid"], "{}", text(vector, "name"));
        }
    }
}
