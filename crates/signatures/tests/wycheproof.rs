//! Wycheproof's cases, where the team's copy of them is at hand; alone and all in one batch.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use serde_json::Value;
use signatures::{ED25519, Item, P256, verify, verify_batch};
use std::path::PathBuf;

struct Case {
    number: u64,
    key: Vec<u8>,
    signature: Vec<u8>,
    message: Vec<u8>,
    is_valid: bool,
}

/// The cases of a file, or none where the file is not at hand.
fn read(name: &str, key: &str) -> Vec<Case> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/crypto").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: Wycheproof's cases are not at {}", path.display());
        return Vec::new();
    };
    let content: Value = serde_json::from_slice(&bytes).unwrap();
    let groups = content["testGroups"].as_array().unwrap().iter();
    groups.flat_map(|group| group["tests"].as_array().unwrap().iter().map(|test| read_case(group, key, test))).collect()
}

fn read_case(group: &Value, key: &str, test: &Value) -> Case {
    Case {
        number: test["tcId"].as_u64().unwrap(),
        key: unhex(group.pointer(key).unwrap()),
        signature: unhex(&test["sig"]),
        message: unhex(&test["msg"]),
        is_valid: test["result"] == "valid",
    }
}

fn unhex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|place| u8::from_str_radix(&digits[place..place + 2], 16).unwrap()).collect()
}

/// The cases that are judged otherwise here than there, alone and in one batch.
fn divergent(suite: u8, cases: &[Case]) -> [Vec<u64>; 2] {
    let items: Vec<Item> = cases
        .iter()
        .map(|case| Item { suite, key: &case.key, signature: &case.signature, message: &case.message })
        .collect();
    let numbers = |verdicts: Vec<bool>| -> Vec<u64> {
        cases
            .iter()
            .zip(verdicts)
            .filter(|(case, verdict)| case.is_valid != *verdict)
            .map(|(case, _)| case.number)
            .collect()
    };
    [numbers(items.iter().map(verify).collect()), numbers(verify_batch(&items))]
}

#[test]
fn no_case_of_p256_is_judged_otherwise() {
    let cases = read("ecdsa_secp256r1_sha256_p1363_test.json", "/publicKey/uncompressed");

    assert!(cases.is_empty() || cases.len() > 200);
    assert_eq!(divergent(P256, &cases), [[], []] as [[u64; 0]; 2]);
}

#[test]
fn only_the_case_of_ed25519_that_zip_215_wants_valid_is_judged_otherwise() {
    let cases = read("ed25519_test.json", "/publicKey/pk");
    let expected = if cases.is_empty() { vec![] } else { vec![151] };

    assert_eq!(divergent(ED25519, &cases), [expected.clone(), expected]);
}
