"""What people do with alerts and messages."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Label, User
from alerts.addresses import mobile_number
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import Alert, Delivery
from alerts.segments import length_of
from alerts.services.asked_again import quiet_until, waits_until_quiet_hours_end, why_over
from alerts.services.delivering import tell_source
from alerts.services.settling import require_uncertain, settle
from alerts.services.words import words_of, words_to_send
from alerts.sources import MustNotGo, source_for
from alerts.subjects import SubjectColumns
from alerts.tokens import Facts
from alerts.wording import sms_text
from audit.act import acting
from audit.wording import office_language
from background.waking import wake_after_commit
from console.errors import Refused
from console.reach import By, open_to_all, require_reach
from jobs.services import lock_jobs
from templates_app.models import JobTemplate


def resend(delivery: Delivery, *, by: By, seen: int | None = None) -> Delivery:
    """The same words to the same recipient once more, as a message of its own. One that was uncertain is settled by
    that.

    ``seen``: the newest message sent again from it that whoever asks knows of (0: none); None: they do not say. Raises
    Refused where there is a newer one, while the first one is on its way, for one that was uncertain and was sent
    again, for one that never had an address, when its recipient wants no more, and for a personal mail that must not
    go out any more.
    """
    require_reach(by, delivery)
    with transaction.atomic(), acting(by=by):
        delivery = _lock(delivery)
        _require_nothing_newer(delivery, seen)
        return _send_again(delivery, by)


def resend_uncertain(delivery: Delivery, *, by: By) -> Delivery:
    """The same for a message that may or may not have arrived; raises Refused also for every other one."""
    require_reach(by, delivery)
    with transaction.atomic(), acting(by=by):
        delivery = _lock(delivery)
        require_uncertain(delivery)
        return _send_again(delivery, by)


def say_not_needed(delivery: Delivery, *, by: By, reason: str = "") -> Delivery:
    """Nobody needs an uncertain message any more, whether it arrived or not: nothing is sent.

    ``reason``: where empty, why it could not be sent again. Kept with who said so, and when. Raises Refused without
    either, and for a message that is not uncertain (any more).
    """
    require_reach(by, delivery)
    with transaction.atomic(), acting(by=by):
        delivery = _lock(delivery)
        require_uncertain(delivery)
        if not (reason := reason.strip() or why_not_again(delivery)):
            raise Refused(_("It could still be sent. Give a reason why it isn't needed any more."))
        settle(delivery, DeliveryState.NOT_NEEDED, reason)
        tell_source([delivery])
    return delivery


def why_not_again(delivery: Delivery) -> str:
    """Return why a message must not be sent once more, as it is kept; empty where it may."""
    with office_language():
        try:
            _require_that_it_can_go(delivery)
        except (Refused, ValidationError) as problem:
            return " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
    return ""


def newest_resend(delivery: Delivery) -> int:
    """Return the primary key of the newest message that was sent again from this one; 0 where there is none."""
    return delivery.resends.aggregate(newest=Max("pk"))["newest"] or 0


def _lock(delivery: Delivery) -> Delivery:
    """The message, locked until the transaction ends: of two who send it again, the second sees what the first did."""
    # The job first, as whoever deletes it does.
    if delivery.job_id:
        lock_jobs({delivery.job_id})
    return Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)


def _require_nothing_newer(delivery: Delivery, seen: int | None) -> None:
    if seen is None or newest_resend(delivery) == seen:
        return
    raise Refused(
        _("This was sent again meanwhile. To send it once more, close this and choose “Send again” on its page.")
    )


def _send_again(delivery: Delivery, by: By) -> Delivery:
    _require_that_it_can_go(delivery)
    again = _copy(delivery, by)
    if delivery.state == DeliveryState.UNCERTAIN:
        settle(delivery, DeliveryState.SENT_AGAIN)
    tell_source([again])
    wake_after_commit(Delivery.TASK, again.channel)
    return again


def _require_that_it_can_go(delivery: Delivery) -> None:
    """Raise Refused, with the reason, for a message (locked) that is not to be sent once more."""
    if not delivery.is_over:
        raise Refused(_("This message is still on its way. Wait until it is settled."))
    if delivery.state == DeliveryState.SENT_AGAIN:
        require_uncertain(delivery)
    if not delivery.recipient or not delivery.body:
        raise Refused(_("This message has no address or no words. Correct the job, then do it again there."))
    if delivery.audience == Audience.GUEST:
        raise Refused(_("A code works once and is not kept. Whoever needs one asks for a fresh one."))
    if why := why_over(delivery, by_hand=True):
        raise Refused(why)
    if delivery.channel == Channel.SMS:
        mobile_number(delivery.recipient)
    if delivery.is_personal:
        try:
            words_to_send(delivery)
        except MustNotGo as problem:
            raise Refused(str(problem)) from problem


def _copy(delivery: Delivery, by: By) -> Delivery:
    again = Delivery.objects.get(pk=delivery.pk)
    if again.job_id and not lock_jobs({again.job_id}):
        again.job = again.event_id = None
    again.pk = None
    again._state.adding = True
    now = timezone.now()
    again.resend_of, again.asked_by = delivery, by if isinstance(by, User) else None
    again.renew_token()
    again.state, again.why, again.tries, again.reference = DeliveryState.QUEUED, "", 0, ""
    again.next_attempt_at = again.created_at = now
    if quiet_end := quiet_until(again, now):
        again.next_attempt_at, again.why = quiet_end, waits_until_quiet_hours_end()
    again.let_go()
    again.handed_over_at = again.sent_at = again.read_at = again.settled_at = None
    again.settled_by = again.settled_reason = ""
    again.save()
    return again


def send_test(alert: Alert, facts: Facts, *, by: User) -> list[Delivery]:
    """What an alert would say about a record (``EventSource.sample_facts``), to oneself: by e-mail, and by text message
    where it has a text and she a mobile. Raises Refused when there is nothing to say."""
    columns = facts.subject.columns
    require_reach(by, alert, action="view")
    require_reach(by, columns["job"], columns["portal_user"])
    words = words_of(alert, facts)
    made = []
    if words.message:
        subject = _("Test: %s") % words.subject
        made.append(_test(alert, columns, by, Channel.EMAIL, by.email, subject=subject[:300], body=words.message))
    if words.sms and facts.settings.sms_enabled and by.phone:
        made.append(_test(alert, columns, by, Channel.SMS, mobile_number(by.phone), body=words.sms))
    if not made:
        raise Refused(_("There is nothing to send: write a message first."))
    for delivery in made:
        delivery.language = words.language
        if delivery.channel == Channel.SMS:
            delivery.segments = length_of(sms_text(words_to_send(delivery)[1], delivery.stop_url)).segments
    with transaction.atomic(), acting(by=by):
        if (job := columns["job"]) is not None and not lock_jobs({job.pk}):
            raise Refused(_("This job no longer exists."))
        for delivery in made:
            delivery.save()
        for channel in {delivery.channel for delivery in made}:
            wake_after_commit(Delivery.TASK, channel)
    return made


def _test(alert: Alert, columns: SubjectColumns, by: User, channel: Channel, address: str, **words: str) -> Delivery:
    source = source_for(alert.event)
    return Delivery(
        **({"event_model": source.model._meta.label_lower} if source else {}),
        **columns,
        kind=alert.event,
        alert=alert,
        audience=Audience.STAFF,
        channel=channel,
        recipient=address,
        recipient_name=str(by)[:160],
        user=by,
        reply_to=alert.reply_to,
        next_attempt_at=timezone.now(),
        is_test=True,
        asked_by=by,
        **words,
    )


def save_alert(
    alert: Alert,
    *,
    by: By,
    templates: Iterable[JobTemplate] | None = None,
    customers: Iterable[Customer] | None = None,
    labels: Iterable[Label] | None = None,
    staff: Iterable[User] | None = None,
) -> Alert:
    """Saves a new alert, or a changed one, with what it is limited to; None leaves that as it is.

    Raises NotAllowed for one that is not, or would not be, within what was granted to ``by``, ValidationError {field:
    sentence} where an empty field would mean more than they see.
    """
    if alert.pk is not None:
        require_reach(by, alert)
    with transaction.atomic(), acting(by=by):
        alert.save()
        if templates is not None:
            alert.templates.set(templates)
        if customers is not None:
            alert.customers.set(customers)
        if labels is not None:
            alert.labels.set(labels)
        if staff is not None:
            alert.staff.set(staff)
        if wide := open_to_all(by, alert):
            raise ValidationError(wide)
        require_reach(by, alert)
        return alert


def delete_alert(alert: Alert, *, by: By) -> None:
    """Removes an alert for good: nobody is told any more. Messages stay. Raises NotAllowed beyond reach."""
    require_reach(by, alert)
    with transaction.atomic(), acting(by=by):
        alert.delete()


def switch_alert(alert: Alert, *, to: bool, by: By) -> Alert:
    """Switches an alert on or off. What is queued when it is switched off does not go out (``asked_again``)."""
    with transaction.atomic(), acting(by=by):
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        require_reach(by, alert)
        if alert.is_active != to:
            alert.is_active = to
            alert.save()
    return alert


def mark_read(user: User | AnonymousUser) -> int:
    """The notices in the console that a member of staff had not read are read now; returns how many."""
    return Delivery.objects.notices_for(user).update(read_at=timezone.now())
