"""The pages of job templates in the console."""

from templates_app.admin.templates import JobTemplateAdmin

__all__ = ["JobTemplateAdmin"]
