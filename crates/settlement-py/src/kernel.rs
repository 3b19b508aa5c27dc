//! The second stage: a kernel behind a lock, so that no two threads of Python meet in it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::types::{PyBytes, PyBytesMethods};
use pyo3::{Bound, FromPyObject, PyResult, Python, pyclass, pymethods};
use settlement::forming::BatchHashes;
use settlement::genesis::Genesis;
use settlement::judge::JudgedSubmission;
use settlement::kernel::{AppliedBatch, BatchInvalid, CENTRAL_BANK, HashedBatch, Kernel as Settlement};
use settlement::submission::Submission;

use crate::applied::Applied;
use crate::failure::{BatchInvalidError, KernelFailedError, SnapshotDamagedError, detached};
use crate::judging::Judged;
use crate::verifier::Signatures;
use crate::writing::Formed;

/// A kernel.
#[pyclass(frozen, module = "tongbao._native")]
pub struct Kernel(Mutex<Settlement>);

impl Kernel {
    fn within<T: Send>(&self, py: Python<'_>, work: impl Send + FnOnce(&mut Settlement) -> T) -> PyResult<T> {
        let done = detached(py, || self.0.lock().ok().map(|mut kernel| work(&mut kernel)))?;
        done.ok_or_else(|| KernelFailedError::new_err("the kernel failed before: restart from snapshot and journal"))
    }
}

#[pymethods]
impl Kernel {
    #[new]
    fn new(genesis: &[u8]) -> PyResult<Self> {
        let kernel = Settlement::new(decoded(genesis)?).map_err(|error| {
            PyValueError::new_err(format!("genesis names rules {}, which this version lacks", error.0))
        })?;
        Ok(Self(Mutex::new(kernel)))
    }

    #[staticmethod]
    fn from_snapshot(py: Python<'_>, genesis: &[u8], snapshot: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let (genesis, snapshot) = (decoded(genesis)?, snapshot.as_bytes());
        let kernel = detached(py, || Settlement::from_snapshot(genesis, snapshot))?;
        Ok(Self(Mutex::new(kernel.map_err(|error| SnapshotDamagedError::new_err(error.to_string()))?)))
    }

    fn sequence(&self, py: Python<'_>) -> PyResult<u64> {
        self.within(py, |kernel| kernel.sequence())
    }

    fn time_ms(&self, py: Python<'_>) -> PyResult<u64> {
        self.within(py, |kernel| kernel.time_ms())
    }

    fn rules(&self, py: Python<'_>) -> PyResult<u32> {
        self.within(py, |kernel| kernel.state().rules)
    }

    fn chain_head<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let chain_head = self.within(py, |kernel| *kernel.chain_head())?;
        Ok(PyBytes::new(py, &chain_head))
    }

    fn applied_statuses<'py>(&self, py: Python<'py>, sequence: u64) -> PyResult<Bound<'py, PyBytes>> {
        let statuses = self.within(py, |kernel| kernel.applied_statuses(sequence).copied())?;
        statuses.map(|statuses| PyBytes::new(py, &statuses)).ok_or_else(|| PyKeyError::new_err(sequence))
    }

    fn control_encoding<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let encoding = self.within(py, |kernel| kernel.control_encoding())?;
        Ok(PyBytes::new(py, &encoding))
    }

    fn totals(&self, py: Python<'_>) -> PyResult<Vec<Totals>> {
        self.within(py, |kernel| {
            let each = |(&(asset, home), of): (&(u32, u32), &settlement::kernel::Totals)| {
                ((asset, home), (of.issued, of.redeemed, of.inflow, of.outflow))
            };
            kernel.state().totals.iter().map(each).collect()
        })
    }

    fn unspent_by_asset_and_home(&self, py: Python<'_>) -> PyResult<BTreeMap<(u32, u32), u128>> {
        self.within(py, |kernel| kernel.unspent_by_asset_and_home())
    }

    fn unspent_count(&self, py: Python<'_>) -> PyResult<u64> {
        self.within(py, |kernel| kernel.unspent_count())
    }

    fn unspent_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.within(py, |kernel| kernel.unspent_bytes())
    }

    fn are_unspent(&self, py: Python<'_>, coin_ids: Vec<Bound<'_, PyBytes>>) -> PyResult<Vec<bool>> {
        let coin_ids: Vec<&[u8]> = coin_ids.iter().map(PyBytesMethods::as_bytes).collect();
        self.within(py, |kernel| {
            coin_ids.iter().map(|&each| each.try_into().is_ok_and(|id| kernel.is_unspent(id))).collect()
        })
    }

    fn is_fresh(&self, py: Python<'_>, judged: &Bound<'_, Judged>) -> PyResult<bool> {
        let submission = &judged.get().submission;
        self.within(py, |kernel| {
            submission.transactions.iter().all(|each| {
                let inputs = submission.inputs(each);
                !inputs.is_empty() && inputs.iter().all(|spent| kernel.is_unspent(&spent.id))
            })
        })
    }

    fn state_digest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let digest = self.within(py, Settlement::state_digest)?;
        Ok(PyBytes::new(py, &digest))
    }

    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let written = self.within(py, |kernel| {
            let mut snapshot = Vec::new();
            kernel.write_snapshot(&mut snapshot).map(|()| snapshot)
        })?;
        Ok(PyBytes::new(py, &written?))
    }

    fn begin_snapshot(&self, py: Python<'_>) -> PyResult<SnapshotWriter> {
        let writer = self.within(py, Settlement::begin_snapshot)?;
        Ok(SnapshotWriter(Mutex::new(Some(writer))))
    }

    fn next_part<'py>(
        &self,
        py: Python<'py>,
        writer: &Bound<'py, SnapshotWriter>,
        coins_max: usize,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let Some(copied) = self.within(py, |kernel| kernel.copy_buckets(coins_max))? else { return Ok(None) };
        let part = writer.get().written(py, |writer| {
            let mut part = Vec::new();
            writer.as_mut().map(|writer| writer.write(copied, &mut part)).transpose().map(|_| part)
        })?;
        Ok(Some(PyBytes::new(py, &part)))
    }

    fn last_part<'py>(&self, py: Python<'py>, writer: &Bound<'py, SnapshotWriter>) -> PyResult<LastPart<'py>> {
        let mut part = Vec::new();
        let finished =
            writer.get().written(py, |writer| writer.take().map(|writer| writer.finish(&mut part)).transpose())?;
        let finished = finished.ok_or_else(|| PyValueError::new_err("this snapshot is finished"))?;
        let state_digest = PyBytes::new(py, &finished.state_digest);
        self.within(py, |kernel| kernel.adopt(finished))?;
        Ok((PyBytes::new(py, &part), state_digest))
    }

    #[pyo3(signature = (batch, judged, judged_by))]
    fn apply(
        &self,
        py: Python<'_>,
        batch: Written<'_>,
        judged: Vec<Option<Bound<'_, Judged>>>,
        judged_by: Option<u32>,
    ) -> PyResult<Applied> {
        let handed: Vec<Option<Handed<'_>>> = judged.iter().map(|each| each.as_ref().map(Handed::of)).collect();
        let (batch, hashes) = batch.parts();
        let done = self.within(py, |kernel| applied(kernel, batch, hashes, &handed, judged_by))?;
        let done = done.map_err(|invalid| BatchInvalidError::new_err(invalid.to_string()))?;
        Ok(done.told(py))
    }
}

/// A batch as it was read, or as it was formed here.
#[derive(FromPyObject)]
enum Written<'py> {
    Read(Bound<'py, PyBytes>),
    Formed(Bound<'py, Formed>),
}

impl Written<'_> {
    /// Its bytes, and its hashes where they are known.
    fn parts(&self) -> (&[u8], Option<BatchHashes>) {
        match self {
            Self::Read(data) => (data.as_bytes(), None),
            Self::Formed(formed) => (formed.get().data.as_bytes(formed.py()), Some(formed.get().hashes)),
        }
    }
}

/// Writes one snapshot.
#[pyclass(frozen, module = "tongbao._native")]
pub struct SnapshotWriter(Mutex<Option<settlement::kernel::SnapshotWriter>>);

impl SnapshotWriter {
    fn written<T: Send>(
        &self,
        py: Python<'_>,
        write: impl Send + FnOnce(&mut Option<settlement::kernel::SnapshotWriter>) -> std::io::Result<T>,
    ) -> PyResult<T> {
        let done = detached(py, || self.0.lock().ok().map(|mut writer| write(&mut writer)))?;
        Ok(done.ok_or_else(|| KernelFailedError::new_err("the snapshot failed before"))??)
    }
}

/// The bytes that end a snapshot, and the digest of the state that it is of.
type LastPart<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// Asset and home; issued, redeemed, inflow, outflow.
type Totals = ((u32, u32), (u128, u128, u128, u128));

/// What judging made of some bytes.
struct Handed<'a> {
    encoded: &'a [u8],
    submission: &'a JudgedSubmission,
    is_opened: bool,
}

impl<'a> Handed<'a> {
    fn of(judged: &'a Bound<'_, Judged>) -> Self {
        let Judged { encoded, submission, is_opened } = judged.get();
        Self { encoded: encoded.as_bytes(judged.py()), submission, is_opened: *is_opened }
    }
}

fn decoded(genesis: &[u8]) -> PyResult<Genesis> {
    Genesis::decode(genesis).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn applied(
    kernel: &mut Settlement,
    batch: &[u8],
    hashes: Option<BatchHashes>,
    handed: &[Option<Handed<'_>>],
    judged_by: Option<u32>,
) -> Result<Done, BatchInvalid> {
    let batch = match hashes {
        Some(hashes) => HashedBatch::with_hashes(batch, hashes, kernel.domain())?,
        None => HashedBatch::of(batch, kernel.domain())?,
    };
    // What was judged of other bytes than the batch's counts for nothing, nor what was only opened, unless the caller
    // says that these rules have judged it.
    let counts = |handed: &&Handed<'_>, data: &[u8]| {
        handed.encoded == data && (!handed.is_opened || judged_by == Some(handed.submission.rules))
    };
    let judged: Vec<Option<&JudgedSubmission>> = batch
        .submissions()
        .zip(handed)
        .map(|(data, handed)| handed.as_ref().filter(|handed| counts(handed, data)).map(|handed| handed.submission))
        .collect();
    let rows = kernel.apply_hashed(&batch, &judged, judged_by, &Signatures)?;
    let home_of = |data| Submission::decode(data).map_or(CENTRAL_BANK, |submission| submission.home);
    let by_central_bank = batch.submissions().any(|data| home_of(data) == CENTRAL_BANK);
    Ok(Done { rows, by_central_bank, time_ms: kernel.time_ms(), rules: kernel.state().rules })
}

/// What a batch did, before Python is told.
struct Done {
    rows: AppliedBatch,
    by_central_bank: bool,
    time_ms: u64,
    rules: u32,
}

impl Done {
    fn told(&self, py: Python<'_>) -> Applied {
        let bytes = |rows: &[u8]| PyBytes::new(py, rows).unbind();
        Applied {
            sequence: self.rows.sequence,
            time_ms: self.time_ms,
            rules: self.rules,
            chain_head: bytes(&self.rows.chain_head),
            verdicts: bytes(&self.rows.verdicts),
            created: bytes(&self.rows.created),
            spent: bytes(&self.rows.spent),
            by_central_bank: self.by_central_bank,
        }
    }
}
