"""The companion site's pages: fetch from ``request.visitor``, bind a form, call a service, render."""
