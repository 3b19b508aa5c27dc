"""Every status as the auditor knows it, from docs/reference/statuses.md: its number, and its meaning in plain words.

Listed in order of precedence, as that page lists them. The kernel has a list of its own; a test holds both to the page.
"""

__all__ = ["JUDGED", "SETTLED", "STATUSES", "meaning_of", "name_of", "number_of"]

SETTLED = 0

_JUDGED = {
    "SUBMISSION_MALFORMED": (1, "the submission cannot be read"),
    "WRONG_NETWORK": (2, "it was made for another network"),
    "SUBMISSION_SIGNATURE_INVALID": (3, "its home's endorsement does not hold"),
    "MALFORMED": (10, "it cannot be read"),
    "VALUE_OUT_OF_RANGE": (11, "a coin in it has the value 0 or more than 2^63 - 1"),
    "KIND_NOT_FOR_HOME": (12, "the home that endorsed it may not endorse this kind"),
    "TOO_MANY_INPUTS": (13, "it spends more coins than genesis allows"),
    "TOO_MANY_OUTPUTS": (14, "it makes more coins than genesis allows"),
    "INPUTS_MISSING": (15, "it spends nothing"),
    "INPUTS_NOT_ALLOWED": (16, "it spends a coin, which its kind may not"),
    "OUTPUTS_MISSING": (17, "it makes nothing"),
    "OUTPUTS_NOT_ALLOWED": (18, "it makes a coin, which its kind may not"),
    "INPUT_REPEATED": (19, "it spends one coin twice"),
    "HOMES_DIFFER": (20, "its inputs are of different homes"),
    "ISSUE_TARGETS_DIFFER": (21, "it issues into different assets or homes"),
    "VALUE_NOT_CONSERVED": (22, "its outputs are not worth what its inputs are worth"),
    "WITNESS_COUNT_WRONG": (23, "there is not one witness for each input"),
    "APPROVALS_NOT_ALLOWED": (24, "it carries approvals, in which officers have no say"),
    "APPROVAL_REPEATED": (25, "one officer approves twice"),
    "LOCK_MISMATCH": (26, "a witness reveals another lock than the coin's"),
    "PATH_UNKNOWN": (27, "a lock has no such path"),
    "RESTRICTION_VIOLATED": (28, "an output goes where a restricted input may not"),
    "SUITE_NOT_ACTIVE": (29, "a key is of a suite that the rules do not verify"),
    "SIGNATURE_INVALID": (30, "the signature of an owner or an officer does not hold"),
    "ACCEPTANCE_INVALID": (31, "an acceptance in it is none"),
    "MOVE_INPUT_MISMATCH": (32, "an ordered move does not spend just the coin that the order names"),
    "CONTROL_AFTER_MONEY": (33, "control comes after money"),
}
_APPLIED = {
    "ENDORSER_UNKNOWN": (100, "the home that endorsed it is unknown"),
    "ENDORSER_KEY_NOT_CURRENT": (101, "the endorsing key is not the home's"),
    "HOME_SUSPENDED": (102, "the home that endorsed it is suspended"),
    "EXPIRED": (103, "it had expired"),
    "EXPIRY_TOO_FAR": (104, "its expiry is too far ahead"),
    "APPROVALS_MISSING": (105, "too few officers approved it"),
    "SERIAL_NOT_NEXT": (106, "its serial is not the next"),
    "INSTITUTION_EXISTS": (110, "the institution is there already"),
    "INSTITUTION_UNKNOWN": (111, "no institution has this number"),
    "SUCCESSOR_INVALID": (112, "the successor cannot serve for the home"),
    "RULES_UNKNOWN": (113, "there is no such version of the rules"),
    "RECEIPT_KEY_INVALID": (114, "it would end the last receipt key"),
    "ALREADY_FROZEN": (115, "what it freezes is frozen"),
    "NOT_FROZEN": (116, "what it unfreezes or moves is not frozen"),
    "FREEZE_TOO_RECENT": (117, "the delay since the freeze is not over"),
    "KEY_UNUSABLE": (118, "a key that it sets can be used by nobody, or by everybody"),
    "KEYS_UNPROVEN": (119, "the new keys have not approved it"),
    "HOME_NOT_SERVED": (120, "the home that endorsed it does not serve its inputs"),
    "OUTPUT_HOME_INACTIVE": (121, "an output is at a home that is not active"),
    "ASSET_INACTIVE": (122, "an asset in it is not active"),
    "ACCEPTANCE_MISSING": (123, "the home of an output has not accepted it"),
    "ACCEPTANCE_KEY_NOT_CURRENT": (124, "an acceptance is signed by a key that does not speak for its home"),
    "ACCEPTANCE_EXPIRED": (125, "an acceptance had expired"),
    "ACCEPTANCE_EXCEEDED": (126, "it pays more than an acceptance allows"),
    "LOCK_NOT_YET_OPEN": (127, "the key that signed opens the lock only later"),
    "INPUT_FROZEN": (128, "an input is frozen"),
    "INPUT_NOT_UNSPENT": (129, "an input is not unspent"),
    "QUOTA_EXCEEDED": (130, "it exceeds the quota of the home"),
}
STATUSES = {"SETTLED": (SETTLED, "it settled"), **_JUDGED, **_APPLIED}
"""Number and meaning of each status by its name, in order of precedence."""

JUDGED = frozenset(number for number, _ in _JUDGED.values())
"""Numbers of the statuses that are never journaled: a submission with one is refused whole."""

_NAMES = {number: name for name, (number, _) in STATUSES.items()}


def number_of(name: str) -> int:
    """The number of the status with that name."""
    return STATUSES[name][0]


def name_of(number: int) -> str:
    """The name of the status with that number."""
    return _NAMES[number]


def meaning_of(number: int) -> str:
    """What a status says of a transaction, in plain words."""
    return STATUSES[_NAMES[number]][1]
