"""The central bank's office decides what is issued and redeemed: proposals, officers' approvals and the supply report."""
