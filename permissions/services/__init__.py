"""What is decided about rights, and what is done to portal users and their links."""

from permissions.services.colleagues import invite_colleague, remove_colleague
from permissions.services.decisions import (
    grant,
    set_default_templates,
    set_only_listed_templates,
    set_override,
    set_template_access,
    withdraw_grant,
)
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
    "activate",
    "enable_portal",
    "end_view_as",
    "grant",
    "invite_colleague",
    "invite_portal_user",
    "link_customer",
    "reactivate_portal_user",
    "remove_colleague",
    "remove_portal_user",
    "resend_invitation",
    "save_portal_user",
    "set_default_templates",
    "set_only_listed_templates",
    "set_override",
    "set_template_access",
    "sign_up",
    "start_view_as",
    "suspend_portal_user",
    "unlink_customer",
    "withdraw_grant",
]
