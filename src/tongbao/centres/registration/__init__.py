"""The registration centre decides the order of submissions, writes it down durably and answers what became of each.

ports = RegistrationPorts(journal=journal, snapshots=snapshots, store=store, disk=disk, clock=clock, spawn=spawn)
settings = RegistrationSettings(
    receipt_key=receipt_key, kernel_class=select_kernel("auto"), directory="data/journal"
)
centre = RegistrationCentre(ports, settings)
await centre.start()
answer = await centre.submit(SubmissionRequest(submission=submission.encode()), caller=submission.home)
"""

from tongbao.centres.registration.centre import RegistrationCentre, RegistrationPorts, RegistrationSettings

__all__ = ["RegistrationCentre", "RegistrationPorts", "RegistrationSettings"]
