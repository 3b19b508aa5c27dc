//! The files of tests/vectors.

use std::path::Path;

use serde_json::Value;
use settlement::domain::{Domain, HashKind};

/// The content of `tests/vectors/{name}.json`.
pub fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(name).with_extension("json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The list `member` of an object.
pub fn list<'v>(of: &'v Value, member: &str) -> &'v [Value] {
    of[member].as_array().unwrap()
}

/// The text `member` of an object.
pub fn text<'v>(of: &'v Value, member: &str) -> &'v str {
    of[member].as_str().unwrap()
}

/// The bytes that `member` of an object has in hex.
pub fn bytes(of: &Value, member: &str) -> Vec<u8> {
    unhex(text(of, member))
}

/// The bytes of hex in lower case.
pub fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Hex in lower case.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The networks in which a file gives its hashes, by name.
pub fn domains(of: &Value) -> Vec<(String, Domain)> {
    let networks = of["networks"].as_object().unwrap();
    networks.iter().map(|(name, network)| (name.clone(), domain(network))).collect()
}

fn domain(network: &Value) -> Domain {
    let hash_kind = HashKind::of(u8::try_from(network["hash"].as_u64().unwrap()).unwrap()).unwrap();
    Domain::new(bytes(network, "network_id").try_into().unwrap(), hash_kind)
}
