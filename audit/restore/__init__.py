"""Taking back everything one request did, record by record, naming what stands in the way.

PRODUCT.md section 10. A record created in the request is removed, a changed one gets its old values back, a deleted one
returns with its old key. What somebody changed since is kept and named. What is in the way (something depends on a
record, a unique value is taken, what it referred to is gone) is named before anything is done, and then nothing is.
Records are saved one by one and checked like any other, so the taking back itself stands in history and can be taken
back too (docs/decisions/0072-taking-back.md).
"""

from audit.restore.doing import plan_restore, restore_request, says_taken_back
from audit.restore.findings import Finding, Hindered
from audit.restore.plan import MOST, Plan, RestoreStep
from audit.restore.rules import RULES, UNMISSED, Rule
from audit.restore.telling import Names, Sentence, Telling, tell, unseen_records

__all__ = [
    "MOST",
    "RULES",
    "UNMISSED",
    "Finding",
    "Hindered",
    "Names",
    "Plan",
    "RestoreStep",
    "Rule",
    "Sentence",
    "Telling",
    "plan_restore",
    "restore_request",
    "says_taken_back",
    "tell",
    "unseen_records",
]
