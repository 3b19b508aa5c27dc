//! SM2 eight signatures at a time, where the processor can.

use super::field::Limbs;
use super::{difference_modulo_order, numbers, signed_number, sum_modulo_order, verify};
use crate::Item;
use crate::search::TOGETHER_MIN;
use lanes::{Curve, Lanes, Pair};

/// Which code verifies many signatures on this machine, and which one.
pub(crate) fn backend_name() -> &'static str {
    match Lanes::detect() {
        Some(_) => "lanes (AVX-512 IFMA), alone own, 4 x 64 bits",
        None => "own, 4 x 64 bits",
    }
}

/// What [`verify`] says of each item, in their order.
pub(crate) fn verdicts(items: &[Item]) -> impl Iterator<Item = bool> {
    let known = match Lanes::detect() {
        Some(lanes) if items.len() >= TOGETHER_MIN => find_valid(lanes, items),
        _ => vec![false; items.len()],
    };
    items.iter().zip(known).map(|(item, is_valid)| is_valid || verify(item.key, item.signature, item.message))
}

/// For each item, whether it was found valid eight at a time.
fn find_valid(lanes: Lanes, items: &[Item]) -> Vec<bool> {
    let pairs: Vec<Option<Pair>> = items.iter().map(pair).collect();
    let mut verdicts = lanes.have_x(Curve::Sm2, &pairs.iter().flatten().copied().collect::<Vec<_>>()).into_iter();
    pairs.iter().map(|pair| pair.is_some() && verdicts.next().unwrap_or(false)).collect()
}

/// What the signature comes down to: \[s\]G + \[r + s\]Q has the x that r less the signed number is; `None` if its form
/// is wrong. Where that x is so small that n more could be meant, too, the lanes may not know.
fn pair(item: &Item) -> Option<Pair> {
    let (&form, point) = item.key.split_first()?;
    let (first, second) = point.split_first_chunk::<32>()?;
    let (r, s) = numbers(item.signature)?;
    let t = sum_modulo_order(&r, &s);
    let wanted = difference_modulo_order(&r, &signed_number(item.key, item.message));
    let is_claim = form == 4 && t != [0; 4];
    is_claim.then_some(Pair {
        base_scalar: little_endian(&s),
        scalar: little_endian(&t),
        point: [*first, second.try_into().ok()?],
        x: big_endian(&wanted),
    })
}

fn little_endian(number: &Limbs) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(number) {
        chunk.copy_from_slice(&limb.to_le_bytes());
    }
    bytes
}

fn big_endian(number: &Limbs) -> [u8; 32] {
    let mut bytes = little_endian(number);
    bytes.reverse();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn bytes(text: &Value) -> Vec<u8> {
        crate::vectors::unhex(text)
    }

    #[test]
    fn every_vector_that_lanes_find_valid_is_valid_and_they_find_ordinary_ones() {
        let Some(lanes) = Lanes::detect() else {
            eprintln!("skipped: this processor lacks AVX-512 IFMA");
            return;
        };
        let mut found = 0;
        for name in ["sm2", "sm2_openssl", "p256", "confusion"] {
            let path = format!("{}/../../tests/vectors/suites/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let content: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            for vector in content["vectors"].as_array().unwrap() {
                let [key, signature, message] = ["key", "signature", "message"].map(|part| bytes(&vector[part]));
                let item = Item { suite: crate::SM2, key: &key, signature: &signature, message: &message };

                let is_found = find_valid(lanes, &[item])[0];

                assert!(!is_found || verify(&key, &signature, &message), "{}", vector["name"]);
                let is_ordinary = name == "sm2_openssl" && vector["valid"] == true;
                assert!(is_found || !is_ordinary, "{}", vector["name"]);
                found += usize::from(is_found);
            }
        }
        assert!(found > 10, "{found}");
    }
}
