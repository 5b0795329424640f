"""What is done to customers, staff, workers, accounts and invitations."""

from accounts.services.archiving import archive_customer, delete_customer, restore_customer
from accounts.services.invitations import (
    deliver_invitation,
    end_sessions,
    make_invitation,
    send_waiting_invitations,
    use_invitation,
    withdraw_invitations,
)
from accounts.services.languages import choose_language
from accounts.services.staff import invite_staff, save_staff, send_password_link, switch_off_staff, switch_on_staff
from accounts.services.workers import accounts_for, archive_worker, delete_worker, restore_worker, save_worker
from accounts.services.zones import choose_zone, note_browser_zone

__all__ = [
    "accounts_for",
    "archive_customer",
    "archive_worker",
    "choose_language",
    "choose_zone",
    "delete_customer",
    "delete_worker",
    "deliver_invitation",
    "end_sessions",
    "invite_staff",
    "make_invitation",
    "note_browser_zone",
    "restore_customer",
    "restore_worker",
    "save_staff",
    "save_worker",
    "send_password_link",
    "send_waiting_invitations",
    "switch_off_staff",
    "switch_on_staff",
    "use_invitation",
    "withdraw_invitations",
]
