//! SM2 against a second implementation.

use proptest::prelude::*;
use signatures::{Item, SM2, verify, verify_batch};
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point;

const IDENTITY: &str = "1234567812345678";

fn ours(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    verify(&Item { suite: SM2, key, signature, message })
}

/// What the second implementation says.
fn theirs(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(IDENTITY, key), Signature::from_slice(signature))
    else {
        return false;
    };
    key.verify(message, &signature).is_ok()
}

/// Key and signature by the second implementation, but for secrets that are none.
fn signed(secret: &[u8; 32], message: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let key = SigningKey::from_slice(IDENTITY, secret).ok()?;
    let signature: Signature = key.try_sign(message).ok()?;
    Some((key.verifying_key().to_sec1_point(false).as_bytes().to_vec(), signature.to_bytes().to_vec()))
}

#[test]
fn keys_and_scalars_of_every_length_are_judged_alike() {
    for bits in 0..255 {
        let mut secret = [0; 32];
        secret[31 - bits / 8] = 1 << (bits % 8);
        let Some((key, signature)) = signed(&secret, &secret) else { panic!("no signature by 2^{bits}") };

        assert!(ours(&key, &signature, &secret), "2^{bits}");
        assert!(!ours(&key, &signature, &[0; 32]), "2^{bits}");
        // With r and s of few bits the sum has multiples that meet.
        let mut small = [0; 64];
        small[31] = 1;
        small[63 - bits / 8] = 1 << (bits % 8);
        assert_eq!(ours(&key, &small, &secret), theirs(&key, &small, &secret), "2^{bits}");
    }
}

/// Keys of small secrets and small r and s make the sum add a point to itself or to its opposite, which in lanes is not
/// known and must not pass for valid.
#[test]
fn a_batch_judges_as_each_alone_where_multiples_meet() {
    let mut signed_all = Vec::new();
    for secret in 1..40 {
        let mut bytes = [0; 32];
        bytes[31] = secret;
        let Some((key, signature)) = signed(&bytes, &bytes) else { panic!("no signature by {secret}") };
        for (r, s) in [(1, 1), (1, secret), (secret, 1), (secret, secret), (8, 8), (16, 240), (255, 1), (3, 128)] {
            let mut small = [0; 64];
            (small[31], small[63]) = (r, s);
            signed_all.push((key.clone(), small.to_vec(), bytes));
        }
        signed_all.push((key, signature, bytes));
    }
    let items: Vec<Item> =
        signed_all.iter().map(|(key, signature, message)| Item { suite: SM2, key, signature, message }).collect();

    let verdicts = verify_batch(&items);

    assert_eq!(verdicts, items.iter().map(verify).collect::<Vec<_>>());
    assert_eq!(verdicts.iter().filter(|is_valid| **is_valid).count(), 39);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_the_second_implementation_signs_is_valid(secret: [u8; 32], message: Vec<u8>) {
        if let Some((key, signature)) = signed(&secret, &message) {
            prop_assert!(ours(&key, &signature, &message));
        }
    }

    #[test]
    fn both_implementations_judge_what_was_altered_alike(
        secret: [u8; 32], message: [u8; 32], place in 0..161_usize, damage in 1..=255_u8
    ) {
        if let Some((mut key, mut signature)) = signed(&secret, &message) {
            let mut message = message;
            match place {
                0..65 => key[place] ^= damage,
                65..129 => signature[place - 65] ^= damage,
                _ => message[place - 129] ^= damage,
            }
            // The other takes hybrid encodings of a key.
            prop_assume!(key[0] != 6 && key[0] != 7);
            prop_assert!(!ours(&key, &signature, &message));
            prop_assert!(!theirs(&key, &signature, &message));
        }
    }
}
