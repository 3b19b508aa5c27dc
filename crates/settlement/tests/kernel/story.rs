//! Ledgers that grow from lists of numbers: each transaction may settle or not, and nobody here knows which.

use proptest::prelude::*;
use settlement::coin::{Coin, Input};
use settlement::encoding::Bytes32;
use settlement::genesis::Genesis;
use settlement::kernel::{AppliedBatch, Kernel};

use crate::bytes::{Money, id, lock_id, next_batch, submission};
use crate::network::{AllValid, HOME, KEY, OTHER_HOME, TIME_MS, network};

/// What a transaction does, and numbers for its choices.
#[derive(Clone, Debug)]
pub struct Wish {
    pub what: What,
    pub choices: [usize; 4],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Issue,
    Transfer,
    TransferAway,
    Redeem,
    Freeze,
    Unfreeze,
    Suspend,
    Quota,
    Move,
}

/// Mostly transfers of what there is.
pub fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let what = prop_oneof![
        3 => Just(What::Issue),
        6 => Just(What::Transfer),
        3 => Just(What::TransferAway),
        2 => Just(What::Redeem),
        1 => Just(What::Freeze),
        1 => Just(What::Unfreeze),
        1 => Just(What::Suspend),
        1 => Just(What::Quota),
        1 => Just(What::Move),
    ];
    let wish = (what, any::<[u16; 4]>()).prop_map(|(what, choices)| Wish { what, choices: choices.map(usize::from) });
    prop::collection::vec(wish, 1..60)
}

/// Writes transactions one after another, each as a submission of its own.
pub struct Writer {
    genesis: Genesis,
    made: Vec<Input>,
    serials: [u64; 8],
}

impl Writer {
    pub fn new() -> Self {
        Self { genesis: network(), made: Vec::new(), serials: [0; 8] }
    }

    /// The submission of the next transaction, and whether it is control.
    pub fn write(&mut self, wish: &Wish) -> (Vec<u8>, bool) {
        let (home, transaction, outputs) = match wish.what {
            What::Issue => self.issue(wish.choices),
            What::Transfer | What::TransferAway => self.transfer(wish),
            What::Redeem => self.redeem(wish.choices),
            _ => (0, self.control(wish), Vec::new()),
        };
        let origin = id(&transaction, &self.genesis.domain);
        self.made.extend((0..).zip(outputs).map(|(index, coin)| Input { origin, index, coin }));
        let is_control = !matches!(wish.what, What::Issue | What::Transfer | What::TransferAway | What::Redeem);
        (submission(home, &[transaction], &self.genesis.domain), is_control)
    }

    fn coin(&self, home: u32, value: usize) -> Coin {
        Coin { asset: 0, value: value as u64 + 1, home, lock_id: lock_id(&self.genesis.domain) }
    }

    /// The next serial of a subject, or now and then a wrong one.
    fn serial(&mut self, subject: usize, choice: usize) -> u64 {
        self.serials[subject] += u64::from(!choice.is_multiple_of(8));
        self.serials[subject]
    }

    fn issue(&mut self, [home, value, count, serial]: [usize; 4]) -> (u32, Vec<u8>, Vec<Coin>) {
        let home = if home % 2 == 0 { HOME } else { OTHER_HOME };
        let outputs: Vec<_> = (0..=count % 4).map(|place| self.coin(home, value + place)).collect();
        let money = Money { outputs: outputs.clone(), ..Money::default() };
        (0, money.issue(self.serial(home as usize, serial)), outputs)
    }

    /// One to three different coins of one home, most of them made not long ago.
    fn inputs(&self, choices: [usize; 4]) -> Vec<Input> {
        let recent = &self.made[self.made.len().saturating_sub(12)..];
        let Some(first) = recent.get(choices[0] % recent.len().max(1)) else { return Vec::new() };
        let mut inputs = vec![*first];
        for choice in choices[1..].iter().take(choices[3] % 3) {
            let each = recent[choice % recent.len()];
            if each.coin.home == first.coin.home && !inputs.contains(&each) {
                inputs.push(each);
            }
        }
        inputs
    }

    fn transfer(&mut self, wish: &Wish) -> (u32, Vec<u8>, Vec<Coin>) {
        let inputs = self.inputs(wish.choices);
        let Some(first) = inputs.first() else { return self.issue(wish.choices) };
        let (value, source) = (inputs.iter().map(|each| each.coin.value).sum::<u64>(), first.coin.home);
        let target = if wish.what == What::TransferAway { HOME + OTHER_HOME - source } else { source };
        let paid = 1 + wish.choices[2] as u64 % value;
        let mut outputs = vec![Coin { value: paid, home: target, ..first.coin }];
        outputs.extend((paid < value).then_some(Coin { value: value - paid, ..first.coin }));
        let mut authorisations = Vec::new();
        if target != source && !wish.choices[1].is_multiple_of(4) {
            let anchor = first.coin_id(&self.genesis.domain);
            authorisations.push(self.acceptance(target, &anchor, 10_000 * (wish.choices[1] as u64 % 8)));
        }
        (source, Money { inputs, outputs: outputs.clone(), authorisations }.transfer(), outputs)
    }

    fn acceptance(&self, home: u32, anchor: &Bytes32, value_max: u64) -> Vec<u8> {
        let head = [&home.to_be_bytes()[..], anchor, &(TIME_MS + 1000).to_be_bytes(), &[1]].concat();
        let accepted = [&lock_id(&self.genesis.domain)[..], &[0; 4], &value_max.to_be_bytes()].concat();
        [&head[..], &accepted, &KEY, &[0, 64], &[9; 64]].concat()
    }

    fn redeem(&mut self, choices: [usize; 4]) -> (u32, Vec<u8>, Vec<Coin>) {
        let inputs = self.inputs(choices);
        let Some(first) = inputs.first() else { return self.issue(choices) };
        (first.coin.home, Money { inputs, ..Money::default() }.transaction(3, &[], true), Vec::new())
    }

    fn control(&mut self, wish: &Wish) -> Vec<u8> {
        let [coin, choice, value, serial] = wish.choices;
        let home = [HOME, OTHER_HOME][choice % 2].to_be_bytes();
        let input = self.made.get(coin % self.made.len().max(1)).copied();
        let coin_id = input.map_or([5; 32], |input| input.coin_id(&self.genesis.domain));
        let (subject, operation) = match wish.what {
            What::Freeze => (3, [&[8, 2][..], &coin_id].concat()),
            What::Unfreeze => (3, [&[9, 2][..], &coin_id].concat()),
            What::Suspend => (4, [&[2][..], &home, &[u8::from(value % 3 == 0)]].concat()),
            What::Move if input.is_some() => (6, [&[10][..], &coin_id].concat()),
            _ => (5, [&[5, 0, 0, 0, 0][..], &home, &(value as u64 * 4).to_be_bytes()].concat()),
        };
        // A serial counts within one coin or home: the first try of each is right, later ones are or are not.
        let serial = if serial % 4 == 0 { self.serial(subject, 1) } else { 1 + serial as u64 % 3 };
        let detail = [&serial.to_be_bytes()[..], &operation].concat();
        let moved = (wish.what == What::Move).then_some(input).flatten();
        let outputs = moved.map(|input| input.coin).into_iter().collect();
        Money { inputs: moved.into_iter().collect(), outputs, ..Money::default() }.transaction(4, &detail, true)
    }
}

/// Apply these submissions as the next batch.
pub fn apply(kernel: &mut Kernel, submissions: &[Vec<u8>]) -> AppliedBatch {
    let batch = next_batch(kernel, submissions);
    kernel.apply(&batch, &[], None, &AllValid).unwrap()
}

/// Apply transactions in batches of at most `size`, fewer where control comes after money; return all statuses.
pub fn apply_in_batches(kernel: &mut Kernel, written: &[(Vec<u8>, bool)], size: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    let mut waiting: Vec<Vec<u8>> = Vec::new();
    let mut has_money = false;
    for (submission, is_control) in written {
        if waiting.len() == size || (*is_control && has_money) {
            statuses.extend(apply(kernel, &std::mem::take(&mut waiting)).statuses());
            has_money = false;
        }
        waiting.push(submission.clone());
        has_money |= !is_control;
    }
    statuses.extend(apply(kernel, &waiting).statuses());
    statuses
}
