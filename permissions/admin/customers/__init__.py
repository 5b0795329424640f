"""Customers: who orders the work, with contacts, locations, people and jobs."""

from permissions.admin.customers.page import CustomerAdmin

__all__ = ["CustomerAdmin"]
