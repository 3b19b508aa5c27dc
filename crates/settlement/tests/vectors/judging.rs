//! tests/vectors/kernel: which submissions pass the first stage, and why others do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use settlement::genesis::Genesis;
use settlement::judge::{JudgedSubmission, Judging, Refusal, SignatureCheck, Verifier, judge, judge_many, open};
use settlement::key::PublicKeyRef;
use settlement::rules::Rules;
use settlement::status::Status;

use crate::reading::{bytes, file, list, text, unhex};
use crate::zip215::Zip215;

pub struct Case {
    pub name: String,
    pub network: String,
    pub submission: Vec<u8>,
    pub verdict: (u64, i64),
}

pub fn cases() -> (BTreeMap<String, Judging>, Vec<Case>) {
    let mut judgings = BTreeMap::new();
    let mut cases = Vec::new();
    for name in ["kernel/judge", "kernel/witnesses"] {
        let vectors = file(name);
        for (network, genesis) in vectors["networks"].as_object().unwrap() {
            judgings.insert(network.clone(), judging(&unhex(genesis.as_str().unwrap())));
        }
        cases.extend(list(&vectors, "cases").iter().map(case));
    }
    (judgings, cases)
}

fn case(of: &Value) -> Case {
    Case {
        name: text(of, "name").to_owned(),
        network: text(of, "network").to_owned(),
        submission: bytes(of, "submission"),
        verdict: (of["number"].as_u64().unwrap(), of["index"].as_i64().unwrap()),
    }
}

fn judging(genesis: &[u8]) -> Judging {
    let Genesis { domain, limits, rules, .. } = Genesis::decode(genesis).unwrap();
    Judging { domain, limits, rules: *Rules::of(rules).unwrap() }
}

fn verdict(judged: &Result<JudgedSubmission, Refusal>) -> (u64, i64) {
    let index = |refusal: &Refusal| refusal.index.map_or(-1, |index| i64::try_from(index).unwrap());
    judged.as_ref().map_or_else(|refusal| (refusal.status.number().into(), index(refusal)), |_| (0, -1))
}

#[test]
fn every_submission_gets_the_verdict_of_the_reference() {
    let (judgings, cases) = cases();
    for case in &cases {
        let judged = judge(&case.submission, &judgings[&case.network], &Zip215);

        assert_eq!(verdict(&judged), case.verdict, "{}", case.name);
    }
}

#[test]
fn many_submissions_get_the_verdicts_that_each_gets_alone() {
    let (judgings, cases) = cases();
    for (network, judging) in &judgings {
        let here: Vec<&Case> = cases.iter().filter(|case| case.network == *network).collect();
        let submissions: Vec<&[u8]> = here.iter().map(|case| case.submission.as_slice()).collect();
        let alone: Vec<_> = submissions.iter().map(|submission| judge(submission, judging, &Zip215)).collect();

        let together = judge_many(&submissions, judging, &Zip215);

        assert_eq!(together, alone);
    }
}

#[test]
fn submissions_that_all_pass_are_judged_by_one_question_to_the_verifier() {
    let (judgings, cases) = cases();
    let passing: Vec<&Case> = cases.iter().filter(|case| case.verdict.0 == 0 && case.network == "sample").collect();
    let submissions: Vec<&[u8]> = passing.iter().map(|case| case.submission.as_slice()).collect();
    let asked = Asked::default();

    let judged = judge_many(&submissions, &judgings["sample"], &asked);

    assert!(judged.iter().all(Result::is_ok));
    assert_eq!(asked.0.into_inner(), 1);
}

/// Counts the batches that it is asked to verify, and cannot verify singly.
#[derive(Default)]
struct Asked(AtomicUsize);

impl Verifier for Asked {
    fn is_valid(&self, _: &SignatureCheck<'_>) -> bool {
        panic!("asked for one signature")
    }

    fn are_all_valid(&self, checks: &[SignatureCheck<'_>]) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        Zip215.are_all_valid(checks)
    }

    fn is_usable(&self, key: PublicKeyRef<'_>) -> bool {
        Zip215.is_usable(key)
    }
}

#[test]
fn what_was_judged_is_opened_to_the_same() {
    let (judgings, cases) = cases();
    for case in cases.iter().filter(|case| case.verdict.0 == 0) {
        let judging = &judgings[&case.network];
        let judged = judge(&case.submission, judging, &Zip215).unwrap();

        let opened = open(&case.submission, judging);

        assert_eq!(opened, Ok(judged), "{}", case.name);
    }
}

#[test]
fn the_vectors_show_every_status_that_judging_finds() {
    let (_, cases) = cases();
    let shown: BTreeSet<u64> = cases.iter().map(|case| case.verdict.0).filter(|number| *number > 0).collect();

    let judged = Status::ALL.iter().filter(|status| status.is_judged()).map(|status| status.number().into());

    assert_eq!(judged.collect::<BTreeSet<u64>>(), shown);
}

#[test]
fn the_statuses_are_those_of_the_reference_in_its_order() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/tongbao/kernel/status.py");
    let lines = fs::read_to_string(reference).unwrap();
    let declared = lines.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(" = "));
    let declared: Vec<_> = declared.map(|(name, number)| (name.replace('_', ""), number.parse().unwrap())).collect();

    let ours = Status::ALL.iter().map(|status| (format!("{status:?}").to_uppercase(), status.number()));

    assert_eq!(ours.collect::<Vec<_>>(), declared);
    assert!(Status::ALL.is_sorted());
}
