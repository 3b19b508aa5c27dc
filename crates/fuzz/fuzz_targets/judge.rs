//! Judging never panics, and says the same of a submission alone, among others, and where it passes, when it is opened.
#![no_main]

use fuzz::{Gullible, SAMPLE};
use libfuzzer_sys::fuzz_target;
use settlement::judge::{Judging, judge, judge_many, open};
use settlement::rules::Rules;

fuzz_target!(|data: &[u8]| {
    let rules = *Rules::of(u32::from(data.len() % 2 == 0) + 1).unwrap();
    let judging = Judging { domain: SAMPLE.domain.clone(), limits: SAMPLE.limits, rules };
    let mut submission = data.to_vec();
    if let Some(network_id) = submission.first_chunk_mut() {
        *network_id = judging.domain.network_id;
    }

    let alone = judge(&submission, &judging, &Gullible);

    let together = judge_many(&[&submission, data, &submission], &judging, &Gullible);
    assert_eq!(together[0], alone);
    assert_eq!(together[2], alone);
    if alone.is_ok() {
        assert_eq!(open(&submission, &judging).ok(), alone.ok());
    }
});
