//! Reads `tests/vectors/suites`, the vectors of P-256, passkeys, SM2 and their confusion.

use serde_json::Value;
use signatures::Item;
use std::path::PathBuf;

/// A signature with the verdict that every implementation must come to.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub suite: u8,
    pub key: Vec<u8>,
    pub signature: Vec<u8>,
    pub message: Vec<u8>,
    pub is_valid: bool,
    pub is_usable: bool,
}

impl Case {
    /// What is to be checked.
    pub fn item(&self) -> Item<'_> {
        Item { suite: self.suite, key: &self.key, signature: &self.signature, message: &self.message }
    }
}

/// All cases, in the order of the files' names.
pub fn read() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/suites");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.iter().flat_map(read_file).collect()
}

fn read_file(file: &PathBuf) -> Vec<Case> {
    let content: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let folder = file.file_stem().unwrap().to_str().unwrap();
    content["vectors"].as_array().unwrap().iter().map(|case| read_case(folder, case)).collect()
}

fn read_case(file: &str, case: &Value) -> Case {
    Case {
        name: format!("{file}: {}", case["name"].as_str().unwrap()),
        suite: u8::try_from(case["suite"].as_u64().unwrap()).unwrap(),
        key: unhex(&case["key"]),
        signature: unhex(&case["signature"]),
        message: unhex(&case["message"]),
        is_valid: case["valid"].as_bool().unwrap(),
        is_usable: case["usable"].as_bool().unwrap(),
    }
}

fn unhex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|place| u8::from_str_radix(&digits[place..place + 2], 16).unwrap()).collect()
}
