"""The companion site's pages: fetch through ``access``, bind a form, call a service, render."""
