//! The first stage: submissions in, what `apply` needs of them out.

use pyo3::exceptions::PyValueError;
use pyo3::types::{PyBytes, PyBytesMethods};
use pyo3::{Bound, IntoPyObject, Py, PyAny, PyResult, Python, pyclass, pyfunction, pymethods};
use settlement::domain::{Domain, HashKind};
use settlement::genesis::Limits;
use settlement::judge::{self as rules_of_judging, JudgedSubmission, Refusal};
use settlement::rules::Rules;
use settlement::transaction::Kind;

use crate::failure::detached;
use crate::verifier::Signatures;

/// What judging depends on besides the bytes.
#[pyclass(frozen, module = "tongbao._native")]
pub struct Judging(pub rules_of_judging::Judging);

#[pymethods]
impl Judging {
    #[new]
    fn new(network_id: [u8; 32], hash_kind: u8, rules: u32, limits: (u16, u16, u32, u64, u64, u32)) -> PyResult<Self> {
        let hash_kind = HashKind::of(hash_kind).ok_or_else(|| PyValueError::new_err("the hash is unknown"))?;
        let rules = Rules::of(rules).ok_or_else(|| PyValueError::new_err("the rules are unknown"))?;
        let (
            inputs_max,
            outputs_max,
            batch_transactions_max,
            expiry_ahead_max_ms,
            ordered_move_delay_ms,
            snapshot_every,
        ) = limits;
        let limits = Limits {
            inputs_max,
            outputs_max,
            batch_transactions_max,
            expiry_ahead_max_ms,
            ordered_move_delay_ms,
            snapshot_every,
        };
        Ok(Self(rules_of_judging::Judging { domain: Domain::new(network_id, hash_kind), limits, rules: *rules }))
    }
}

/// A submission that passed, with its bytes: applying believes it of no others.
#[pyclass(frozen, module = "tongbao._native")]
pub struct Judged {
    pub encoded: Py<PyBytes>,
    pub submission: JudgedSubmission,
    /// It was judged before, and here only opened: applying takes that only from whoever answers for it.
    pub is_opened: bool,
}

#[pymethods]
impl Judged {
    #[getter]
    fn home(&self) -> u32 {
        self.submission.home
    }

    #[getter]
    fn rules(&self) -> u32 {
        self.submission.rules
    }

    #[getter]
    fn controls(&self) -> usize {
        self.submission.transactions.iter().filter(|each| each.kind == Kind::Control).count()
    }

    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.submission.transactions.iter().map(|each| PyBytes::new(py, &each.id)).collect()
    }
}

/// The submission, or the status, place and wording of its refusal.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn judge<'py>(
    py: Python<'py>,
    submission: &Bound<'py, PyBytes>,
    judging: &Bound<'py, Judging>,
) -> PyResult<Bound<'py, PyAny>> {
    let (data, judging) = (submission.as_bytes(), &judging.get().0);
    let verdict = detached(py, || rules_of_judging::judge(data, judging, &Signatures))?;
    told(py, submission, verdict)
}

/// What `judge` says of each, with their signatures verified together.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn judge_many<'py>(
    py: Python<'py>,
    submissions: Vec<Bound<'py, PyBytes>>,
    judging: &Bound<'py, Judging>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let data: Vec<&[u8]> = submissions.iter().map(PyBytesMethods::as_bytes).collect();
    let judging = &judging.get().0;
    let verdicts = detached(py, || rules_of_judging::judge_many(&data, judging, &Signatures))?;
    submissions.iter().zip(verdicts).map(|(submission, verdict)| told(py, submission, verdict)).collect()
}

/// Submissions that were judged before by these rules, opened; None for what cannot have been.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn open_many(
    py: Python<'_>,
    submissions: Vec<Bound<'_, PyBytes>>,
    judging: &Bound<'_, Judging>,
) -> PyResult<Vec<Option<Judged>>> {
    let data: Vec<&[u8]> = submissions.iter().map(PyBytesMethods::as_bytes).collect();
    let judging = &judging.get().0;
    let opened =
        detached(py, || data.iter().map(|each| rules_of_judging::open(each, judging).ok()).collect::<Vec<_>>())?;
    let opened = submissions.iter().zip(opened).map(|(encoded, opened)| {
        opened.map(|submission| Judged { encoded: encoded.clone().unbind(), submission, is_opened: true })
    });
    Ok(opened.collect())
}

fn told<'py>(
    py: Python<'py>,
    encoded: &Bound<'py, PyBytes>,
    verdict: Result<JudgedSubmission, Refusal>,
) -> PyResult<Bound<'py, PyAny>> {
    match verdict {
        Ok(submission) => {
            let judged = Judged { encoded: encoded.clone().unbind(), submission, is_opened: false };
            Ok(Bound::new(py, judged)?.into_any())
        }
        Err(refusal) => {
            let index = refusal.index.map_or(-1, |index| i64::try_from(index).unwrap_or(i64::MAX));
            Ok((refusal.status.number(), index, refusal.detail).into_pyobject(py)?.into_any())
        }
    }
}
