"""A price that was typed in one sum becomes one line of that sum: jobs made from the template cost what they did."""

from django.db import migrations


def make_lines(apps, schema_editor):
    template_model = apps.get_model("templates_app", "JobTemplate")
    for template in template_model.objects.filter(price__isnull=False):
        if not template.price_lines:
            line = {"description": template.name, "quantity": "1", "unit_price": f"{template.price:.2f}"}
            template_model.objects.filter(pk=template.pk).update(price_lines=[line])


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0003_price_lines")]

    operations = [migrations.RunPython(make_lines, migrations.RunPython.noop)]
