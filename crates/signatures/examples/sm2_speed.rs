//! SM2 verifications a second on one core, beside those of other software, in rounds one after another.
//!
//! ```sh
//! cargo run --release --example sm2_speed [rounds] [python with gmssl-pyx or gmssl-fast]
//! ```
//!
//! Ours are of distinct keys: each is decoded and checked to lie on the curve, and Z is hashed. Processor time counts, not
//! time on the wall, as `openssl speed` does it; of several rounds the best, since other work on the machine only slows
//! down. What is not there is left out.
#![expect(clippy::expect_used, reason = "a measurement that cannot be made ends")]

use signatures::{Item, SM2, are_all_valid, backend_name, verify};
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point;
use std::hint::black_box;
use std::process::Command;

const IDENTITY: &str = "1234567812345678";
const SIGNATURES: u16 = 2_000;
/// Verifies one signature over and over for a second of processor time by the package it is told; prints the number.
const PYTHON: &str = r#"
import sys, time
message = bytes(32)
try:
    if sys.argv[1] == "gmssl-pyx":
        import gmssl_pyx
        public, private = gmssl_pyx.sm2_key_generate()
        signature = gmssl_pyx.sm2_sign(private, public, message)
        check = lambda: gmssl_pyx.sm2_verify(public, message, signature)
    else:
        import gmssl_fast
        key = gmssl_fast.SM2.generate()
        signature = key.sign(message)
        check = lambda: key.verify(message, signature)
    assert check()
except ImportError:
    sys.exit()
count, start = 0, time.process_time()
while time.process_time() - start < 1:
    check()
    count += 1
print(count / (time.process_time() - start))
"#;

type Signed = (Vec<u8>, Vec<u8>, [u8; 32]);

fn signed(number: u16) -> Signed {
    let mut secret = [0x5a; 32];
    secret[30..].copy_from_slice(&number.to_be_bytes());
    let key = SigningKey::from_slice(IDENTITY, &secret).expect("the secret is in range");
    let message = secret.map(|byte| !byte);
    let signature: Signature = key.sign(&message);
    (key.verifying_key().to_sec1_point(false).as_bytes().to_vec(), signature.to_bytes().to_vec(), message)
}

fn per_second(all: &[Signed], check: impl Fn(&[Signed]) -> bool) -> f64 {
    let start = processor_s();
    assert!(check(black_box(all)), "every signature is valid");
    f64::from(SIGNATURES) / (processor_s() - start)
}

/// Many at a time, as a kernel verifies them.
fn together(all: &[Signed]) -> bool {
    are_all_valid(&all.iter().map(item).collect::<Vec<_>>())
}

/// Seconds that this thread has run: Linux counts them in nanoseconds.
fn processor_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts processor time");
    let nanoseconds: f64 = text.split_whitespace().next().and_then(|field| field.parse().ok()).expect("a number");
    nanoseconds / 1e9
}

fn item((key, signature, message): &Signed) -> Item<'_> {
    Item { suite: SM2, key, signature, message }
}

fn alone(all: &[Signed]) -> bool {
    all.iter().all(|signed| verify(&item(signed)))
}

/// `RustCrypto`'s crate `sm2`.
fn theirs(all: &[Signed]) -> bool {
    all.iter().all(|(key, signature, message)| {
        let key = VerifyingKey::from_sec1_bytes(IDENTITY, key).expect("a key");
        key.verify(message, &Signature::from_slice(signature).expect("a signature")).is_ok()
    })
}

/// The last number that a command prints, if there is such a command.
fn last_number(command: &mut Command) -> Option<f64> {
    let output = command.output().ok()?.stdout;
    String::from_utf8_lossy(&output).split_whitespace().last()?.parse().ok()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(3);
    let python = arguments.next().unwrap_or_else(|| "python3".to_owned());
    let all: Vec<Signed> = (0..SIGNATURES).map(signed).collect();
    let names = ["tongbao alone", "tongbao many", "crate sm2", "openssl", "gmssl-pyx", "gmssl-fast"];
    let mut best = names.map(|_| 0.0_f64);
    for _ in 0..rounds {
        let by_python = |name: &str| last_number(Command::new(&python).args(["-c", PYTHON, name]));
        let measured = [
            Some(per_second(&all, alone)),
            Some(per_second(&all, together)),
            Some(per_second(&all, theirs)),
            last_number(Command::new("openssl").args(["speed", "-seconds", "1", "sm2"])),
            by_python(names[4]),
            by_python(names[5]),
        ];
        for (rate, measured) in best.iter_mut().zip(measured) {
            *rate = rate.max(measured.unwrap_or_default());
        }
    }
    println!(
        "SM2 verifications a second on one core, best of {rounds} rounds; {}",
        backend_name(SM2).unwrap_or("none")
    );
    for (name, rate) in names.iter().zip(best).filter(|(_, rate)| *rate > 0.0) {
        let [alone, many] = [best[0] / rate, best[1] / rate];
        println!(
            "{name:14} {rate:8.0} {:7.1} us   tongbao: alone {alone:5.1}, many {many:5.1} times as fast",
            1e6 / rate
        );
    }
}
