//! Transactions, submissions and batches as bytes, with keys and signatures that [`super::network::AllValid`] takes.

use settlement::coin::{Coin, Input};
use settlement::domain::{Domain, Tag};
use settlement::encoding::Bytes32;
use settlement::kernel::Kernel;

use super::network::{KEY, SIGNATURE, TIME_MS};

const CONTROL: u8 = 4;
const TRANSACTION: Tag = Tag::new("tongbao/transaction/1");
const BATCH_BODY: Tag = Tag::new("tongbao/batch-body/1");
const LOCK: Tag = Tag::new("tongbao/lock/1");

/// What a transaction spends and makes.
#[derive(Clone, Debug, Default)]
pub struct Money {
    pub inputs: Vec<Input>,
    pub outputs: Vec<Coin>,
    pub authorisations: Vec<Vec<u8>>,
}

impl Money {
    /// A transfer, opened by the only lock there is.
    pub fn transfer(&self) -> Vec<u8> {
        self.transaction(1, &[], false)
    }

    /// An issue, approved.
    pub fn issue(&self, serial: u64) -> Vec<u8> {
        self.transaction(2, &serial.to_be_bytes(), true)
    }

    /// A transaction of this kind with this behind its authorisations.
    pub fn transaction(&self, kind: u8, detail: &[u8], approved: bool) -> Vec<u8> {
        let mut body = [&[1, kind][..], &(TIME_MS + 1000).to_be_bytes(), &[0; 32]].concat();
        body.extend_from_slice(&count(self.inputs.len()));
        self.inputs.iter().for_each(|input| body.extend_from_slice(&input.encode()));
        body.extend_from_slice(&count(self.outputs.len()));
        self.outputs.iter().for_each(|output| body.extend_from_slice(&output.encode()));
        body.push(count(self.authorisations.len())[1]);
        for each in &self.authorisations {
            body.extend_from_slice(&[&[1][..], &count(each.len()), each].concat());
        }
        body.extend_from_slice(detail);
        let witness = [&lock()[..], &[0], &SIGNATURE].concat();
        let witnesses = if kind == CONTROL { 0 } else { self.inputs.len() }; // an ordered move needs none
        let witnesses = [count(witnesses).to_vec(), witness.repeat(witnesses)].concat();
        sized(&body, &[witnesses, approvals(approved)].concat())
    }
}

fn sized(body: &[u8], after: &[u8]) -> Vec<u8> {
    [&length(body)[..], body, after].concat()
}

fn approvals(approved: bool) -> Vec<u8> {
    if approved { [&[1][..], &KEY, &SIGNATURE].concat() } else { vec![0] }
}

/// The id of an encoded transaction.
pub fn id(transaction: &[u8], domain: &Domain) -> Bytes32 {
    let (length, rest) = transaction.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    domain.hash(TRANSACTION, &[&domain.network_id, &rest[..u32::from_be_bytes(*length) as usize]])
}

/// The only lock there is: kind, key, salt.
fn lock() -> Vec<u8> {
    [&[1][..], &KEY, &[3; 32]].concat()
}

/// Its id.
pub fn lock_id(domain: &Domain) -> Bytes32 {
    domain.hash(LOCK, &[&lock()])
}

/// What `home` endorses.
pub fn submission(home: u32, transactions: &[Vec<u8>], domain: &Domain) -> Vec<u8> {
    let mut encoded = [&domain.network_id[..], &home.to_be_bytes(), &count(transactions.len())].concat();
    for each in transactions {
        encoded.extend_from_slice(&[&length(each)[..], each].concat());
    }
    [&encoded[..], &KEY, &SIGNATURE].concat()
}

/// The batch of these submissions that follows what the kernel applied last.
pub fn next_batch(kernel: &Kernel, submissions: &[Vec<u8>]) -> Vec<u8> {
    let mut body = count(submissions.len()).to_vec();
    for each in submissions {
        body.extend_from_slice(&[&length(each)[..], each].concat());
    }
    let domain = kernel.domain();
    let mut header = [&[1, 1][..], &domain.network_id, &(kernel.sequence() + 1).to_be_bytes()].concat();
    header.extend_from_slice(kernel.chain_head());
    header.extend_from_slice(&kernel.time_ms().to_be_bytes());
    header.extend_from_slice(&kernel.state().rules.to_be_bytes());
    header.extend_from_slice(&kernel.sequence().to_be_bytes());
    header.extend_from_slice(kernel.applied_statuses(kernel.sequence()).unwrap_or(&[0; 32]));
    header.extend_from_slice(&domain.hash(BATCH_BODY, &[&body]));
    [&count(header.len())[..], &header, &body].concat()
}

/// How many, in two bytes.
fn count(of: usize) -> [u8; 2] {
    u16::try_from(of).unwrap_or(u16::MAX).to_be_bytes()
}

/// How many bytes, in four.
fn length(of: &[u8]) -> [u8; 4] {
    u32::try_from(of.len()).unwrap_or(u32::MAX).to_be_bytes()
}
