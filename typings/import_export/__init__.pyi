from import_export import fields as fields
from import_export import resources as resources
from import_export import widgets as widgets
