//! Prints how many signatures of each suite are verified in a second: one after another and together, with one thread
//! and with two.
//!
//! ```sh
//! cargo run --release --package signatures --example rates
//! ```
//!
//! All keys and messages are distinct, but for SM2's: those are the shared vectors over and over. Of many rounds the fastest counts, so that what else runs on the machine shows as little as possible.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "it measures, and may fail where it stands")]

use ed25519_zebra::VerificationKey;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::Value;
use sha2::{Digest, Sha256};
use signatures::{ED25519, Item, P256, PASSKEY, SM2, are_all_valid, backend_name, verify};
use std::sync::LazyLock;
use std::thread::scope;
use std::time::{Duration, Instant};

const SIGNATURES: usize = 1024;
const BATCHES: [usize; 4] = [8, 64, 256, 1024];
const TIME_EACH: Duration = Duration::from_millis(1500);
const ORIGIN: &[u8] = b"https://pay.example";

/// Key, signature, message.
type Signed = (Vec<u8>, Vec<u8>, [u8; 32]);

fn main() {
    println!(
        "{:<10} {:<46} {:>8} {:>10} {:>10} {:>12}",
        "suite", "backend", "batch", "1 thread", "2 threads", "us per core"
    );
    for (name, suite, sign) in [
        ("ed25519", ED25519, sign_ed25519 as fn(usize) -> Signed),
        ("p256", P256, sign_p256),
        ("passkey", PASSKEY, sign_passkey),
        ("sm2", SM2, read_sm2),
    ] {
        let signed: Vec<Signed> = (0..SIGNATURES).map(sign).collect();
        print_rates(name, suite, &signed);
    }
}

fn print_rates(name: &str, suite: u8, signed: &[Signed]) {
    let items: Vec<Item> =
        signed.iter().map(|(key, signature, message)| Item { suite, key, signature, message }).collect();
    print_rate(name, suite, 1, &items, |batch| batch.iter().all(verify));
    for length in BATCHES {
        print_rate(name, suite, length, &items, are_all_valid);
    }
}

fn print_rate(name: &str, suite: u8, length: usize, items: &[Item], check: impl Fn(&[Item]) -> bool + Sync) {
    let one = fastest(&items[..length], &check);
    let two = scope(|scope| {
        let other = scope.spawn(|| fastest(&items[..length], &check));
        1.0 / (1.0 / fastest(&items[..length], &check) + 1.0 / other.join().unwrap())
    });
    let backend = backend_name(suite).unwrap();
    println!("{name:<10} {backend:<46} {length:>8} {:>10.0} {:>10.0} {:>12.2}", 1.0 / one, 1.0 / two, one * 1e6);
}

/// Seconds for one signature in the fastest of many rounds.
fn fastest(batch: &[Item], check: &impl Fn(&[Item]) -> bool) -> f64 {
    let (start, mut fastest) = (Instant::now(), Duration::MAX);
    while start.elapsed() < TIME_EACH {
        let round = Instant::now();
        assert!(check(batch), "all signatures are valid");
        fastest = fastest.min(round.elapsed());
    }
    fastest.as_secs_f64() / f64::from(u32::try_from(batch.len()).unwrap())
}

fn digest(number: usize) -> [u8; 32] {
    Sha256::digest(number.to_be_bytes()).into()
}

fn sign_ed25519(number: usize) -> Signed {
    let key = ed25519_zebra::SigningKey::from(digest(number));
    let message = digest(number + SIGNATURES);
    (VerificationKey::from(&key).as_ref().to_vec(), key.sign(&message).to_bytes().to_vec(), message)
}

fn sign_p256(number: usize) -> Signed {
    let message = digest(number);
    let (key, signature) = sign_with_new_key(&message);
    (key, signature, message)
}

fn sign_passkey(number: usize) -> Signed {
    let (message, rp_id_hash) = (digest(number), Sha256::digest(b"pay.example"));
    let challenge = base64url(&message);
    let client_data = [
        b"{\"type\":\"webauthn.get\",\"challenge\":\"" as &[u8],
        challenge.as_bytes(),
        b"\",\"origin\":\"",
        ORIGIN,
        b"\",\"crossOrigin\":false}",
    ]
    .concat();
    let authenticator_data = [&rp_id_hash as &[u8], &[5, 0, 0, 0, 0]].concat();
    let (point, signature) = sign_with_new_key(&[&authenticator_data as &[u8], &Sha256::digest(&client_data)].concat());
    let key = [&rp_id_hash as &[u8], &point, &[u8::try_from(ORIGIN.len()).unwrap()], ORIGIN].concat();
    (key, [sized(&authenticator_data), sized(&client_data), signature].concat(), message)
}

/// Base64 with `-` and `_` and without padding.
fn base64url(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).collect();
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let digit =
        |six: &[u8]| six.iter().enumerate().fold(0, |digit, (place, &bit)| digit | usize::from(bit) << (5 - place));
    bits.chunks(6).map(|six| alphabet[digit(six)]).collect()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes() as &[u8], bytes].concat()
}

/// One of the signatures of OpenSSL among the vectors.
fn read_sm2(number: usize) -> Signed {
    static VECTORS: LazyLock<Vec<Signed>> = LazyLock::new(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/suites/sm2_openssl.json");
        let content: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let valid = content["vectors"].as_array().unwrap().iter().filter(|vector| vector["valid"] == true);
        let read = |vector: &Value, part| unhex(vector[part].as_str().unwrap());
        let signed = |vector| (read(vector, "key"), read(vector, "signature"), read(vector, "message").try_into());
        valid.map(signed).filter_map(|(key, signature, message)| Some((key, signature, message.ok()?))).collect()
    });
    VECTORS[number % VECTORS.len()].clone()
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|place| u8::from_str_radix(&digits[place..place + 2], 16).unwrap()).collect()
}

fn sign_with_new_key(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
    (key.public_key().as_ref().to_vec(), key.sign(&random, message).unwrap().as_ref().to_vec())
}
