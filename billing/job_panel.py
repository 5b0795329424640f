"""What a job's page says of its invoice."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from billing.billable import SENTENCES, problems_of, profiles_of
from billing.models import Invoice
from console.reader import StaffReader
from jobs.choices import JobStatus
from jobs.hooks import Panel
from jobs.models import Job


def billing_of_job(request: HttpRequest, job: Job) -> Panel | None:
    """On which invoice a job is, or what keeps it from one; for those who may see invoices."""
    user = request.user
    if not user.has_perm("billing.view_invoice") or (job.status != JobStatus.COMPLETED and not job.is_billed):
        return None
    reader = StaffReader(user)
    invoice = reader.rows(Invoice.objects.filter(invoice_jobs__job=job, invoice_jobs__released_at=None)).first()
    problems = [] if job.is_billed else problems_of(job, profiles_of([job.customer_id]).get(job.customer_id))
    context = {
        "job": job,
        "invoice": invoice,
        "problems": [SENTENCES[problem] for problem in problems],
        "may_bill": not job.is_billed and user.has_perm("billing.add_invoice", job),
    }
    return Panel(_("Invoice"), render_to_string("billing/admin/job_panel.html", context, request=request))
