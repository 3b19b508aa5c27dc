"""The registration centre decides the order of submissions, writes it down durably and answers what became of each."""
