//! Every vector cut short and bent: no decoder panics, and none takes two encodings for one value.

use settlement::genesis::Genesis;
use settlement::judge::{SignatureCheck, Verifier, judge, judge_many, open};
use settlement::key::PublicKeyRef;
use settlement::status::Status;

use crate::fields;
use crate::judging::cases;
use crate::layouts::LAYOUTS;
use crate::reading::{bytes, file, list, text};

/// Beyond this many bytes not every byte is bent, since the whole is decoded again for each.
const BENT_MAX: usize = 2_000;

/// Copies of the data with one bit changed, over all of its length.
fn bent(data: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..data.len()).step_by(data.len().div_ceil(BENT_MAX).max(1)).flat_map(move |place| {
        [0x01, 0x80].into_iter().map(move |bit| {
            let mut copy = data.to_vec();
            copy[place] ^= bit;
            copy
        })
    })
}

/// The data without its last bytes.
fn cut(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..data.len()).step_by(data.len().div_ceil(BENT_MAX).max(1)).map(|end| &data[..end])
}

#[test]
fn a_layout_that_was_cut_short_or_goes_on_is_refused() {
    for (name, decode) in LAYOUTS {
        for case in list(&file(&format!("coin/{name}")), "valid") {
            let data = bytes(case, "bytes");
            let longer = [data.as_slice(), &[0]].concat();

            assert!(cut(&data).all(|prefix| decode(prefix).is_err()), "{name}: {}", text(case, "name"));
            assert!(decode(&longer).is_err(), "{name}: {}", text(case, "name"));
        }
    }
}

#[test]
fn a_layout_that_was_bent_is_another_value_or_none() {
    for (name, decode) in LAYOUTS {
        for case in list(&file(&format!("coin/{name}")), "valid") {
            for data in bent(&bytes(case, "bytes")) {
                let fields = decode(&data).map(|(fields, _)| fields);

                assert_ne!(fields.ok().as_ref(), Some(&case["fields"]), "{name}: {}", text(case, "name"));
            }
        }
    }
}

#[test]
fn a_genesis_that_was_cut_short_or_bent_is_another_or_none() {
    for case in list(&file("coin/genesis"), "valid") {
        let data = bytes(case, "bytes");
        let longer = [data.as_slice(), &[0]].concat();

        assert!(cut(&data).all(|prefix| Genesis::decode(prefix).is_err()), "{}", text(case, "name"));
        assert!(Genesis::decode(&longer).is_err(), "{}", text(case, "name"));
        for other in bent(&data) {
            let fields = Genesis::decode(&other).map(|genesis| fields::genesis(&genesis));
            assert_ne!(fields.ok().as_ref(), Some(&case["fields"]), "{}", text(case, "name"));
        }
    }
}

#[test]
fn a_submission_that_was_bent_is_judged_the_same_alone_and_among_many() {
    let (judgings, cases) = cases();
    for case in &cases {
        let judging = &judgings[&case.network];
        let submissions: Vec<Vec<u8>> = bent(&case.submission).collect();
        let submissions: Vec<&[u8]> = submissions.iter().map(Vec::as_slice).collect();

        let together = judge_many(&submissions, judging, &Gullible);

        for (submission, judged) in submissions.iter().zip(together) {
            assert_eq!(judge(submission, judging, &Gullible), judged, "{}", case.name);
            if let Ok(judged) = judged {
                assert_eq!(open(submission, judging), Ok(judged), "{}", case.name);
            }
        }
    }
}

#[test]
fn a_submission_that_was_cut_short_is_malformed() {
    let (judgings, cases) = cases();
    for case in cases.iter().filter(|case| case.verdict.0 != u64::from(Status::SubmissionMalformed.number())) {
        for prefix in cut(&case.submission) {
            let status = judge(prefix, &judgings[&case.network], &Gullible).unwrap_err().status;

            assert_eq!(status, Status::SubmissionMalformed, "{}", case.name);
        }
    }
}

/// Takes every signature, so that what is bent gets past the endorsement.
struct Gullible;

impl Verifier for Gullible {
    fn is_valid(&self, _: &SignatureCheck<'_>) -> bool {
        true
    }

    fn is_usable(&self, _: PublicKeyRef<'_>) -> bool {
        true
    }
}
