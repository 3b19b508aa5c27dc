//! Reads the vectors that all implementations share.

use serde_json::Value;
use std::path::PathBuf;

/// A signature with the verdict that every implementation must come to.
#[derive(Clone, Debug)]
pub struct Vector {
    pub name: String,
    pub key: Vec<u8>,
    pub signature: Vec<u8>,
    pub message: Vec<u8>,
    pub is_valid: bool,
}

/// All vectors of `tests/vectors/<folder>`, in the order of the files' names.
pub fn read(folder: &str) -> Vec<Vector> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.iter().flat_map(read_file).collect()
}

fn read_file(file: &PathBuf) -> Vec<Vector> {
    let content: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    content["vectors"].as_array().unwrap().iter().map(read_vector).collect()
}

fn read_vector(vector: &Value) -> Vector {
    Vector {
        name: vector["name"].as_str().unwrap().to_owned(),
        key: unhex(&vector["public_key"]),
        signature: unhex(&vector["signature"]),
        message: unhex(&vector["message"]),
        is_valid: vector["valid"].as_bool().unwrap(),
    }
}

/// The bytes of a JSON string in hex.
pub fn unhex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|place| u8::from_str_radix(&digits[place..place + 2], 16).unwrap()).collect()
}
