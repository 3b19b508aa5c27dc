"""Settlement: which transactions settle, and why not. Pure and deterministic.

`judge_submission` needs no state and runs anywhere; `apply` is the only thing that changes money:

    kernel = select_kernel("auto")(genesis)
    verdict = judge_submission(submission, kernel.judging)
    applied = kernel.apply(batch)
    assert applied.transactions[0].status == Status.SETTLED
"""

from tongbao.kernel._select import KERNEL_CHOICES, select_kernel
from tongbao.kernel.judge import JudgedSubmission, Judging, Refusal, judge_submission
from tongbao.kernel.reference import AppliedBatch, AppliedTransaction, BatchInvalidError, ReferenceKernel
from tongbao.kernel.status import Status

__all__ = [
    "KERNEL_CHOICES",
    "AppliedBatch",
    "AppliedTransaction",
    "BatchInvalidError",
    "JudgedSubmission",
    "Judging",
    "ReferenceKernel",
    "Refusal",
    "Status",
    "judge_submission",
    "select_kernel",
]
