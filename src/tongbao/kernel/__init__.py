"""Settlement: which transactions settle, and why not. Pure and deterministic.

`judge` needs no state and runs anywhere; `apply` is the only thing that changes money:

    kernel = select_kernel("auto")(genesis)
    judged = kernel.judge(submission, kernel.judging)
    applied = kernel.apply(batch, judged=[judged])
    assert applied.transactions[0].status == Status.SETTLED
"""

from tongbao.kernel._select import KERNEL_CHOICES, has_native_kernel, select_kernel
from tongbao.kernel.applied import AppliedBatch, AppliedTransaction, BatchInvalidError
from tongbao.kernel.interface import BegunSnapshot, FormedBatch, Judged, Kernel
from tongbao.kernel.judge import JudgedSubmission, Judging, Refusal, judge_submission
from tongbao.kernel.reference import ReferenceKernel
from tongbao.kernel.status import Status

__all__ = [
    "KERNEL_CHOICES",
    "AppliedBatch",
    "AppliedTransaction",
    "BatchInvalidError",
    "BegunSnapshot",
    "FormedBatch",
    "Judged",
    "JudgedSubmission",
    "Judging",
    "Kernel",
    "ReferenceKernel",
    "Refusal",
    "Status",
    "has_native_kernel",
    "judge_submission",
    "select_kernel",
]
