//! Write what every target starts from, taken from the vectors: `seeds DIRECTORY` makes one folder for each target.

use std::fs;
use std::path::Path;

use fuzz::unhex;
use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");
const LAYOUTS: [&str; 6] = ["lock", "acceptance", "transaction", "submission", "batch", "genesis"];
const SEED_BYTES_MAX: usize = 8192; // larger ones say nothing new and slow down every run

fn main() {
    let directory = std::env::args().nth(1).expect("usage: seeds DIRECTORY");
    let directory = Path::new(&directory);
    let layouts = LAYOUTS.iter().zip(0_u8..).flat_map(|(name, number)| {
        let vectors = file(&format!("coin/{name}"));
        let cases = ["valid", "refused"].map(|member| vectors[member].as_array().unwrap().clone()).concat();
        cases.into_iter().map(move |case| [vec![number], bytes(&case["bytes"])].concat())
    });
    write(&directory.join("layouts"), layouts);
    let submissions = cases(&["judge", "witnesses"]).into_iter().map(|case| bytes(&case["submission"]));
    write(&directory.join("judge"), submissions);
    let stories = cases(&["money", "control", "offices", "speakers", "batches"]).into_iter().map(|case| story(&case));
    write(&directory.join("apply"), stories);
}

fn file(name: &str) -> Value {
    let text = fs::read_to_string(format!("{VECTORS}/{name}.json")).expect("the vectors are beside the crates");
    serde_json::from_str(&text).expect("the vectors are JSON")
}

fn cases(names: &[&str]) -> Vec<Value> {
    names.iter().flat_map(|name| file(&format!("kernel/{name}"))["cases"].as_array().unwrap().clone()).collect()
}

fn bytes(hex: &Value) -> Vec<u8> {
    unhex(hex.as_str().unwrap())
}

/// The batches of a case behind their lengths.
fn story(case: &Value) -> Vec<u8> {
    let batches = case["batches"].as_array().unwrap().iter().map(|batch| batch.get("bytes").unwrap_or(batch));
    let sized = batches.chain(case.get("follows")).map(|batch| {
        let batch = bytes(batch);
        [&u32::try_from(batch.len()).unwrap().to_be_bytes()[..], &batch].concat()
    });
    sized.collect::<Vec<_>>().concat()
}

fn write(folder: &Path, seeds: impl Iterator<Item = Vec<u8>>) {
    fs::create_dir_all(folder).expect("the directory can be written");
    for (number, seed) in seeds.filter(|seed| seed.len() <= SEED_BYTES_MAX).enumerate() {
        fs::write(folder.join(format!("{number:04}")), seed).expect("the directory can be written");
    }
}
