"""What is done to customers, staff, workers, accounts and invitations."""

from accounts.services.contacts import change_contacts, delete_location, save_location
from accounts.services.customers import archive_customer, delete_customer, restore_customer, save_customer
from accounts.services.invitations import (
    end_sessions,
    make_invitation,
    use_invitation,
    withdraw_invitations,
)
from accounts.services.labels import delete_label, save_label
from accounts.services.languages import choose_language
from accounts.services.staff import invite_staff, save_staff, send_password_link, switch_off_staff, switch_on_staff
from accounts.services.tokens import find_token, forget_answers, make_token, may_hand_keys, revoke_token
from accounts.services.workers import accounts_for, archive_worker, delete_worker, restore_worker, save_worker
from accounts.services.zones import choose_zone, note_browser_zone

__all__ = [
    "accounts_for",
    "archive_customer",
    "archive_worker",
    "change_contacts",
    "choose_language",
    "choose_zone",
    "delete_customer",
    "delete_label",
    "delete_location",
    "delete_worker",
    "end_sessions",
    "find_token",
    "forget_answers",
    "invite_staff",
    "make_invitation",
    "make_token",
    "may_hand_keys",
    "note_browser_zone",
    "restore_customer",
    "restore_worker",
    "revoke_token",
    "save_customer",
    "save_label",
    "save_location",
    "save_staff",
    "save_worker",
    "send_password_link",
    "switch_off_staff",
    "switch_on_staff",
    "use_invitation",
    "withdraw_invitations",
]
