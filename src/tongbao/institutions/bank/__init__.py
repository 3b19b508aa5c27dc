"""The institution's dealings with the central bank: issuance into its vault and redemption from it."""
