"""What is done to customers, portal users, links, staff, workers and invitations."""

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
from permissions.services.colleagues import invite_colleague, remove_colleague
from permissions.services.portal_users import (
    Invited,
    enable_portal,
    invite_portal_user,
    link_customer,
    reactivate_portal_user,
    remove_portal_user,
    resend_invitation,
    save_portal_user,
    suspend_portal_user,
    unlink_customer,
)
from permissions.services.signing_up import SignUp, activate, sign_up
from permissions.services.view_as import end_view_as, start_view_as

__all__ = [
    "Invited",
    "SignUp",
    "accounts_for",
    "activate",
    "archive_customer",
    "archive_worker",
    "choose_language",
    "choose_zone",
    "delete_customer",
    "delete_worker",
    "deliver_invitation",
    "enable_portal",
    "end_sessions",
    "end_view_as",
    "invite_colleague",
    "invite_portal_user",
    "invite_staff",
    "link_customer",
    "make_invitation",
    "note_browser_zone",
    "reactivate_portal_user",
    "remove_colleague",
    "remove_portal_user",
    "resend_invitation",
    "restore_customer",
    "restore_worker",
    "save_portal_user",
    "save_staff",
    "save_worker",
    "send_password_link",
    "send_waiting_invitations",
    "sign_up",
    "start_view_as",
    "suspend_portal_user",
    "switch_off_staff",
    "switch_on_staff",
    "unlink_customer",
    "use_invitation",
    "withdraw_invitations",
]
