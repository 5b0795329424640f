"""The addresses of the companion site. They carry references, never primary keys."""

from django.urls import path

from portal_site.doors import by_link, by_login
from portal_site.views import alerts, branding, entry, guest, home, job_map, jobs, joining, orders, two_factor, view_as

app_name = "portal_site"

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", entry.SignIn.as_view(), name="login"),
    path("login/code/", two_factor.ask_second_step, name="second_step"),
    path("logout/", entry.SignOut.as_view(), name="logout"),
    path("password/", entry.ForgottenPassword.as_view(), name="password_reset"),
    path("password/sent/", entry.ResetSent.as_view(), name="password_reset_sent"),
    path("password/new/<str:uidb64>/<str:token>/", entry.NewPassword.as_view(), name="password_reset_confirm"),
    path("me/", home.me, name="me"),
    path("me/two-factor/", two_factor.two_factor_page, name="two_factor"),
    path("me/details/", home.change_details, name="change_details"),
    path("me/sign-out-everywhere/", home.sign_out_everywhere, name="sign_out_everywhere"),
    path("me/password/", entry.ChangePassword.as_view(), name="password_change"),
    path("accounts/", home.accounts, name="accounts"),
    path("accounts/switch/", home.switch_account, name="switch_account"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/export.csv", jobs.export_jobs, name="export_jobs"),
    path("jobs/new/", orders.choose_kind, name="choose_kind"),
    path("jobs/new/<slug:slug>/", orders.new_job, name="new_job"),
    # One job, by login and by portal link: tests/portal_site/test_guests_have_every_page.py compares the two lists.
    path("jobs/<str:number>/", by_login(jobs.job), name="job"),
    path("jobs/<str:number>/status/", by_login(jobs.job_status), name="job_status"),
    path("jobs/<str:number>/cancel/", by_login(jobs.cancel_job), name="cancel_job"),
    path("jobs/<str:number>/messages/", by_login(alerts.job_alerts), name="job_alerts"),
    path("jobs/<str:number>/messages/stop/", by_login(alerts.stop_alert), name="stop_job_alert"),
    path("jobs/<str:number>/edit/", by_login(orders.edit_job), name="edit_job"),
    path("jobs/<str:number>/sheet.pdf", by_login(jobs.print_job), name="print_job"),
    path("jobs/<str:number>/files/<str:reference>/", by_login(orders.job_file), name="job_file"),
    path("l/<str:token>/", guest.guest, name="guest"),
    path("l/<str:token>/status/", by_link(jobs.job_status), name="guest_status"),
    path("l/<str:token>/cancel/", by_link(jobs.cancel_job), name="guest_cancel"),
    path("l/<str:token>/messages/", by_link(alerts.job_alerts), name="guest_alerts"),
    path("l/<str:token>/messages/stop/", by_link(alerts.stop_alert), name="guest_stop_alert"),
    path("l/<str:token>/edit/", by_link(orders.edit_job), name="guest_edit"),
    path("l/<str:token>/sheet.pdf", by_link(jobs.print_job), name="guest_print"),
    path("l/<str:token>/files/<str:reference>/", by_link(orders.job_file), name="guest_file"),
    path("map/", job_map.map_page, name="map"),
    path("join/<str:token>/", joining.join, name="join"),
    path("join/<str:token>/fresh/", joining.fresh_invitation, name="fresh_invitation"),
    path("signup/", joining.signup, name="signup"),
    path("signup/sent/", joining.signup_sent, name="signup_sent"),
    path("colleagues/", joining.colleagues, name="colleagues"),
    path("colleagues/remove/", joining.remove_from_account, name="remove_colleague"),
    path("view-as/stop/", view_as.stop_view_as, name="stop_view_as"),
    path("brand.css", branding.brand_css, name="brand_css"),
    path("brand/logo/", branding.brand_logo, name="brand_logo"),
]
