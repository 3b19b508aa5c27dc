//! What judging costs without signatures: `cargo run --release --example judge_rate [TRANSACTIONS] [ROUNDS] [HASHES]`.
//!
//! Each transfer has one input and two outputs under keys of their own. Every signature counts as valid, so that what is
//! left is reading, hashing and the rules. Prints one line for each way of judging, with SHA-256 and, where HASHES is 2,
//! with SM3.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a measurement, not a part of the kernel")]

use std::hint::black_box;
use std::time::Instant;

use settlement::domain::{Domain, HashKind};
use settlement::encoding::{Bytes32, Reader};
use settlement::genesis::Limits;
use settlement::judge::{Judging, SignatureCheck, Verifier, judge, judge_many, open};
use settlement::key::PublicKeyRef;
use settlement::lock::Lock;
use settlement::rules::Rules;

const SUBMISSION_TRANSACTIONS: usize = 256;
const EXPIRY_MS: u64 = 1_767_225_720_000;
const HOME: u32 = 1;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|each| each.parse().unwrap());
    let count = arguments.next().unwrap_or(65_536_usize).next_multiple_of(SUBMISSION_TRANSACTIONS);
    let rounds = arguments.next().unwrap_or(5_usize);
    let hashes = arguments.next().unwrap_or(2);
    for hash_kind in [HashKind::Sha256, HashKind::Sm3].into_iter().take(hashes) {
        let judging = judging(hash_kind);
        let submissions = submissions(count, &judging.domain);
        let submissions: Vec<&[u8]> = submissions.iter().map(Vec::as_slice).collect();
        print(hash_kind, "judge", count, rounds, || {
            for submission in &submissions {
                drop(black_box(judge(submission, &judging, &Gullible).unwrap()));
            }
        });
        print(hash_kind, "open", count, rounds, || {
            for submission in &submissions {
                drop(black_box(open(submission, &judging).unwrap()));
            }
        });
        print(hash_kind, "judge_many", count, rounds, || {
            assert!(black_box(judge_many(&submissions, &judging, &Gullible)).iter().all(Result::is_ok));
        });
    }
}

/// The fastest of the rounds, in nanoseconds for each transaction.
fn print(hash_kind: HashKind, way: &str, count: usize, rounds: usize, run: impl Fn()) {
    let seconds = (0..rounds).map(|_| {
        let began = Instant::now();
        run();
        began.elapsed().as_secs_f64()
    });
    let nanoseconds = seconds.fold(f64::INFINITY, f64::min) * 1e9 / count as f64;
    println!("{hash_kind:?} {way}: {nanoseconds:.0} ns per transaction, {:.0} per second and core", 1e9 / nanoseconds);
}

struct Gullible;

impl Verifier for Gullible {
    fn is_valid(&self, _: &SignatureCheck<'_>) -> bool {
        true
    }

    fn is_usable(&self, _: PublicKeyRef<'_>) -> bool {
        true
    }
}

fn judging(hash_kind: HashKind) -> Judging {
    let limits = Limits {
        inputs_max: 256,
        outputs_max: 1024,
        batch_transactions_max: 4096,
        expiry_ahead_max_ms: 3_600_000,
        ordered_move_delay_ms: 259_200_000,
        snapshot_every: 1024,
    };
    Judging { domain: Domain::new([7; 32], hash_kind), limits, rules: *Rules::of(1).unwrap() }
}

fn submissions(count: usize, domain: &Domain) -> Vec<Vec<u8>> {
    let transactions: Vec<Vec<u8>> = (0..count).map(|number| transaction(number as u64, domain)).collect();
    transactions.chunks(SUBMISSION_TRANSACTIONS).map(|each| submission(each, domain)).collect()
}

fn submission(transactions: &[Vec<u8>], domain: &Domain) -> Vec<u8> {
    let mut data = [&domain.network_id[..], &HOME.to_be_bytes()].concat();
    data.extend(u16::try_from(transactions.len()).unwrap().to_be_bytes());
    for transaction in transactions {
        data.extend(u32::try_from(transaction.len()).unwrap().to_be_bytes());
        data.extend(transaction);
    }
    [data, key(0), sized(&[9; 64])].concat()
}

fn transaction(number: u64, domain: &Domain) -> Vec<u8> {
    let lock = lock(number);
    let lock_id = Lock::read(&mut Reader::new(&lock, "lock")).unwrap().id(domain);
    let spent = [&bytes32(3 * number)[..], &[0, 0], &coin(500, &lock_id)].concat();
    let made = [coin(350, &bytes32(3 * number + 1)), coin(150, &bytes32(3 * number + 2))].concat();
    let head = [&[1, 1][..], &EXPIRY_MS.to_be_bytes(), &bytes32(number)].concat();
    let body = [&head[..], &[0, 1], &spent, &[0, 2], &made, &[0]].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let witness = [&lock[..], &[0], &sized(&[8; 64])].concat();
    [&length[..], &body, &[0, 1], &witness, &[0]].concat()
}

fn lock(number: u64) -> Vec<u8> {
    [&[1], &key(number)[..], &bytes32(number)].concat()
}

fn key(number: u64) -> Vec<u8> {
    [&[1], &sized(&bytes32(number))[..]].concat()
}

fn coin(value: u64, lock_id: &Bytes32) -> Vec<u8> {
    [&[0; 4], &value.to_be_bytes()[..], &HOME.to_be_bytes(), lock_id].concat()
}

fn sized(content: &[u8]) -> Vec<u8> {
    [&u16::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
}

/// Bytes that differ for each number.
fn bytes32(number: u64) -> Bytes32 {
    HashKind::Sha256.hash(&[&number.to_be_bytes()])
}
