"""Every answer of the kernel. Declaration order is precedence; numbers are permanent and never used again."""

import enum

__all__ = ["Status"]


class Status(enum.IntEnum):
    """SETTLED, or the first reason, in the order below, why a transaction did not.

    Up to `CONTROL_AFTER_MONEY` the reasons are found by `judge`, which needs no state; the others by `apply`.
    Each has a heading in docs/reference/statuses.md and a vector in tests/vectors/kernel.
    """

    SETTLED = 0

    # Found by judge, of the submission as a whole.
    SUBMISSION_MALFORMED = 1
    WRONG_NETWORK = 2
    SUBMISSION_SIGNATURE_INVALID = 3

    # Found by judge, of one transaction.
    MALFORMED = 10
    VALUE_OUT_OF_RANGE = 11
    KIND_NOT_FOR_HOME = 12
    TOO_MANY_INPUTS = 13
    TOO_MANY_OUTPUTS = 14
    INPUTS_MISSING = 15
    INPUTS_NOT_ALLOWED = 16
    OUTPUTS_MISSING = 17
    OUTPUTS_NOT_ALLOWED = 18
    INPUT_REPEATED = 19
    HOMES_DIFFER = 20
    ISSUE_TARGETS_DIFFER = 21
    VALUE_NOT_CONSERVED = 22
    WITNESS_COUNT_WRONG = 23
    APPROVALS_NOT_ALLOWED = 24
    APPROVAL_REPEATED = 25
    LOCK_MISMATCH = 26
    PATH_UNKNOWN = 27
    RESTRICTION_VIOLATED = 28
    SUITE_NOT_ACTIVE = 29
    SIGNATURE_INVALID = 30
    ACCEPTANCE_INVALID = 31
    MOVE_INPUT_MISMATCH = 32
    CONTROL_AFTER_MONEY = 33

    # Found by apply: who speaks, and when.
    ENDORSER_UNKNOWN = 100
    ENDORSER_KEY_NOT_CURRENT = 101
    HOME_SUSPENDED = 102
    EXPIRED = 103
    EXPIRY_TOO_FAR = 104
    APPROVALS_MISSING = 105
    SERIAL_NOT_NEXT = 106

    # Found by apply, of control.
    INSTITUTION_EXISTS = 110
    INSTITUTION_UNKNOWN = 111
    SUCCESSOR_INVALID = 112
    RULES_UNKNOWN = 113
    RECEIPT_KEY_INVALID = 114
    ALREADY_FROZEN = 115
    NOT_FROZEN = 116
    FREEZE_TOO_RECENT = 117
    KEY_UNUSABLE = 118
    KEYS_UNPROVEN = 119

    # Found by apply, of money.
    HOME_NOT_SERVED = 120
    OUTPUT_HOME_INACTIVE = 121
    ASSET_INACTIVE = 122
    ACCEPTANCE_MISSING = 123
    ACCEPTANCE_KEY_NOT_CURRENT = 124
    ACCEPTANCE_EXPIRED = 125
    ACCEPTANCE_EXCEEDED = 126
    LOCK_NOT_YET_OPEN = 127
    INPUT_FROZEN = 128
    INPUT_NOT_UNSPENT = 129
    QUOTA_EXCEEDED = 130

    @property
    def is_judged(self) -> bool:
        """Whether `judge` finds it, so that nothing with it is ever journaled."""
        return 0 < self < Status.ENDORSER_UNKNOWN
