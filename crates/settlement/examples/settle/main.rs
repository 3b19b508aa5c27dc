//! How fast transfers settle without signatures and without a journal, over a ledger of so many coins.
//!
//! `cargo run --release --example settle -- COINS [TRANSACTIONS]`: transfers have one input and two outputs, in
//! submissions of 256. Signatures are all taken for valid; everything else is judged and applied in full.

#![allow(clippy::cast_precision_loss, reason = "figures are printed with three digits")]

mod bytes;
mod ledger;
mod network;

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use bytes::next_batch;
use ledger::{Coins, Submissions, growth};
use network::{AllValid, network};
use settlement::judge::{JudgedSubmission, Judging, judge};
use settlement::kernel::{HashedBatch, Kernel};

/// Submissions in one batch: together they come near the largest that a batch may be.
const SUBMISSIONS: usize = 8;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.replace('_', "").parse::<u32>());
    let coins = arguments.next().transpose()?.unwrap_or(100_000).into();
    let transactions = arguments.next().transpose()?.unwrap_or(200_000) as usize;
    let mut kernel = Kernel::new(network())?;
    let (mut unspent, worst) = growth(&mut kernel, coins)?;
    let resident = resident_bytes()? / kernel.unspent_count();
    println!("{} coins: {worst:.1} bytes for each at the worst point, {resident} resident", kernel.unspent_count());
    one_thread(&mut kernel, &mut unspent, transactions)?;
    for threads in [1, 2] {
        judging_threads(&mut kernel, &mut unspent, transactions, threads)?;
    }
    let start = Instant::now();
    kernel.state_digest();
    println!("state digest after all that: {:.2} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Judge everything, then apply it, so that each is measured alone, in this thread's time on a processor.
fn one_thread(kernel: &mut Kernel, unspent: &mut Coins, transactions: usize) -> Outcome<()> {
    let submissions = Submissions::of(unspent, transactions, kernel.domain());
    let judging = kernel.judging();
    let start = processor_s()?;
    let judged: Vec<_> = submissions.iter().map(|each| judged(each, &judging)).collect();
    let judging_s = processor_s()? - start;
    let (mut hashing_s, mut applying_s) = (0.0, 0.0);
    for (some, judged) in submissions.chunks(SUBMISSIONS).zip(judged.chunks(SUBMISSIONS)) {
        let batch = next_batch(kernel, some);
        let start = processor_s()?;
        let hashed = HashedBatch::of(&batch, kernel.domain())?;
        let middle = processor_s()?;
        apply(kernel, &hashed, judged)?;
        (hashing_s, applying_s) = (hashing_s + middle - start, applying_s + processor_s()? - middle);
    }
    let us = |seconds: f64| seconds * 1e6 / submissions.transactions();
    let [judging, hashing, applying] = [judging_s, hashing_s, applying_s].map(us);
    let rate = 1e6 / (judging + hashing + applying);
    println!("one thread, us: judge {judging:.3}, hash {hashing:.3}, apply {applying:.3}; {rate:.0} a second");
    Ok(())
}

/// Judge in threads while what was judged before is applied here.
fn judging_threads(kernel: &mut Kernel, unspent: &mut Coins, transactions: usize, threads: usize) -> Outcome<()> {
    let submissions = Submissions::of(unspent, transactions, kernel.domain());
    let chunks: Vec<_> = submissions.chunks(SUBMISSIONS).collect();
    let (judging, next) = (kernel.judging(), AtomicUsize::new(0));
    let (sender, receiver) = mpsc::sync_channel(2 * threads);
    let start = Instant::now();
    thread::scope(|scope| -> Outcome<()> {
        for _ in 0..threads {
            let (sender, judging, next, chunks) = (sender.clone(), &judging, &next, &chunks);
            scope.spawn(move || {
                while let Some(some) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let judged: Vec<_> = some.iter().map(|each| judged(each, judging)).collect();
                    if sender.send((*some, judged)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (some, judged) in receiver {
            let batch = next_batch(kernel, some);
            apply(kernel, &HashedBatch::of(&batch, kernel.domain())?, &judged)?;
        }
        Ok(())
    })?;
    let rate = submissions.transactions() / start.elapsed().as_secs_f64();
    println!("{threads} judging beside the one that hashes and applies: {rate:.0} a second");
    Ok(())
}

fn judged(submission: &[u8], judging: &Judging) -> JudgedSubmission {
    judge(submission, judging, &AllValid).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

fn apply(kernel: &mut Kernel, batch: &HashedBatch<'_>, judged: &[JudgedSubmission]) -> Outcome<()> {
    let handed: Vec<_> = judged.iter().map(Some).collect();
    let applied = kernel.apply_hashed(batch, &handed, None, &AllValid)?;
    assert!(applied.statuses().all(|status| status == 0), "a transfer did not settle");
    Ok(())
}

/// Seconds that this thread has been on a processor: others that want it, too, do not count.
fn processor_s() -> Outcome<f64> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let run_ns: f64 = times.split_whitespace().next().unwrap_or("0").parse()?;
    Ok(run_ns / 1e9)
}

fn resident_bytes() -> Outcome<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split_whitespace().nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096)
}
