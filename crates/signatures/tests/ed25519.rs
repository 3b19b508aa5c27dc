//! Ed25519 against the shared vectors and a second implementation of ZIP 215, alone and in batches.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod vectors;

use ed25519_zebra::{Signature, SigningKey, VerificationKey};
use proptest::prelude::*;
use signatures::{ED25519, Item, are_all_valid, verify, verify_batch};
use vectors::Vector;

fn item(vector: &Vector) -> Item<'_> {
    Item { suite: ED25519, key: &vector.key, signature: &vector.signature, message: &vector.message }
}

/// Vectors of every kind, and as many ordinary signatures again.
fn all() -> Vec<Vector> {
    let mut vectors = vectors::read("ed25519");
    assert_eq!(vectors.len(), 447);
    vectors.extend((0..447).map(ordinary));
    vectors
}

fn ordinary(number: u16) -> Vector {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    let (key, message) = (SigningKey::from(seed), seed.map(|byte| !byte));
    Vector {
        name: format!("ordinary {number}"),
        key: VerificationKey::from(&key).as_ref().to_vec(),
        signature: key.sign(&message).to_bytes().to_vec(),
        message: message.to_vec(),
        is_valid: true,
    }
}

/// What the second implementation says.
fn zebra(vector: &Vector) -> bool {
    let (Ok(key), Ok(signature)) =
        (VerificationKey::try_from(&vector.key[..]), Signature::from_slice(&vector.signature))
    else {
        return false;
    };
    key.verify(&signature, &vector.message).is_ok()
}

#[test]
fn every_vector_is_judged_singly_as_it_says() {
    for vector in all() {
        assert_eq!(verify(&item(&vector)), vector.is_valid, "{}", vector.name);
    }
}

#[test]
fn one_batch_of_all_vectors_gives_each_its_verdict() {
    let vectors = all();
    let items: Vec<Item> = vectors.iter().map(item).collect();

    let verdicts = verify_batch(&items);

    for (vector, verdict) in vectors.iter().zip(verdicts) {
        assert_eq!(verdict, vector.is_valid, "{}", vector.name);
    }
}

#[test]
fn all_valid_vectors_together_are_a_valid_batch() {
    let vectors: Vec<Vector> = all().into_iter().filter(|vector| vector.is_valid).collect();

    for length in [2, 17, 64, 300, vectors.len()] {
        assert!(vectors.chunks(length).all(|chunk| are_all_valid(&chunk.iter().map(item).collect::<Vec<_>>())));
    }
}

#[test]
fn each_vector_decides_a_batch_of_ordinary_ones_wherever_it_stands() {
    let (vectors, fill) = (vectors::read("ed25519"), (0..16).map(ordinary).collect::<Vec<_>>());
    for (number, vector) in vectors.iter().enumerate() {
        for place in [0, number % 17, 16] {
            let mut items: Vec<Item> = fill.iter().map(item).collect();
            items.insert(place, item(vector));

            assert_eq!(are_all_valid(&items), vector.is_valid, "{} at {place}", vector.name);
        }
    }
}

#[test]
fn signatures_of_one_key_share_a_term_and_each_still_counts() {
    let vector = ordinary(0);
    let mut other = vector.clone();
    other.message.push(0);
    let good = vec![item(&vector); 20];
    let mut bad = good.clone();
    bad[13] = item(&other);

    assert!(are_all_valid(&good));
    assert!(!are_all_valid(&bad));
    assert_eq!(verify_batch(&bad), (0..20).map(|place| place != 13).collect::<Vec<_>>());
}

#[test]
fn errors_that_would_cancel_without_secret_factors_do_not() {
    // S + 1 in one signature and S - 1 in another: their plain sum holds.
    let (mut left, mut right) = (ordinary(1), ordinary(2));
    left.signature[32] = left.signature[32].wrapping_add(1);
    right.signature[32] = right.signature[32].wrapping_sub(1);
    assert!(left.signature[32] != 0 && right.signature[32] != 255, "no carry, so the changes are just 1");

    assert!(!are_all_valid(&[item(&left), item(&right)]));
    assert_eq!(verify_batch(&[item(&left), item(&right)]), [false, false]);
}

#[test]
fn an_empty_batch_is_valid() {
    assert!(are_all_valid(&[]));
    assert_eq!(verify_batch(&[]), Vec::<bool>::new());
}

#[test]
fn keys_that_anybody_can_sign_for_are_not_usable() {
    for vector in vectors::read("ed25519") {
        let is_weak = vector.name.starts_with("small order: A ");
        assert!(!is_weak || !signatures::is_usable(ED25519, &vector.key), "{}", vector.name);
    }
    assert!(signatures::is_usable(ED25519, &ordinary(3).key));
    assert!(!signatures::is_usable(ED25519, &ordinary(3).key[1..]));
}

/// A signature with some bits of it turned over, which two implementations must judge alike.
fn damaged() -> impl Strategy<Value = Vector> {
    (0..200_u16, proptest::collection::vec((0..128_usize, 0..8_u8), 0..3)).prop_map(|(number, flips)| {
        let mut vector = ordinary(number);
        for (place, bit) in flips {
            let part = [&mut vector.key, &mut vector.signature, &mut vector.message];
            let bytes = part.into_iter().flatten().nth(place).unwrap();
            *bytes ^= 1 << bit;
        }
        vector
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn batches_with_planted_bad_ones_are_judged_as_the_second_implementation_judges_each(
        chosen in proptest::collection::vec(prop_oneof![8 => (0..400_u16).prop_map(ordinary), 1 => damaged(), 1 => adversarial()], 0..90),
    ) {
        let items: Vec<Item> = chosen.iter().map(item).collect();
        let expected: Vec<bool> = chosen.iter().map(zebra).collect();

        prop_assert_eq!(verify_batch(&items), expected.clone());
        prop_assert_eq!(are_all_valid(&items), expected.iter().all(|&verdict| verdict));
        prop_assert_eq!(items.iter().map(verify).collect::<Vec<_>>(), expected);
    }
}

fn adversarial() -> impl Strategy<Value = Vector> {
    let vectors = vectors::read("ed25519");
    (0..vectors.len()).prop_map(move |place| vectors[place].clone())
}
