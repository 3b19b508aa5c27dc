"""The central bank's office decides what is issued and redeemed: proposals, officers' approvals, supply report."""
