from __future__ import annotations

from audit.changelog import tracked_models
from audit.models import HistoryRow

# The label of a template field is its name, which is what history would write there too.
MEANS_THE_SAME = {("templates_app.TemplateField", "label")}


def test_no_field_of_a_record_hides_a_fact_of_its_history():
    facts = {field.name for field in HistoryRow._meta.get_fields()}
    hiding = {
        (model._meta.label, field.name)
        for model in tracked_models()
        for field in model._meta.get_fields()
        if field.name in facts
    }
    assert hiding - MEANS_THE_SAME - {("imports.ImportRun", "request_id")} == set()
