//! Signatures by suite: one rule of validity for each, the same whether they are checked singly or in batches.
