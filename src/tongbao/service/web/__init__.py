"""What people see: the built pages, the network's description for them, and the front that passes on all else."""
